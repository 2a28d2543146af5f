"""ShareGPT: `{"id": ..., "conversations": [{"from": "human", "value": ...}, ...]}`.

Either one JSON array of such records, however long, or one record a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.streams import BOM, Broken, Line, LogFile
from foretaste.adapters.readers.reading import Parsed, read, tags_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap, Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bard": "assistant",
    "bing": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "observation": "tool",
}
_LOOKS = re.compile(rb'\s*(?:\[\s*)?\{.*?"conversations"\s*:\s*\[', re.DOTALL)
_LINE = re.compile(rb'\s*\{[ \t]*"[^\n]*?"conversations"[ \t]*:')
_BEGINS = re.compile(rb'\{\s*"(?:id|conversations)"\s*:')


class _Said(msgspec.Struct):
    from_: str = msgspec.field(name="from")
    value: str


class _Record(msgspec.Struct):
    conversations: list[_Said]
    id: str | int | None = None
    system: str | None = None
    model: str | None = None
    metadata: dict[str, Any] | None = None


class _Call(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] = ""


_RECORD = msgspec.json.Decoder(_Record)
_CALL = msgspec.json.Decoder(_Call)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareGPT:
    """Reads ShareGPT dumps: one JSON array, or one JSON object a line.

    Of an array that is cut off or damaged, every whole record is read. A conversation that
    starts with the assistant keeps that message as context.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (scalars of a record's `metadata`) that a record must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each record's conversation, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, _records, parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return _LOOKS.match(head.removeprefix(BOM)) is not None


def _records(file: LogFile) -> Iterator[Line | Broken]:
    return lines_or_elements(file, _LINE, _BEGINS)


def parsed(data: bytes) -> Parsed:
    """Read one record.

    Raises:
        Unreadable: it holds no messages, or a role that nobody knows.
    """
    record = _RECORD.decode(data)
    if not record.conversations:
        raise Unreadable("no messages")
    messages: list[Message] = []
    if record.system:
        messages.append(Message(role="system", content=record.system))
    call: ToolCall | None = None
    for at, said in enumerate(record.conversations):
        role = _ROLES.get(said.from_)
        if role is None:
            raise Unreadable(f"unknown role at conversations[{at}]")
        if said.from_ == "function_call":
            call = _call(said.value, f"call_{at}")
            calls = (call,) if call else ()
            messages.append(
                Message(role=role, content="" if call else said.value, tool_calls=calls)
            )
        else:
            answers = call.id if call and role == "tool" else None
            messages.append(Message(role=role, content=said.value, tool_call_id=answers))
    gaps = gaps_of(
        messages,
        has={
            Gap.TOOLS: (),
            Gap.SETTINGS: (),
            Gap.MODEL: record.model,
            Gap.TIME: None,
            Gap.USER: None,
        },
    )
    dialogue = Dialogue(
        messages=tuple(messages),
        model=record.model or None,
        tags=tags_of(record.metadata),
        gaps=gaps,
    )
    return dialogue, None if record.id in (None, "") else str(record.id), None


def _call(value: str, name: str) -> ToolCall | None:
    """Read a tool call; None where the text is none, and stays what the model said."""
    try:
        call = _CALL.decode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    arguments = call.arguments
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    return ToolCall(id=name, name=call.name, arguments=arguments)
