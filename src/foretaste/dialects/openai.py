"""OpenAI's chat messages, from shapes to records."""

from collections.abc import Iterable, Iterator

import msgspec

from foretaste.dialects.openai_shapes import Part, RawCall, RawMessage, Usage
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


def said(value: JSON) -> Said:
    """Read a list of messages that is parsed already.

    Raises:
        Unreadable: a role that nobody knows, or a call that names no function.
        msgspec.ValidationError: it is no list of OpenAI's messages.
    """
    raw = msgspec.convert(value, list[RawMessage])
    messages = messages_of(raw)
    return Said(messages, frozenset(lost_of(raw, messages)))


def messages_of(raw: Iterable[RawMessage]) -> tuple[Message, ...]:
    """Messages in the records' form; a call without an id gets its place as id.

    Raises:
        Unreadable: a role that nobody knows, or a call that names no function.
    """
    found: list[Message] = []
    legacy_call: str | None = None
    for at, message in enumerate(raw):
        role = _ROLES.get(message.role)
        if role is None:
            raise Unreadable(f"unknown role at messages[{at}]")
        calls: tuple[ToolCall, ...] = ()
        if message.tool_calls:
            calls = tuple(
                _call(call, f"call_{at}_{n}") for n, call in enumerate(message.tool_calls)
            )
        if message.function_call is not None:
            legacy_call = f"call_{at}"
            calls += (_call(RawCall(function=message.function_call), legacy_call),)
        answers = message.tool_call_id
        if message.role == "function":
            answers = answers or legacy_call
        found.append(
            Message(
                role=role,
                content=_text(message),
                name=message.name,
                reasoning=message.reasoning_content or message.reasoning,
                tool_calls=calls,
                tool_call_id=answers,
            )
        )
    return tuple(found)


def _call(call: RawCall, otherwise: str) -> ToolCall:
    """Read a tool call; one that has no id gets its place as id."""
    if call.function is not None:
        arguments = call.function.arguments
        if isinstance(arguments, dict):
            arguments = msgspec.json.encode(arguments).decode()
        return ToolCall(id=call.id or otherwise, name=call.function.name, arguments=arguments or "")
    if call.custom is not None:
        return ToolCall(id=call.id or otherwise, name=call.custom.name, arguments=call.custom.input)
    raise Unreadable("a tool call that names no function")


def _text(message: RawMessage) -> str:
    """A message's text; a refusal is what the model said, so it is text too."""
    content = message.content
    if isinstance(content, str) and not message.refusal:
        return content
    if isinstance(content, list):
        texts = [part if isinstance(part, str) else part.text or part.refusal for part in content]
    else:
        texts = [content]
    return "\n".join(text for text in [*texts, message.refusal] if text)


def lost_of(
    raw: Iterable[RawMessage], messages: Iterable[Message], usage: Usage | None = None
) -> Iterator[Gap]:
    """What the messages themselves show to be lost: attachments, and reasoning that was paid."""
    for message in raw:
        parts = message.content if isinstance(message.content, list) else ()
        if message.audio is not None or (parts and not all(map(_is_text, parts))):
            yield Gap.ATTACHMENTS
    details = usage.completion_tokens_details if usage else None
    if details and details.reasoning_tokens and not any(m.reasoning for m in messages):
        yield Gap.REASONING


def _is_text(part: str | Part) -> bool:
    return isinstance(part, str) or part.text is not None or bool(part.refusal)
