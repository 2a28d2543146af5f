"""What one model call comes to, and what a dialect of attributes has to tell about a span."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from foretaste.adapters.readers.traces.spans import Span
from foretaste.records import JSON, Gap, Label, Message, Stop

Kind = Literal["call", "agent", "tool", "other"]

_STOPS = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "complete", "end"), Stop.FINAL),
    **dict.fromkeys(("length", "max_tokens", "max_output_tokens"), Stop.LENGTH),
    **dict.fromkeys(("content_filter", "safety", "refusal", "guardrail_intervened"), Stop.FILTERED),
}
_NUMBERS = frozenset(
    [
        *("temperature", "top_p", "top_k", "min_p", "max_tokens", "seed"),
        *("frequency_penalty", "presence_penalty", "repetition_penalty"),
    ]
)
_SAME_SETTING = {
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "stop_sequences": "stop",
    "topP": "top_p",
    "topK": "top_k",
}


class Exchange(NamedTuple):
    """One model call: the whole input, and the answer."""

    asked: tuple[Message, ...]
    answered: tuple[Message, ...]
    lost: frozenset[Gap] = frozenset()
    tools: tuple[JSON, ...] = ()
    settings: dict[str, JSON] = {}  # noqa: RUF012 - never changed
    model: str | None = None
    stop: Stop = Stop.UNKNOWN


class ToolRun(NamedTuple):
    """Which call a tool's span belongs to."""

    call: str | None
    name: str


class Dialect(NamedTuple):
    """How one family of attribute names is read."""

    kind: Callable[[Span], Kind]
    speaks: Callable[[Span], bool]  # whether it holds messages
    exchange: Callable[[Span], Exchange]
    tool: Callable[[Span], ToolRun]
    agent: Callable[[Span], str]  # its name, or nothing
    labels: Callable[[Span], list[Label]]  # of message 0: about the span; of none: about all


def stop_of(reason: JSON) -> Stop:
    """A finish reason, or the first of several."""
    if isinstance(reason, list):
        reason = reason[0] if reason else None
    return _STOPS.get(reason.lower(), Stop.UNKNOWN) if isinstance(reason, str) else Stop.UNKNOWN


def settings_of(found: Mapping[str, Any]) -> dict[str, JSON]:
    """Settings by OpenAI's names; null, and what should be a number and is none, is none."""
    kept: dict[str, JSON] = {}
    for name, value in found.items():
        known = _SAME_SETTING.get(name, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and (number or known not in _NUMBERS):
            kept.setdefault(known, value)
    return kept


def tools_of(definitions: JSON) -> tuple[JSON, ...]:
    """Tool schemas in OpenAI's form, where they say as much without its inner object."""
    found = definitions if isinstance(definitions, list) else []
    return tuple(_tool(each) for each in found if isinstance(each, dict))


def _tool(schema: dict[str, JSON]) -> JSON:
    flat = schema.get("type", "function") == "function" and "function" not in schema
    if not flat or not isinstance(schema.get("name"), str):
        return schema
    inner = {name: value for name, value in schema.items() if name != "type"}
    return {"type": "function", "function": inner}


def text(value: JSON) -> str | None:
    """A name that is one: text that is not empty."""
    return value if isinstance(value, str) and value else None
