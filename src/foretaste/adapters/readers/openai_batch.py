"""OpenAI batches: lines of requests and lines of results, joined by `custom_id`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from posixpath import dirname
from typing import ClassVar

import msgspec

from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import Broken, filled_lines
from foretaste.adapters.readers.openai_chat import parsed
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    reason_of,
)
from foretaste.adapters.readers.responses_call import call_of, dialogue_of
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Conversation, Failure, Gap

_ASKED, _GOT = "0", "1"
_NO_REQUEST = "its request is not in the log; put the batch's input file beside its output"
_NO_RESULT = "no result of this request is in the log"
_AMBIGUOUS = "several requests have its custom_id; put each batch into a folder of its own"
_CHAT, _RESPONSES = "/chat/completions", "/responses"


_NOTHING = msgspec.Raw(b"null")


class _Result(msgspec.Struct):
    status_code: int | None = None
    body: msgspec.Raw = _NOTHING


class _Line(msgspec.Struct):
    custom_id: str | int
    url: str | None = None
    body: msgspec.Raw = _NOTHING
    response: _Result | None = None
    error: JSON = None


_LINE = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIBatch:
    """Reads batches of chat completions and of responses: input, output and error files together.

    Requests of other endpoints (embeddings) are no conversations and are left out. Of several
    requests with one `custom_id` the one in the result's own folder is meant.

    Attributes:
        path: a folder with a batch's files, a glob, a file that holds both, or `-`.
        where: tags (scalars of the request's `metadata`) that a record must have to be read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each answered request's conversation, or a `Failure` with its line.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._records(), self.where)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        keys = outline(head)
        return "custom_id" in keys and bool({"body", "response", "error"} & keys.keys())

    def _records(self) -> Iterator[Conversation | Failure]:
        broken: list[Failure] = []
        for group in grouped(self._pieces(broken)):
            yield from _told(broken)
            yield from _joined(group)
        yield from _told(broken)

    def _pieces(self, broken: list[Failure]) -> Iterator[Piece]:
        for file in known_files(self.path, self.recognizes):
            if isinstance(file, Failure):
                broken.append(file)
                continue
            for line in filled_lines(file):
                if isinstance(line, Broken):
                    broken.append(failed(file.name, line.number, line.reason))
                    continue
                try:
                    found = _LINE.decode(line.data)
                except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                    broken.append(failed(file.name, line.number, reason_of(error)))
                    continue
                order = _GOT if found.body == _NOTHING else _ASKED
                yield Piece(str(found.custom_id), order, line.number, file.name, line.data)


def _told(broken: list[Failure]) -> list[Failure]:
    told = list(broken)
    broken.clear()
    return told


def _joined(group: list[Piece]) -> Iterator[Conversation | Failure]:
    """What the lines of one `custom_id` come to."""
    asked = [piece for piece in group if piece.order == _ASKED]
    got = [piece for piece in group if piece.order == _GOT]
    answered: dict[int, list[Piece]] = {}
    known: set[bytes] = set()  # requests that need no result any more
    for result in got:
        near = [at for at, each in enumerate(asked) if _folder(each) == _folder(result)]
        near = near or list(range(len(asked)))
        bodies = {_body(asked[at]) for at in near}
        known |= bodies
        if len(bodies) == 1:
            answered.setdefault(near[0], []).append(result)
        else:
            reason = _AMBIGUOUS if bodies else _NO_REQUEST
            yield failed(result.source, result.number, reason)
    for at, request in enumerate(asked):
        if not _endpoint(request):
            continue
        if _body(request) not in known:
            yield failed(request.source, request.number, _NO_RESULT)
        results = answered.get(at, [])
        good = [result for result in results if _succeeded(result)]
        for result in good or results[:1]:  # a try that failed and was repeated is not missed
            yield attempt(request.source, request.number, partial(_pair, request, result))


def _body(request: Piece) -> bytes:
    return bytes(_LINE.decode(request.data).body)


def _folder(piece: Piece) -> str:
    return dirname(piece.source)


def _succeeded(piece: Piece) -> bool:
    line = _LINE.decode(piece.data)
    result = line.response
    fine = result is not None and result.body != _NOTHING and result.status_code in (200, None)
    return fine and not line.error


def _endpoint(request: Piece) -> str:
    """What was asked: one of the endpoints that answer in words, or nothing."""
    line = _LINE.decode(request.data)
    for known in (_CHAT, _RESPONSES):
        if line.url and line.url.endswith(known):
            return known
    return _CHAT if not line.url else ""


def _pair(request: Piece, result: Piece) -> Parsed:
    if not _succeeded(result):
        raise Unreadable("the call failed")
    asked, got = _LINE.decode(request.data), _LINE.decode(result.data)
    answer = got.response.body if got.response else _NOTHING
    record = {"id": str(asked.custom_id), "request": asked.body, "response": answer}
    data = msgspec.json.encode(record)
    if _endpoint(request) == _CHAT:
        return parsed(data)
    call = call_of(msgspec.json.decode(data))
    lost = [Gap.TRUNCATED] if call.told("previous_response_id") else []
    dialogue, _, user = dialogue_of(call, lost=lost)
    return dialogue, str(asked.custom_id), user
