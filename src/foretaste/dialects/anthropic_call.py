"""One call of Anthropic's Messages API: what was asked under which settings, and the answer."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from foretaste.dialects.anthropic import said, system_of, tools_of
from foretaste.dialects.anthropic_stream import folded
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Gap, Label, Message, Stop

STOPS = {
    "end_turn": Stop.FINAL,
    "stop_sequence": Stop.FINAL,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "refusal": Stop.FILTERED,
}
"""Why an answer ended, by Anthropic's names."""

_NUMBERS = ("temperature", "top_p", "top_k", "max_tokens")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
# Claude Code puts the session into the user's id: each session would be a user of its own.
_SESSION = re.compile(r"_(?:account_[0-9a-f-]*_)?session_[0-9a-f-]+\Z")
_OWNERS = ("account_uuid", "device_id")


class Request(msgspec.Struct):
    """What a request holds."""

    messages: list[Any]
    model: str | None = None
    system: Any = None
    tools: Any = None
    tool_choice: Any = None
    mcp_servers: Any = None
    metadata: Any = None
    thinking: Any = None
    output_config: Any = None
    output_format: Any = None
    stop_sequences: Any = None
    temperature: Any = None
    top_p: Any = None
    top_k: Any = None
    max_tokens: Any = None


class _Spent(msgspec.Struct):
    thinking_tokens: int | None = None


class _Usage(msgspec.Struct):
    output_tokens_details: _Spent | None = None


class _Response(msgspec.Struct):
    type: str = "message"
    role: str = "assistant"
    id: str | None = None
    model: str | None = None
    content: Any = None
    stop_reason: str | None = None
    stop_details: Any = None
    usage: Any = None
    context_management: Any = None
    cut_off: Any = None  # put in by `folded`


class Call(NamedTuple):
    """A call in the records' form."""

    messages: tuple[Message, ...]
    own_from: int
    stop: Stop
    settings: dict[str, JSON]
    tools: tuple[JSON, ...]
    model: str | None
    user: str | None
    key: str | None
    labels: tuple[Label, ...]
    lost: frozenset[Gap]


def call_of(request: JSON, response: JSON) -> Call:
    """Read a request with its answer; a request alone where there is none.

    Args:
        request: the body, as parsed JSON.
        response: a message, its events or the text of its stream, or none.

    Raises:
        Unreadable: nothing was asked, the call failed, or a part has no meaning.
        msgspec.MsgspecError: a part has another shape.
    """
    asked = msgspec.convert(request, Request)
    if not asked.messages:
        raise Unreadable("no messages")
    system, before = system_of(asked.system), said(asked.messages)
    context = system.messages + before.messages
    lost = system.lost | before.lost | ({Gap.TOOLS} if asked.mcp_servers else set())
    answer, own, found = None, len(context), context
    if response is not None:
        answer = _answer(response)
        after = said([{"role": "assistant", "content": answer.content}])
        lost |= after.lost | set(_lost(answer, after.messages))
        if answer.stop_reason != "pause_turn" and _opens(context):
            own -= 1
        found = _joined(context, after.messages, own)
    return Call(
        messages=found,
        own_from=own if answer else 0,
        stop=STOPS.get(answer.stop_reason or "", Stop.UNKNOWN) if answer else Stop.UNKNOWN,
        settings=_settings(asked),
        tools=tools_of(asked.tools),
        model=(answer and answer.model) or asked.model or None,
        user=_user(asked.metadata),
        key=answer.id if answer else None,
        labels=_labels(answer, len(found) - 1),
        lost=frozenset(lost),
    )


def _answer(response: JSON) -> _Response:
    if isinstance(response, str):
        try:
            response = msgspec.json.decode(response)
        except (msgspec.DecodeError, UnicodeError):
            response = folded(response)
    if isinstance(response, list):
        response = folded(response)
    # A proxy may put the body beside the status.
    if isinstance(response, dict) and isinstance(response.get("body"), dict | str | list):
        return _answer(response["body"])
    if isinstance(response, dict) and response.get("type") == "error":
        raise Unreadable("the call failed")
    answer = msgspec.convert(response, _Response)
    if answer.content is None:
        raise Unreadable("the response holds no answer")
    if answer.role != "assistant":
        raise Unreadable("the response's message is not the assistant's")
    return answer


def _opens(context: tuple[Message, ...]) -> bool:
    """Whether the request ends with words that the model was to go on from."""
    return bool(context) and context[-1].role == "assistant" and not context[-1].tool_calls


def _joined(
    context: tuple[Message, ...], answer: tuple[Message, ...], own: int
) -> tuple[Message, ...]:
    """What was said, the answer's beginning put together where the request held it."""
    if own == len(context):
        return context + answer
    opening, first = context[-1], answer[0]
    if first.role != "assistant":
        return context + answer
    whole = Message(
        role="assistant",
        content=opening.content + first.content,
        reasoning=first.reasoning,
        tool_calls=first.tool_calls,
    )
    return (*context[:-1], whole, *answer[1:])


def _lost(answer: _Response, messages: tuple[Message, ...]) -> Iterator[Gap]:
    if answer.cut_off:
        yield Gap.TRUNCATED
    managed = answer.context_management
    if isinstance(managed, dict) and managed.get("applied_edits"):
        yield Gap.TRUNCATED  # the model saw less than the request holds
    try:
        details = msgspec.convert(answer.usage or {}, _Usage).output_tokens_details
    except msgspec.ValidationError:
        return
    if details and details.thinking_tokens and not any(m.reasoning for m in messages):
        yield Gap.REASONING


def _labels(answer: _Response | None, message: int) -> tuple[Label, ...]:
    """What the provider's own filter found."""
    details = answer.stop_details if answer else None
    if not isinstance(details, dict) or details.get("type") != "refusal":
        return ()
    category = details.get("category")
    found = category if isinstance(category, str) and category else True
    return (Label(name="refusal", value=found, message=message, by="anthropic"),)


def _settings(asked: Request) -> dict[str, JSON]:
    """The settings by OpenAI's names; `thinking`, which OpenAI does not know, by its own."""
    found: dict[str, JSON] = {name: getattr(asked, name) for name in _NUMBERS}
    for name, value in found.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Unreadable(f"the setting {name} is not a number")
    config = asked.output_config if isinstance(asked.output_config, dict) else {}
    form = config.get("format") or asked.output_format
    if isinstance(form, dict) and form.get("type") == "json_schema":
        named = {"name": "answer", "schema": form.get("schema")}
        found["response_format"] = {"type": "json_schema", "json_schema": named}
    found["reasoning_effort"] = config.get("effort")
    found["thinking"] = asked.thinking
    found["stop"] = asked.stop_sequences
    if isinstance(asked.tool_choice, dict):
        kind: JSON = asked.tool_choice.get("type")
        if kind == "tool":
            forced = {"name": asked.tool_choice.get("name")}
            found["tool_choice"] = {"type": "function", "function": forced}
        elif isinstance(kind, str):
            found["tool_choice"] = _CHOICES.get(kind)
        if asked.tool_choice.get("disable_parallel_tool_use") is True:
            found["parallel_tool_calls"] = False
    return {name: value for name, value in found.items() if value is not None}


def _user(metadata: JSON) -> str | None:
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str) or not user:
        return None
    if user.startswith("{"):
        try:
            parts = msgspec.json.decode(user)
        except (msgspec.DecodeError, RecursionError):
            return user
        return next((str(parts[name]) for name in _OWNERS if parts.get(name)), user)
    return _SESSION.sub("", user) or user
