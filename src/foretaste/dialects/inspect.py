"""Inspect's chat messages, with what was moved out of them put back."""

from collections.abc import Iterator
from typing import Any

import msgspec

from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

ATTACHMENT = "attachment://"
_MOST = 64 << 20  # characters that attachments of one record may come to
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


class _Call(msgspec.Struct):
    function: str
    id: str = ""
    arguments: dict[str, Any] | str | None = None


class _Part(msgspec.Struct):
    type: str = "text"
    text: str | None = None
    reasoning: str | None = None
    summary: str | None = None
    redacted: bool = False
    refusal: bool | None = None


class _Error(msgspec.Struct):
    message: str = ""


class _Message(msgspec.Struct):
    role: str
    content: str | list[str | _Part] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | list[str] | None = None
    function: str | None = None
    error: _Error | None = None


def said(value: JSON) -> Said:
    """Read a list of messages that is parsed already, with `attachments` put back.

    Raises:
        Unreadable: a role that nobody knows.
        msgspec.ValidationError: it is no list of Inspect's messages.
    """
    raw = msgspec.convert(value, list[_Message])
    return Said(
        tuple(_message(message, at) for at, message in enumerate(raw)), frozenset(_lost(raw))
    )


def restored(value: JSON, attachments: dict[str, str]) -> JSON:
    """Put texts that were moved to `attachments` back to where a reference to them stands.

    Raises:
        Unreadable: they come to more than any record should hold.
    """
    return _Restoring(attachments).value(value)


class _Restoring:
    def __init__(self, attachments: dict[str, str]) -> None:
        self._attachments = attachments
        self._left = _MOST

    def value(self, value: JSON) -> JSON:
        match value:
            case str() if value.startswith(ATTACHMENT):
                text = self._attachments.get(value.removeprefix(ATTACHMENT), value)
                self._left -= len(text)
                if self._left < 0:
                    raise Unreadable("its attachments come to more than a record may hold")
                return text
            case list():
                return [self.value(each) for each in value]
            case dict():
                return {name: self.value(each) for name, each in value.items()}
        return value


def _message(message: _Message, at: int) -> Message:
    role = _ROLES.get(message.role)
    if role is None:
        raise Unreadable(f"unknown role at messages[{at}]")
    content = _text(message.content)
    if role == "tool" and message.error is not None and message.error.message:
        content = message.error.message  # which the model is shown instead
    calls = message.tool_calls or []
    answers = message.tool_call_id if isinstance(message.tool_call_id, str) else None
    return Message(
        role=role,
        content=content,
        name=message.function,
        reasoning=_reasoning(message.content),
        tool_calls=tuple(_call(call, f"call_{at}_{n}") for n, call in enumerate(calls)),
        tool_call_id=answers,
    )


def _call(call: _Call, otherwise: str) -> ToolCall:
    given = call.arguments
    text = given if isinstance(given, str) else msgspec.json.encode(given or {}).decode()
    return ToolCall(id=call.id or otherwise, name=call.function, arguments=text)


def _text(content: str | list[str | _Part] | None) -> str:
    if not isinstance(content, list):
        return content or ""
    texts = [
        part if isinstance(part, str) else part.text if part.type == "text" else None
        for part in content
    ]
    return "\n".join(text for text in texts if text)


def _reasoning(content: str | list[str | _Part] | None) -> str | None:
    parts = [p for p in content if isinstance(p, _Part)] if isinstance(content, list) else []
    thoughts = [p.summary if p.redacted else p.reasoning for p in parts if p.type == "reasoning"]
    return "\n".join(thought for thought in thoughts if thought) or None


def _lost(raw: list[_Message]) -> Iterator[Gap]:
    for message in raw:
        content = message.content
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str) and part.startswith(ATTACHMENT):
                yield Gap.TRUNCATED  # a reference that leads nowhere
            if not isinstance(part, _Part):
                continue
            if part.type == "reasoning":
                if part.redacted or not part.reasoning:
                    yield Gap.REASONING
            elif part.type == "tool_use":
                yield Gap.TRUNCATED  # a tool that ran at the provider; no message can hold it
            elif part.type != "text":
                yield Gap.ATTACHMENTS
            elif (part.text or "").startswith(ATTACHMENT):
                yield Gap.TRUNCATED
