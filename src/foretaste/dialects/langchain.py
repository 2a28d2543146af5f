"""LangChain's messages: as constructors, as type and data, or flat; alone or in nested lists."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from foretaste.dialects import openai
from foretaste.dialects.otel import text_of
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
}
_KINDS = frozenset({*_ROLES, "chat", "remove"})
_CLASSES = {
    **{f"{kind}Message": kind.lower() for kind in ("Human", "AI", "System", "Tool", "Function")},
    "ChatMessage": "chat",
    "RemoveMessage": "remove",
}
_CHAT_ROLES: dict[str, Role] = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
}
_CALLS = frozenset({"tool_use", "tool_call", "function_call", "invalid_tool_call", "input_json"})
_THOUGHTS = ("thinking", "reasoning", "reasoning_content", "text")  # fields that may hold one


class _Call(msgspec.Struct):
    name: str | None = None
    args: Any = None
    input: Any = None
    id: str | None = None


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: Any = None


class _RawCall(msgspec.Struct):
    function: _Function
    id: str | None = None


class _Extra(msgspec.Struct):
    tool_calls: list[_RawCall] | None = None
    function_call: _Function | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    audio: Any = None


class _Message(msgspec.Struct):
    type: str
    content: str | list[str | dict[str, Any]] | None = None
    role: str | None = None
    name: str | None = None
    tool_calls: list[_Call] | None = None
    invalid_tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None
    additional_kwargs: _Extra | None = None
    usage_metadata: Any = None


def is_message(value: JSON) -> bool:
    """Whether it looks like one message in any of the forms."""
    if not isinstance(value, dict):
        return False
    if value.get("lc") is not None:
        return isinstance(value.get("kwargs"), dict)
    if _is_tracers(value):
        return True
    known = _kind(value.get("type")) in _KINDS and "role" not in value
    return known and ("content" in value or isinstance(value.get("data"), dict))


def _is_tracers(value: dict[str, Any]) -> bool:
    """Whether it is a message to which a tracer gave OpenAI's role and left LangChain's calls."""
    if not isinstance(value.get("role"), str) or "content" not in value:
        return False
    calls = value.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls else None
    return (isinstance(first, dict) and "args" in first) or "additional_kwargs" in value


def flat(value: JSON) -> list[dict[str, Any]]:
    """The messages of a list, a nested list, or one alone: each flat, with its `type`.

    Raises:
        Unreadable: there are several lists, or something that is no message.
    """
    while isinstance(value, list) and any(isinstance(inner, list) for inner in value):
        if len(value) > 1:
            raise Unreadable("several prompts in one call")
        value = value[0]
    return [_flat(each) for each in (value if isinstance(value, list) else [value])]


def said(value: JSON) -> Said:
    """Read messages that are parsed already; those with a role are read as OpenAI's.

    The arguments of a call are those that the model wrote, where the provider's form of it is
    still there. Messages that only tell a graph to remove others are left out.

    Raises:
        Unreadable: a role that nobody knows, or something that is no message.
        msgspec.ValidationError: a message has the wrong shape.
    """
    messages: list[Message] = []
    lost: set[Gap] = set()
    for at, data in enumerate(flat(value)):
        if "role" in data and not _is_tracers(data) and data.get("type") != "chat":
            other = openai.said([data])
            messages += other.messages
            lost |= other.lost
            continue
        raw = msgspec.convert(({"type": "chat"} if "role" in data else {}) | data, _Message)
        raw.type = _kind(raw.type) or raw.type
        if raw.type == "remove":
            continue
        if raw.type == "function" and raw.tool_call_id is None:
            calls = messages[-1].tool_calls if messages else ()
            raw.tool_call_id = calls[-1].id if calls else None
        messages += _messages(raw, at, lost)
    return Said(tuple(messages), frozenset(lost))


def _kind(name: object) -> str | None:
    """`ai` of `ai`, `AIMessage`, `AIMessageChunk`."""
    if not isinstance(name, str):
        return None
    name = name.removesuffix("Chunk")
    return _CLASSES.get(name, name)


def _flat(value: JSON) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("a message that is no object")
    inner = value.get("kwargs") if value.get("lc") is not None else value.get("data")
    if not isinstance(inner, dict):
        return value
    name = value.get("id")
    of_class = name[-1] if isinstance(name, list) and name else value.get("type")
    return {"type": of_class} | inner


def _messages(raw: _Message, at: int, lost: set[Gap]) -> Iterator[Message]:
    role = _CHAT_ROLES.get(raw.role or "") if raw.type == "chat" else _ROLES.get(raw.type)
    if role is None:
        raise Unreadable(f"unknown role at messages[{at}]")
    extra = raw.additional_kwargs or _Extra()
    parts = raw.content if isinstance(raw.content, list) else [raw.content or ""]
    blocks = [part for part in parts if isinstance(part, dict)]
    for block in blocks:
        if block.get("type") == "tool_result":  # as Anthropic has them, in what the user says
            answers = block.get("tool_use_id")
            content = text_of(block.get("content"))
            yield Message(role="tool", content=content, tool_call_id=_name(answers))
    texts = [_text(part, lost) for part in parts]
    thoughts = [_thought(block) for block in blocks if _is_thought(block)]
    if extra.reasoning_content and not any(thoughts):
        thoughts = [extra.reasoning_content]
    if (_paid_for_thought(raw.usage_metadata) or thoughts) and not any(thoughts):
        lost.add(Gap.REASONING)
    if extra.audio is not None:
        lost.add(Gap.ATTACHMENTS)
    only_results = bool(blocks) and all(block.get("type") == "tool_result" for block in blocks)
    if only_results and len(blocks) == len(parts):
        return
    yield Message(
        role=role,
        content="\n".join(text for text in [*texts, extra.refusal] if text),
        name=raw.name,
        reasoning="\n".join(thought for thought in thoughts if thought) or None,
        tool_calls=tuple(_calls(raw, extra, blocks, at)),
        tool_call_id=raw.tool_call_id,
    )


def _text(part: str | dict[str, Any], lost: set[Gap]) -> str:
    """A part's text; of one that is a file, only that it is lost."""
    if isinstance(part, str):
        return part
    kind = part.get("type")
    if kind in _CALLS or kind == "tool_result" or _is_thought(part):
        return ""
    text = part.get("text", part.get("refusal"))
    if isinstance(text, str):
        return text
    lost.add(Gap.ATTACHMENTS)
    return ""


