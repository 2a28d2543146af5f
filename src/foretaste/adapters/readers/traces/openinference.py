"""OpenInference's attributes, flattened or nested, as Phoenix's tracers write them."""

from collections.abc import Iterator
from typing import Any

from foretaste.adapters.readers.traces.exchange import (
    Dialect,
    Exchange,
    Kind,
    ToolRun,
    settings_of,
    stop_of,
    text,
    tools_of,
)
from foretaste.adapters.readers.traces.spans import Span, below, nested, parsed
from foretaste.dialects import openai
from foretaste.dialects.otel import text_of
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Label, Message

SPAN_KIND = "openinference.span.kind"
_KINDS: dict[str, Kind] = {"LLM": "call", "AGENT": "agent", "TOOL": "tool"}
_ROLES = {"model": "assistant", "agent": "assistant", "ai": "assistant", "human": "user"}
_NO_SETTINGS = frozenset(
    [
        *("model", "model_name", "messages", "input", "contents", "prompt", "system"),
        *("instructions", "tools", "functions", "user", "metadata", "stream", "stream_options"),
        *("store", "n", "_type", "extra_headers", "extra_body", "timeout"),
    ]
)


def kind(span: Span) -> Kind:
    """What a span is about."""
    named = span.attributes.get(SPAN_KIND)
    return _KINDS.get(named.upper(), "other") if isinstance(named, str) else "other"


def speaks(span: Span) -> bool:
    """Whether a span holds messages; what an agent was given and gave back are others'."""
    told = ("llm.input_messages", "llm.output_messages", "llm.prompts", "llm.choices")
    return any(name.startswith(told) or name == "llm" for name in span.attributes)


def exchange(span: Span) -> Exchange:
    """Read one model call.

    Raises:
        Unreadable: it holds no messages, or none that can be understood.
        msgspec.ValidationError: they have the wrong shape.
    """
    held = span.attributes
    asked = _said(below(held, "llm.input_messages"))
    answered = _said(below(held, "llm.output_messages"))
    if not asked.messages:
        asked = _plain(below(held, "llm.prompts"), "prompt", "user", held.get("input.value"), held)
    if not answered.messages:
        last = held.get("output.value")
        answered = _plain(below(held, "llm.choices"), "completion", "assistant", last, held)
    if not asked.messages and not answered.messages:
        raise Unreadable("the call holds no messages; its tracer may have been told to hide them")
    given = below(held, "llm.invocation_parameters")
    given = given if isinstance(given, dict) else {}
    lost = asked.lost | answered.lost | ({Gap.TRUNCATED} if span.cut else set())
    thought = held.get("llm.token_count.completion_details.reasoning")
    if isinstance(thought, int | float) and thought > 0 and not _thinks(answered.messages):
        lost |= {Gap.REASONING}
    models = ("llm.response.model_name", "llm.model_name", "llm.request.model_name")
    reasons = below(held, "llm.finish_reasons") or held.get("llm.finish_reason")
    return Exchange(
        asked=asked.messages,
        answered=answered.messages[:1],  # of several, the first is the answer
        lost=lost,
        tools=_tools(held, given),
        settings=settings_of({k: v for k, v in given.items() if k not in _NO_SETTINGS}),
        model=next((name for name in map(text, map(held.get, models)) if name), None),
        stop=stop_of(reasons),
    )


def tool(span: Span) -> ToolRun:
    """Which call a tool's span belongs to."""
    held = span.attributes
    call = text(held.get("tool.id")) or text(held.get("tool_call.id"))
    return ToolRun(call, text(held.get("tool.name")) or span.name)


def agent(span: Span) -> str:
    """The name of the agent that a span belongs to."""
    named = text(span.attributes.get("agent.name"))
    return named or (span.name if kind(span) == "agent" else "")


def labels(span: Span) -> list[Label]:
    """Annotations and evaluations, of the span, its trace or its session."""
    found: list[Label] = []
    for scope in ("", "trace.", "session."):
        for word in ("annotation", "evaluation"):
            listed = below(span.attributes, f"{scope}{word}s")
            for each in listed if isinstance(listed, list) else ():
                found += _label(each, word, None if scope else 0)
    return found


OPENINFERENCE = Dialect(kind, speaks, exchange, tool, agent, labels)


