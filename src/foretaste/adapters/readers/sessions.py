"""Brings together what tracers write down apart: spans to traces, traces to sessions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.rows import rows
from foretaste.adapters.readers.files.streams import Broken, Line
from foretaste.adapters.readers.reading import FAULTS, chosen, failed, known_files, reason_of
from foretaste.records import Conversation, Failure


class Record(NamedTuple):
    """One record of a tracer's log, and where it belongs."""

    trace: str  # empty where it belongs to a session alone
    session: str  # empty where it names none
    order: str  # place within its session, compared as text; empty where it has none
    number: int  # line or record number in its file, from 1
    source: str  # file name
    data: bytes  # a JSON object


class Row(NamedTuple):
    """One record of a session."""

    trace: str
    number: int
    source: str
    data: dict[str, Any]


_BUNDLE = msgspec.json.Decoder(list[tuple[str, int, str, msgspec.Raw]])
_FAILURE = "failure"
_DEEPEST = 100  # rows around one


class Tracer(NamedTuple):
    """How one tracer writes its records."""

    recognizes: Callable[[bytes], bool]
    columns: Callable[[frozenset[str]], bool]  # whether these are a Parquet file's of this tracer
    begins: re.Pattern[bytes]  # as `rows` wants it
    expanded: Callable[[bytes], Iterator[bytes]]  # a page, or what is nested, into records
    placed: Callable[[bytes, int, str], Record]  # of one record, its number and its file
    conversations: Callable[[str, list[Row]], Iterator[Conversation | Failure]]  # of a session


def read_traces(
    path: str, tracer: Tracer, where: Mapping[str, str | int]
) -> Iterator[Conversation | Failure]:
    """Read a log of a tracer session by session; see `reading.read`.

    Raises:
        LogError: as `reading.read` does.
    """

    def every() -> Iterator[Conversation | Failure]:
        for found in sessions(_records(path, tracer)):
            if isinstance(found, Failure):
                yield found
            else:
                yield from tracer.conversations(*found)

    return chosen(path, every(), where)


def _records(path: str, tracer: Tracer) -> Iterator[Record | Failure]:
    for file in known_files(path, tracer.recognizes, tracer.columns):
        if isinstance(file, Failure):
            yield file
            continue
        for row in rows(file, tracer.begins):
            if isinstance(row, Broken):
                yield failed(file.name, row.number, row.reason)
            else:
                yield from _expanded(file.name, row, tracer)


def _expanded(source: str, row: Line, tracer: Tracer) -> Iterator[Record | Failure]:
    try:
        for data in tracer.expanded(row.data):
            try:
                yield tracer.placed(data, row.number, source)
            except FAULTS as error:
                yield failed(source, row.number, reason_of(error))
    except FAULTS as error:
        yield failed(source, row.number, reason_of(error))


def above(
    row: Mapping[str, Any], by_id: Mapping[str, dict[str, Any]], parent: str
) -> list[dict[str, Any]]:
    """The rows that one ran within, innermost first; a circle is followed once.

    Args:
        row: the innermost.
        by_id: all rows of the session.
        parent: the field that names what a row ran within.
    """
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    name = row.get(parent)
    while isinstance(name, str) and name in by_id and name not in seen and len(seen) < _DEEPEST:
        seen.add(name)
        found.append(by_id[name])
        name = by_id[name].get(parent)
    return found


def sessions(
    records: Iterable[Record | Failure],
) -> Iterator[tuple[str, list[Row]] | Failure]:
    """Yield each session's name and its rows, sorted; a trace without a session is one of its own.

    Records may lie anywhere in a log, and one of a trace that names the session is enough. One
    session at a time is in memory. Failures come where they lie, between the sessions.
    """
    for group in grouped(_traces(records)):
        if group[0].group.startswith(_FAILURE):
            yield msgspec.json.decode(group[0].data, type=Failure)
            continue
        found: list[Row] = []
        for piece in group:
            for trace, number, source, data in _BUNDLE.decode(piece.data):
                try:
                    found.append(Row(trace, number, source, msgspec.json.decode(data)))
                except RecursionError as error:  # it went well when the stack was lower
                    yield failed(source, number, reason_of(error))
        yield group[0].group.partition(":")[2], found


def _traces(records: Iterable[Record | Failure]) -> Iterator[Piece]:
    """Each trace as one piece of its session."""
    for group in grouped(_piece(n, record) for n, record in enumerate(records)):
        first = group[0]
        if first.group.startswith(_FAILURE):
            yield first
            continue
        found = [piece.data.split(b"\n", 1) for piece in group]
        session = next((name for name, _ in found if name), b"")
        name = f"session:{session.decode()}" if session else first.group
        data = msgspec.json.encode([msgspec.Raw(whole) for _, whole in found])
        # What has no time, as a score may, says nothing about when the trace began.
        order = next((piece.order for piece in group if piece.order), "")
        yield Piece(name, order, first.number, first.source, data)


def _piece(n: int, record: Record | Failure) -> Piece:
    if isinstance(record, Failure):
        return Piece(f"{_FAILURE}:{n}", "", 1, "", msgspec.json.encode(record))
    trace, session, order, number, source, data = record
    session = session.replace("\n", " ")
    group = f"trace:{trace}" if trace else f"session:{session}"
    whole = msgspec.json.encode((trace, number, source, msgspec.Raw(data)))
    return Piece(group, order, number, source, session.encode() + b"\n" + whole)
