"""From the files of a log to conversations, by way of traces; memory holds one of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

import msgspec

from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.streams import Broken
from foretaste.adapters.readers.reading import FAULTS, chosen, failed, known_files, reason_of
from foretaste.adapters.readers.traces.envelope import spans
from foretaste.adapters.readers.traces.exchange import Dialect
from foretaste.adapters.readers.traces.spans import Span
from foretaste.adapters.readers.traces.steps import Placed, Step, steps
from foretaste.adapters.readers.traces.threads import Call, ToolTimes, threads
from foretaste.dialects.said import Unreadable
from foretaste.errors import LogError
from foretaste.records import Conversation, Failure

_SPAN = msgspec.json.Decoder(Span)
_STEP = msgspec.json.Decoder(Step)
_CONVERSATION, _TRACE, _FAILURE = "c:", "t:", "f:"  # what a group's name begins with

_Dialects = Callable[[Span], Dialect]


def conversations(
    path: str,
    where: Mapping[str, str | int],
    dialect: _Dialects,
    recognizes: Callable[[bytes], bool],
) -> Iterator[Conversation | Failure]:
    """Read the conversations of a log of spans, which may lie in it in any order.

    Args:
        path: what the user named.
        where: tags that a conversation must have; others are left out.
        dialect: by which attributes a span is read.
        recognizes: of several files those that it does not know are failures.

    Raises:
        LogError: the log cannot be opened, is empty, or holds nothing that `where` asks for.
    """

    def every() -> Iterator[Conversation | Failure]:
        empty, nothing = True, True
        traces = grouped(_pieces(path, recognizes))

        def watched() -> Iterator[list[Piece]]:
            nonlocal empty
            for trace in traces:
                empty = False
                yield trace

        for group in grouped(_steps(watched(), dialect)):
            nothing = False
            first = group[0]
            if first.group.startswith(_FAILURE):
                yield failed(first.source, first.number, first.data.decode())
            else:
                yield from _conversations(group, dialect)
        if nothing and not empty:
            raise LogError(f"log {path!r} holds spans, but no call of a model")

    return chosen(path, every(), where)


def _pieces(path: str, recognizes: Callable[[bytes], bool]) -> Iterator[Piece]:
    """All spans and log records, named by their trace, and what could not be read."""
    alone = count()
    for file in known_files(path, recognizes):
        if isinstance(file, Failure):
            yield _failure(file.source or "", file.line or 1, file.reason, next(alone))
            continue
        for found in spans(file):
            if isinstance(found, Broken):
                yield _failure(file.name, found.number, found.reason, next(alone))
                continue
            span = found.span
            try:
                data = msgspec.json.encode(span)
            except FAULTS as error:
                yield _failure(file.name, found.number, reason_of(error), next(alone))
                continue
            group = f"{_TRACE}{span.trace or f' {next(alone)}'}"
            yield Piece(group, _order(span), found.number, file.name, data)


def _failure(source: str, number: int, reason: str, n: int) -> Piece:
    return Piece(f"{_FAILURE}{n}", "", number, source, reason.encode())


def _order(span: Span) -> str:
    return f"{max(0, span.start or 0):020d}"


def _steps(traces: Iterable[list[Piece]], dialect: _Dialects) -> Iterator[Piece]:
    """All model calls and tool runs, named by their conversation, or else by their trace."""
    for trace in traces:
        name = trace[0].group
        if name.startswith(_FAILURE):
            yield from trace
            continue
        placed = [Placed(p.source, p.number, _SPAN.decode(p.data)) for p in trace]
        for place, step in steps(placed, dialect):
            group = f"{_CONVERSATION}{step.conversation}" if step.conversation else name
            data = msgspec.json.encode(step)
            yield Piece(group, _order(place.span), place.number, place.source, data)


def _conversations(group: list[Piece], dialect: _Dialects) -> Iterator[Conversation | Failure]:
    """The conversations of one group, and the calls in it that came to nothing."""
    calls: list[Call] = []
    times = ToolTimes({}, {})
    for piece in group:
        step = _STEP.decode(piece.data)
        if not step.calls:
            _take_time(step, times, dialect)
            continue
        try:
            calls.append(_call(piece, step, dialect))
        except FAULTS as error:
            yield failed(piece.source, piece.number, reason_of(error))
    key = group[0].group[len(_CONVERSATION) :].strip()
    told = 0
    for thread in threads(calls):
        if (found := thread.conversation(f"{key}#{told + 1}" if told else key, times)) is not None:
            told += 1
            yield found
        if not thread.last.exchange.answered:
            yield failed(thread.last.source, thread.last.number, "the call failed")


def _call(piece: Piece, step: Step, dialect: _Dialects) -> Call:
    span = step.span
    exchange = dialect(span).exchange(span)
    if span.failed:
        exchange = exchange._replace(answered=())
    if any(message.role not in ("assistant", "tool") for message in exchange.answered):
        raise Unreadable("the answer's message is not the assistant's")
    return Call(piece.source, piece.number, exchange, step)


def _take_time(step: Step, times: ToolTimes, dialect: _Dialects) -> None:
    seconds = step.span.seconds
    if seconds is None:
        return
    run = dialect(step.span).tool(step.span)
    if run.call is not None:
        times.by_call[run.call] = seconds
    else:
        times.by_name.setdefault(run.name, []).append(seconds)