def _label(note: JSON, word: str, message: int | None) -> Iterator[Label]:
    """A note as the convention has it, or as Phoenix's server gives it back."""
    if not isinstance(note, dict):
        return
    inner = note.get(word)
    held = inner if isinstance(inner, dict) else note
    result = held.get("result")
    said = result if isinstance(result, dict) else held
    name, by = text(held.get("name")), held.get("annotator_kind")
    # A label is what a person chose; a score may be worked out from it.
    value = text(said.get("label")) or said.get("score")
    if name and isinstance(value, str | int | float):
        value = value if isinstance(value, str | bool) else float(value)
        by = by.lower() if isinstance(by, str) else ""
        yield Label(name=name, value=value, message=message, by=by)


def _said(value: JSON) -> Said:
    """Messages as the convention nests them, each in an object `message` of its own."""
    value = nested(value)
    if value is None:
        return Said(())
    if not isinstance(value, list):
        raise Unreadable("the messages are no list")
    return openai.said([_message(each) for each in value])


def _message(each: JSON) -> JSON:
    inner = each.get("message") if isinstance(each, dict) else None
    held = inner if isinstance(inner, dict) else each
    if not isinstance(held, dict):
        return held
    content, thoughts = _content(held)
    calls = held.get("tool_calls")
    function = text(held.get("function_call_name"))
    arguments = held.get("function_call_arguments_json")
    role = text(held.get("role")) or "user"
    return {
        "role": _ROLES.get(role.lower(), role.lower()),
        "content": content,
        "name": text(held.get("name")),
        "reasoning": thoughts or None,
        "tool_calls": [_call(call) for call in calls] if isinstance(calls, list) else None,
        "tool_call_id": text(held.get("tool_call_id")),
        "function_call": {"name": function, "arguments": text_of(arguments)}
        if function and role.lower() not in ("function", "tool")
        else None,
    }


def _content(held: dict[str, Any]) -> tuple[list[JSON], str]:
    """The parts of a message, and what the model thought."""
    parts: list[JSON] = []
    thoughts: list[str] = []
    listed = held.get("contents")
    for each in listed if isinstance(listed, list) else ():
        inner = each.get("message_content") if isinstance(each, dict) else None
        part = inner if isinstance(inner, dict) else each
        if not isinstance(part, dict):
            continue
        said = text(part.get("text"))
        if part.get("type") in ("reasoning", "thinking"):
            thoughts += [said] if said else []
        elif part.get("type") != "tool_use":
            parts.append({"type": "text", "text": said} if said else {"type": "attachment"})
    content = held.get("content")
    # Some tracers write both; a content beside its parts says the same.
    if content is not None and not any(part.get("text") for part in parts):
        parts.insert(0, {"type": "text", "text": text_of(content)})
    return parts, "\n".join(thoughts)


def _call(call: JSON) -> JSON:
    inner = call.get("tool_call") if isinstance(call, dict) else None
    held = inner if isinstance(inner, dict) else call
    function = held.get("function") if isinstance(held, dict) else None
    if not isinstance(function, dict):
        return held
    arguments = function.get("arguments")
    written = arguments if isinstance(arguments, str | dict) else text_of(arguments)
    return {"id": held.get("id"), "function": {"name": function.get("name"), "arguments": written}}


def _plain(value: JSON, word: str, role: str, otherwise: JSON, held: dict[str, Any]) -> Said:
    """A completion's texts; or, where nothing else is told, what went into the span or came out."""
    texts = [
        inner.get("text")
        for each in (value if isinstance(value, list) else [])
        if isinstance(each, dict) and isinstance(inner := each.get(word), dict)
    ]
    side = "input" if role == "user" else "output"
    if not texts and held.get(f"{side}.mime_type") != "application/json":
        texts = [otherwise]
    said = "\n".join(found for found in texts if isinstance(found, str) and found)
    return Said((Message(role=role, content=said),)) if said else Said(())  # type: ignore[arg-type]


def _tools(held: dict[str, Any], given: dict[str, Any]) -> tuple[JSON, ...]:
    listed = below(held, "llm.tools")
    found: list[JSON] = []
    for each in listed if isinstance(listed, list) else ():
        inner = each.get("tool") if isinstance(each, dict) else None
        schema = parsed(inner.get("json_schema")) if isinstance(inner, dict) else None
        found += [schema] if isinstance(schema, dict) else []
    return tools_of(found or given.get("tools") or given.get("functions"))


def _thinks(messages: tuple[Message, ...]) -> bool:
    return any(message.reasoning for message in messages)
