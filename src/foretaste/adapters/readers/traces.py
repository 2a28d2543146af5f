"""Brings together what tracers write down apart: spans to traces, traces to sessions."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.reading import failed, reason_of
from foretaste.records import Failure


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
        rows: list[Row] = []
        for piece in group:
            for trace, number, source, data in _BUNDLE.decode(piece.data):
                try:
                    rows.append(Row(trace, number, source, msgspec.json.decode(data)))
                except RecursionError as error:  # it went well when the stack was lower
                    yield failed(source, number, reason_of(error))
        yield group[0].group.partition(":")[2], rows


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