def _is_thought(block: dict[str, Any]) -> bool:
    return block.get("type") in ("thinking", "redacted_thinking", "reasoning", "reasoning_content")


def _thought(block: dict[str, Any]) -> str:
    found = [block.get(name) for name in _THOUGHTS]
    summary = block.get("summary")
    if isinstance(summary, list):
        found += [part.get("text") for part in summary if isinstance(part, dict)]
    found += [inner.get("text") for inner in found if isinstance(inner, dict)]  # Bedrock's
    return "\n".join(text for text in found if isinstance(text, str) and text)


def _paid_for_thought(usage: JSON) -> bool:
    details = usage.get("output_token_details") if isinstance(usage, dict) else None
    return bool(isinstance(details, dict) and details.get("reasoning"))


def _calls(
    raw: _Message, extra: _Extra, blocks: Iterable[dict[str, Any]], at: int
) -> Iterator[ToolCall]:
    """Calls in the provider's form, else in LangChain's own, else as blocks."""
    given: list[tuple[str | None, str | None, JSON]] = [
        (call.id, call.function.name, call.function.arguments) for call in extra.tool_calls or ()
    ]
    if not given and extra.function_call is not None:
        given = [(None, extra.function_call.name, extra.function_call.arguments)]
    parsed = [*(raw.tool_calls or ()), *(raw.invalid_tool_calls or ())]
    if len(given) < len(parsed):
        given = [(call.id, call.name, call.args) for call in parsed]
    if not given:
        as_blocks = msgspec.convert([b for b in blocks if b.get("type") in _CALLS], list[_Call])
        given = [(b.id, b.name, b.args if b.input is None else b.input) for b in as_blocks]
    for n, (id_, name, arguments) in enumerate(given):
        if not name:
            raise Unreadable("a tool call that names no function")
        yield ToolCall(id=id_ or f"call_{at}_{n}", name=name, arguments=text_of(arguments))


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
