"""OpenTelemetry's `gen_ai.*`, new and old, and what OpenLLMetry (Traceloop) made of it."""

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
from foretaste.adapters.readers.traces.spans import Event, Span, below, parsed
from foretaste.dialects import openai, otel
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Label

_CALLS = ("chat", "text_completion", "generate_content", "completion")
_AGENTS = ("invoke_agent", "invoke_workflow")
_OTHERS = ("embeddings", "embedding", "retrieval", "create_agent", "rerank", "plan")
_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE = "gen_ai.choice"
_WHOLE = (  # events that hold attributes of their span
    *("gen_ai.client.inference.operation.details", "gen_ai.content.prompt"),
    "gen_ai.content.completion",
)
_SPOKEN = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.prompt", "gen_ai.completion")
_REASONED = (
    *("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
    *("gen_ai.usage.output_tokens.reasoning", "llm.usage.reasoning_tokens"),
)
_REQUEST = "gen_ai.request."
_NO_SETTINGS = frozenset(
    ["model", "stream", "encoding_formats", "choice", "is_stream", "structured_output_schema"]
)


def kind(span: Span) -> Kind:
    """What a span is about; one that names no operation is a call if it holds messages."""
    held = span.attributes
    operation = held.get("gen_ai.operation.name") or held.get("llm.request.type")
    made_for = held.get("traceloop.span.kind")
    if operation in _CALLS:
        return "call"
    if operation in _AGENTS or made_for in ("agent", "workflow"):
        return "agent"
    if operation == "execute_tool" or made_for == "tool":
        return "tool"
    if operation in _OTHERS or not speaks(span):
        return "other"
    return "call"


def speaks(span: Span) -> bool:
    """Whether a span holds messages in any of the dialects."""
    if any(name.startswith(_SPOKEN) for name in span.attributes):
        return True
    told = (event.name for event in _events(span))
    return any(name in _ROLES or name == _CHOICE or name in _WHOLE for name in told)


def exchange(span: Span) -> Exchange:
    """Read one model call.

    Raises:
        Unreadable: it holds no messages, or none that can be understood.
        msgspec.ValidationError: they have the wrong shape.
    """
    held = span.attributes
    for event in _events(span):
        if event.name in _WHOLE:
            body = event.body if isinstance(event.body, dict) else {}
            held = body | event.attributes | held
    asked, answered, reason = _messages(span, held)
    if not asked.messages and not answered.messages:
        raise Unreadable("the call holds no messages; its tracer was not told to capture content")
    lost = asked.lost | answered.lost
    thought = any(isinstance(n := held.get(name), int) and n > 0 for name in _REASONED)
    if thought and not any(message.reasoning for message in answered.messages):
        lost |= {Gap.REASONING}
    reasons = held.get("gen_ai.response.finish_reasons") or held.get("llm.response.finish_reason")
    return Exchange(
        asked=asked.messages,
        answered=answered.messages,
        lost=lost | ({Gap.TRUNCATED} if span.cut else set()),
        tools=_tools(held),
        settings=_settings(held),
        model=text(held.get("gen_ai.response.model")) or text(held.get("gen_ai.request.model")),
        stop=stop_of(parsed(reasons) or reason),
    )


def tool(span: Span) -> ToolRun:
    """Which call a tool's span belongs to."""
    held = span.attributes
    name = held.get("gen_ai.tool.name") or held.get("traceloop.entity.name")
    return ToolRun(text(held.get("gen_ai.tool.call.id")), text(name) or "")


def agent(span: Span) -> str:
    """The name of the agent that a span belongs to."""
    name = span.attributes.get("gen_ai.agent.name")
    if name is None and span.attributes.get("traceloop.span.kind") == "agent":
        name = span.attributes.get("traceloop.entity.name")
    return text(name) or ""


def labels(span: Span) -> list[Label]:
    """Results of evaluations."""
    found: list[Label] = []
    for event in _events(span):
        if event.name == "gen_ai.evaluation.result":
            start = "gen_ai.evaluation."
            name = text(event.attributes.get(f"{start}name"))
            score = event.attributes.get(f"{start}score.value")
            value = text(event.attributes.get(f"{start}score.label")) or score
            if name and isinstance(value, str | int | float):
                value = value if isinstance(value, str | bool) else float(value)
                found.append(Label(name=name, value=value, message=0))
    return found


GENAI = Dialect(kind, speaks, exchange, tool, agent, labels)


def _events(span: Span) -> Iterator[Event]:
    """Events of a span, those too that an attribute holds instead."""
    yield from span.events
    kept = parsed(span.attributes.get("events"))
    for each in kept if isinstance(kept, list) else ():
        if isinstance(each, dict) and isinstance(each.get("event.name"), str):
            yield Event(each["event.name"], {}, each)


def _messages(span: Span, held: dict[str, Any]) -> tuple[Said, Said, JSON]:
    """Input and answer in the first dialect that is spoken, and why the answer ended."""
    given, came = (parsed(held.get(f"gen_ai.{side}.messages")) for side in ("input", "output"))
    system = parsed(held.get("gen_ai.system_instructions"))
    if given is not None or came is not None:
        first = came[0] if isinstance(came, list) and came else None
        reason = first.get("finish_reason") if isinstance(first, dict) else None
        asked = _listed(given)
        if system:
            parts = system if isinstance(system, list) else [system]
            asked = [{"role": "system", "parts": parts}, *asked]
        # Several answers to one question are told apart by nothing; the first one is the answer.
        return otel.said(asked), otel.said(_listed(came)[:1]), reason
    if (told := _told(span)) is not None:
        return told
    given, came = below(held, "gen_ai.prompt"), below(held, "gen_ai.completion")
    first = came[0] if isinstance(came, list) and came else None
    reason = first.get("finish_reason") if isinstance(first, dict) else None
    return _older(given, "user"), _older(came, "assistant"), reason


def _listed(value: JSON) -> list[JSON]:
    if isinstance(value, str):
        raise Unreadable("the messages are not JSON; a limit for attributes may have cut them")
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _told(span: Span) -> tuple[Said, Said, JSON] | None:
    """Messages that were written as events."""
    asked: list[JSON] = []
    answered: list[JSON] = []
    reason: JSON = None
    for event in _events(span):
        body = _body(event)
        if event.name in _ROLES:
            asked.append(_openai(body, _ROLES[event.name]))
        elif event.name == _CHOICE and not answered:
            inner = parsed(body.get("message"))
            inner = {"content": inner} if isinstance(inner, str) else inner
            answered.append(_openai(body | inner if isinstance(inner, dict) else body, "assistant"))
            reason = body.get("finish_reason")
    if not asked and not answered:
        return None
    return openai.said(asked), openai.said(answered), reason


def _body(event: Event) -> dict[str, JSON]:
    """What an event says: its body, its attributes, or JSON in one of them."""
    inner = parsed(event.attributes.get("gen_ai.event.content"))
    for found in (parsed(event.body), inner):
        if isinstance(found, dict):
            return found
    said = event.body if isinstance(event.body, str) else inner
    return event.attributes | ({"content": said} if isinstance(said, str) else {})


def _older(value: JSON, role: str) -> Said:
    """OpenAI's messages, alone or in a list, or a text that stands for one."""
    if value is None:
        return Said(())
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    listed = value if isinstance(value, list) else [value]
    if any(isinstance(each, dict) and "parts" in each for each in listed):
        return otel.said(listed)
    # Of several answers the first one is the answer.
    listed = listed[:1] if role == "assistant" else listed
    return openai.said([_openai(each, role) for each in listed])


def _openai(message: JSON, role: str) -> JSON:
    """A message as OpenAI writes it, where its tool calls or its parts are flat or JSON in text."""
    if isinstance(message, str):
        return {"role": role, "content": message}
    if not isinstance(message, dict):
        return message
    content = message.get("content")
    listed = parsed(content)
    if isinstance(listed, list) and all(isinstance(p, dict) and "type" in p for p in listed):
        content = listed
    elif content is not None and not isinstance(content, str | list):
        content = otel.text_of(content)
    calls = parsed(message.get("tool_calls"))
    said = {
        "role": text(message.get("role")) or role,
        "content": content,
        "reasoning": text(message.get("reasoning")),
        "tool_calls": [_call(c) for c in calls] if isinstance(calls, list) else None,
        "tool_call_id": text(message.get("tool_call_id")),
    }
    if said["role"] == "tool":
        said["tool_call_id"] = said["tool_call_id"] or text(message.get("id"))
    return said


def _call(call: JSON) -> JSON:
    if not isinstance(call, dict) or "function" in call or "name" not in call:
        return call
    arguments = call.get("arguments")
    return {"id": call.get("id"), "function": {"name": call["name"], "arguments": arguments}}


def _settings(held: dict[str, Any]) -> dict[str, JSON]:
    found: dict[str, Any] = {}
    for name, value in held.items():
        for start in (_REQUEST, "gen_ai.openai.request.", "llm."):
            key = name.removeprefix(start)
            known = start != "llm." or key in _LLM_SETTINGS
            if name.startswith(start) and known and key.split(".")[0] not in _NO_SETTINGS:
                found.setdefault(_LLM_SETTINGS.get(key, key), value)
    return settings_of(found)


_LLM_SETTINGS = {
    "top_k": "top_k",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "chat.stop_sequences": "stop",
    "request.reasoning_effort": "reasoning_effort",
}


def _tools(held: dict[str, Any]) -> tuple[JSON, ...]:
    found = below(held, "gen_ai.tool.definitions") or below(held, "llm.request.functions")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and isinstance(each.get("parameters"), str):
            each["parameters"] = parsed(each["parameters"])
    return tools_of(found)
