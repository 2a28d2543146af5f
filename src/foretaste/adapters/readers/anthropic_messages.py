"""Anthropic's Messages API: a proxy's pairs, requests alone, and batches with their results."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from foretaste.adapters.readers.files.elements import elements, lines_or_elements
from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.outline import Outline, outlines
from foretaste.adapters.readers.files.streams import Broken, Line, LogFile, beginning, chunks
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    reason_of,
    tags_of,
    time_of,
)
from foretaste.dialects.anthropic_call import call_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap

_LINE = re.compile(rb'\s*+(?!\[)[^\n]*?"[\w-]+"[ \t]*:')
_FIRST_KEY = re.compile(rb'\{\s*("[\w-]+")\s*:')
_FIRST = (b'"request"', b'"custom_id"')
_WRAPPED = re.compile(rb'\s*\{\s*"requests"\s*:\s*(?=\[)')
_EVENTS = (b"event: message_start", b"event:message_start", b'data: {\\"type\\":\\"message_start')
_BLOCKS = frozenset(
    [b"tool_use", b"tool_result", b"thinking", b"server_tool_use", b"redacted_thinking"]
)


class _Record(msgspec.Struct):
    request: dict[str, Any] | None = None
    response: Any = None
    error: Any = None
    messages: Any = None
    metadata: Any = None
    id: Any = None
    request_id: Any = None
    conversation_id: Any = None
    user: Any = None
    user_id: Any = None
    timestamp: Any = None
    created_at: Any = None
    started_at: Any = None


class _Result(msgspec.Struct):
    type: str
    message: Any = None


class _BatchLine(msgspec.Struct):
    custom_id: str
    params: dict[str, Any] | None = None
    result: _Result | None = None


_ASKED, _ANSWERED, _BROKEN = "0 request", "1 result", "2 broken"
_RECORD = msgspec.json.Decoder(_Record)
_BATCH_LINE = msgspec.json.Decoder(_BatchLine)
_ANY = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicMessages:
    """Reads calls of Anthropic's Messages API.

    A record is a proxy's pair `{"request": ..., "response": ...}`, whose response may be a message,
    the list of its events or the text of its stream, or it is a request alone. Requests of a
    Message Batch are brought together with the lines of its results by `custom_id`, in whatever
    files and order they lie.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (scalars of a record's `metadata`) that a record must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each call, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._every(), self.where)

    def _every(self) -> Iterator[Conversation | Failure]:
        batches: list[LogFile] = []
        for file in known_files(self.path, self.recognizes):
            if isinstance(file, Failure):
                yield file
            elif _is_batch(beginning(file)):
                batches.append(file)
            else:
                yield from _calls(file)
        if batches:
            yield from _joined(batches)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return _is_batch(head) or any(_is_call(outline) for outline in outlines(head))


def _is_call(found: Outline) -> bool:
    if "request.messages" in found:
        return "response.choices" not in found and (_answers(found) or _asks("request.", found))
    if "custom_id" in found or "choices" in found:
        return False
    return "messages" in found and "max_tokens" in found and _asks("", found)


def _answers(found: Outline) -> bool:
    """Whether the response is a message of Anthropic's, or its stream."""
    starts = found.get("response[].type", set()) | found.get("response.body.type", set())
    text = found.get("response", set()) | found.get("response.body", set())
    return bool(
        found.get("response.type", set()) & {b"message", b"error"}
        or starts & {b"message", b"message_start"}
        or any(each.startswith(_EVENTS) for each in text)
    )


def _asks(place: str, found: Outline) -> bool:
    """Whether a request holds what only Anthropic's do, and nothing that only OpenAI's do."""

    def strings(path: str) -> set[bytes]:
        return found.get(place + path, set())

    roles = strings("messages[].role")
    foreign = ("messages[].tool_calls", "messages[].tool_call_id", "tools[].function")
    if any(place + path in found for path in foreign) or roles - {b"user", b"assistant"}:
        return False
    own = ("system", "anthropic_version", "tools[].input_schema", "thinking", "mcp_servers")
    return bool(
        any(place + path in found for path in own)
        or strings("messages[].content[].type") & _BLOCKS
        or any(b"claude" in model for model in strings("model"))
    )


def _is_batch(head: bytes) -> bool:
    if _WRAPPED.match(head):
        head = _WRAPPED.sub(b"", head)
    return any(
        "custom_id" in found and ("params.messages" in found or "result.type" in found)
        for found in outlines(head)
    )


def _calls(file: LogFile) -> Iterator[Conversation | Failure]:
    for record in _lines(file):
        if isinstance(record, Broken):
            yield failed(file.name, record.number, record.reason)
        else:
            yield attempt(file.name, record.number, partial(_parsed, record.data))


def _parsed(data: bytes) -> Parsed:
    record = _RECORD.decode(data)
    if record.request is not None and record.response is None and record.error is not None:
        raise Unreadable("the call failed")
    request = record.request if record.request is not None else _ANY.decode(data)
    return _conversation(request, record.response, record)


def _conversation(
    request: JSON, response: JSON, record: _Record, name: str | None = None
) -> Parsed:
    call = call_of(request, response)
    times = (record.timestamp, record.created_at, record.started_at)
    given = next((t for t in times if isinstance(t, str | int | float)), None)
    started_at = time_of(given)
    user = _name(call.user, record.user, record.user_id)
    about = record.metadata if isinstance(record.metadata, dict) else {}
    user = user or _name(about.get("user_id"))
    dialogue = Dialogue(
        messages=call.messages,
        settings=call.settings,
        tools=call.tools,
        model=call.model,
        started_at=started_at,
        tags=tags_of(about),
        gaps=gaps_of(
            call.messages,
            has={
                Gap.SETTINGS: call.settings,
                Gap.TOOLS: call.tools,
                Gap.MODEL: call.model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=call.lost,
        ),
        own_from=call.own_from,
        stop=call.stop,
        labels=call.labels,
    )
    key = _name(name, record.id, record.request_id, call.key, record.conversation_id)
    return dialogue, key, user


def _joined(files: list[LogFile]) -> Iterator[Conversation | Failure]:
    """Each request of the batches with its result."""
    for group in grouped(_pieces(files)):
        asked = [piece for piece in group if piece.order == _ASKED]
        answers = [piece for piece in group if piece.order == _ANSWERED]
        # A name that several batches share is told apart by the order of its files alone.
        if asked and answers and len(asked) != len(answers):
            reason = "requests and results with one custom_id do not pair"
            yield from (failed(piece.source, piece.number, reason) for piece in group)
            continue
        for at, piece in enumerate(asked or answers):
            about = piece if asked else None
            pair = partial(_pair, about, answers[at] if answers else None)
            yield attempt(piece.source, piece.number, pair)
        for piece in group:
            if piece.order == _BROKEN:
                yield failed(piece.source, piece.number, piece.data.decode())


def _pair(asked: Piece | None, answer: Piece | None) -> Parsed:
    if asked is None:
        raise Unreadable("a result without its request")
    request = _BATCH_LINE.decode(asked.data)
    result = _BATCH_LINE.decode(answer.data).result if answer else None
    if result is not None and result.type != "succeeded":
        raise Unreadable("the call failed")
    response = result.message if result else None
    if result is not None and response is None:
        raise Unreadable("the response holds no answer")
    return _conversation(request.params, response, _RECORD.decode(asked.data), request.custom_id)


def _pieces(files: list[LogFile]) -> Iterator[Piece]:
    for file in files:
        for record in _lines(file):
            reason = record.reason if isinstance(record, Broken) else ""
            if isinstance(record, Line):
                try:
                    line = _BATCH_LINE.decode(record.data)
                except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                    reason = reason_of(error)
                else:
                    kind = _ASKED if line.params is not None else _ANSWERED
                    yield Piece(line.custom_id, kind, record.number, file.name, record.data)
                    continue
            # Of a group of its own, so that no failure waits in memory.
            group = f"\0{file.name}:{record.number}"
            yield Piece(group, _BROKEN, record.number, file.name, reason.encode())


def _lines(file: LogFile) -> Iterator[Line | Broken]:
    head = beginning(file)
    wrapped = _WRAPPED.match(head)
    first = _FIRST_KEY.search(head, wrapped.end() if wrapped else 0)
    # What comes first in one record comes first in the next, and seldom in what is inside it.
    keys = b"|".join([first.group(1) if first else b"", *_FIRST]).strip(b"|")
    begins = re.compile(rb"\{\s*(?:" + keys + rb")\s*:")
    if not wrapped:
        yield from lines_or_elements(file, _LINE, begins)
        return
    for record in elements(_without(chunks(file), wrapped.end()), begins):
        if not (isinstance(record, Broken) and "after the end of the array" in record.reason):
            yield record


def _without(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The bytes of a file behind its first ones."""
    for piece in pieces:
        yield piece[size:]
        size = max(0, size - len(piece))


def _name(*values: object) -> str | None:
    for value in values:
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None
