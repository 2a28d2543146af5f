"""From a file to spans: OTLP's envelope one a file, a line or an array; or one span a record."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.streams import Broken, LogFile
from foretaste.adapters.readers.reading import FAULTS, reason_of
from foretaste.adapters.readers.traces.spans import Span, plain, record_of, span_of

_LINE = re.compile(rb'\s*\{[ \t]*"[^\n]')
_BEGINS = re.compile(
    rb'\{\s*"(?:resource(?:Spans|Logs|Metrics)"|batches"|context\.|attributes\.'
    rb'|name"\s*:\s*"[^"\\]*"\s*,\s*"(?:context|span_kind)|id"\s*:\s*"[^"\\]*"\s*,\s*"name")'
)


class Numbered(NamedTuple):
    """A span, and where it stands."""

    number: int  # line or record number in its file, from 1
    span: Span


class _Scope(msgspec.Struct):
    spans: list[msgspec.Raw] | None = None
    logRecords: list[msgspec.Raw] | None = None  # noqa: N815 - OTLP's name


class _Maker(msgspec.Struct):
    attributes: Any = None


class _Resource(msgspec.Struct):
    resource: _Maker | None = None
    scopeSpans: list[_Scope] | None = None  # noqa: N815
    instrumentationLibrarySpans: list[_Scope] | None = None  # noqa: N815 - until 2022
    scopeLogs: list[_Scope] | None = None  # noqa: N815


class _Record(msgspec.Struct):
    """One record of a file; Tempo calls the list of resources `batches`, Phoenix one `data`."""

    resourceSpans: list[_Resource] | None = None  # noqa: N815
    resourceLogs: list[_Resource] | None = None  # noqa: N815
    resourceMetrics: msgspec.Raw | None = None  # noqa: N815
    batches: list[_Resource] | None = None
    data: list[msgspec.Raw] | None = None


_RECORD = msgspec.json.Decoder(_Record)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def spans(file: LogFile) -> Iterator[Numbered | Broken]:
    """Yield the spans and log records of a file; what cannot be read is `Broken`, each for itself.

    Raises:
        LogError: the file cannot be opened.
    """
    for record in lines_or_elements(file, _LINE, _BEGINS):
        if isinstance(record, Broken):
            yield record
            continue
        for span in _spans(record.data):
            if isinstance(span, Span):
                yield Numbered(record.number, span)
            else:
                yield Broken(record.number, span)


def _spans(data: bytes) -> Iterator[Span | str]:
    """The spans of one record, or why one or all of them cannot be read."""
    try:
        record = _RECORD.decode(data)
    except FAULTS as error:
        yield reason_of(error)
        return
    lists = (record.resourceSpans, record.resourceLogs, record.batches)
    for resource in (each for found in lists for each in found or ()):
        made_by = plain(resource.resource.attributes) if resource.resource else {}
        within = (resource.scopeSpans, resource.instrumentationLibrarySpans, resource.scopeLogs)
        for scope in (each for found in within for each in found or ()):
            for raw in scope.spans or ():
                yield _read(raw, made_by, loose=False)
            for raw in scope.logRecords or ():
                yield _read(raw, made_by, loose=True)
    for raw in record.data or ():
        yield _read(raw, {}, loose=False)
    if record.resourceMetrics is None and record.data is None and all(x is None for x in lists):
        yield _read(data, {}, loose=False)


def _read(raw: bytes | msgspec.Raw, made_by: dict[str, Any], *, loose: bool) -> Span | str:
    try:
        row = _OBJECT.decode(raw)
        return record_of(row, made_by) if loose else span_of(row, made_by)
    except FAULTS as error:
        return reason_of(error)
