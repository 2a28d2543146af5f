"""Chat completions that OpenAI stored, and their messages, as its API lists them.

`GET /v1/chat/completions` and `/v1/chat/completions/{id}/messages` give pages `{"object": "list",
"data": [...]}`; single completions, and several pages in one file, are read alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import Broken, LogFile
from foretaste.adapters.readers.openai_chat import parsed
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    reason_of,
)
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Conversation, Failure

_LINE = re.compile(rb'\s*\{[ \t]*"')
_BEGINS = re.compile(rb'\{\s*"(?:object|id|data)"\s*:')
_COMPLETION = b"chat.completion"
_DAMAGE = (UnicodeError, RecursionError, OverflowError)
_NO_MESSAGES = "its messages are not in the log; fetch /v1/chat/completions/{id}/messages too"
_NOT_ALL = "its messages are not all in the log; fetch the other pages too"
_NO_COMPLETION = "the completion of these messages is not in the log"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIStored:
    """Reads stored chat completions together with their messages, wherever in the log both are.

    A message belongs to the completion whose id its own begins with.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (scalars of `metadata`) that a record must have to be read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each completion's conversation, or a `Failure`; completions are numbered.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._records(), self.where)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        keys = outline(head)
        if b"list" in keys.get("object", ()):
            message = "data[].role" in keys and "data[].content_parts" in keys
            return message or _COMPLETION in keys.get("data[].object", ())
        alone = "choices" in keys and "messages" not in keys
        return alone and _COMPLETION in keys.get("object", ())

    def _records(self) -> Iterator[Conversation | Failure]:
        broken: list[Failure] = []
        for group in grouped(self._pieces(broken)):
            first = group[0]
            yield attempt(first.source, first.number, partial(_joined, group))
        yield from broken

    def _pieces(self, broken: list[Failure]) -> Iterator[Piece]:
        for file in known_files(self.path, self.recognizes):
            if isinstance(file, Failure):
                broken.append(file)
            else:
                yield from _of_file(file, broken)


def _of_file(file: LogFile, broken: list[Failure]) -> Iterator[Piece]:
    number = 0
    for record in lines_or_elements(file, _LINE, _BEGINS):
        if isinstance(record, Broken):
            broken.append(failed(file.name, record.number, record.reason))
            continue
        try:
            values = [
                (_place(value), msgspec.json.encode(value))
                for value in _listed(msgspec.json.decode(record.data))
            ]
        except (Unreadable, msgspec.MsgspecError, *_DAMAGE) as error:
            broken.append(failed(file.name, record.number, reason_of(error)))
            continue
        for place, data in values:
            number += 1
            if place is None:
                broken.append(failed(file.name, number, "neither a completion nor a message"))
            else:
                yield Piece(*place, number, file.name, data)


def _listed(value: JSON) -> Iterator[dict[str, Any]]:
    """What a page lists; the last message of a page that another follows says so."""
    page = isinstance(value, dict) and value.get("object") == "list"
    values = value.get("data") if page else [value]
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise Unreadable("neither a completion nor a page of them")
    for at, each in enumerate(values):
        last = page and at == len(values) - 1 and value.get("has_more") is True
        yield each | {"more": True} if last else each


def _place(value: dict[str, Any]) -> tuple[str, str] | None:
    """The completion that a value is or belongs to, and its place there."""
    known = value.get("id")
    if not isinstance(known, str):
        return None
    if "choices" in value:
        return known, ""
    completion, _, index = known.rpartition("-")
    if "role" in value and completion and index.isascii() and index.isdigit():
        return completion, f"{index:0>9}"
    return None


def _joined(group: list[Piece]) -> Parsed:
    """A completion and its messages, each taken once, as one record of OpenAI chat."""
    if group[0].order:
        raise Unreadable(_NO_COMPLETION)
    whole = msgspec.json.decode(group[0].data)
    messages = {piece.order: msgspec.json.decode(piece.data) for piece in group if piece.order}
    held = whole.get("messages")
    held = held.get("data") if isinstance(held, dict) else held
    if not messages and not held:
        raise Unreadable(_NO_MESSAGES)
    wanted = [f"{at:0>9}" for at in range(len(messages))]
    if list(messages) != wanted or (messages and messages[wanted[-1]].get("more")):
        raise Unreadable(_NOT_ALL)
    said = list(messages.values()) or held
    if isinstance(said, list):
        said = [_with_parts(each) for each in said]
    asker = whole.get("user") or whole.get("input_user")
    return parsed(msgspec.json.encode(whole | {"messages": said, "user": asker}))


def _with_parts(message: JSON) -> JSON:
    """A stored message holds its text once more without what is no text."""
    if isinstance(message, dict) and isinstance(message.get("content_parts"), list):
        return message | {"content": message["content_parts"]}
    return message
