"""OpenAI chat, one conversation a line."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, ClassVar

import msgspec
from msgspec import structs

from foretaste.carried import IDENTIFIES, KEY, beside, carried
from foretaste.records import JSON, Conversation, Dialogue, Message

_NUMBERS = (
    *("temperature", "top_p", "top_k", "min_p", "max_tokens", "seed"),
    *("frequency_penalty", "presence_penalty", "repetition_penalty"),
)
_OTHERS = (
    *("stop", "logit_bias", "response_format", "tool_choice", "parallel_tool_calls"),
    *("reasoning_effort", "verbosity"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIChat:
    """Writes `{"id": ..., "messages": [...], ...}`, one a line.

    Sampling settings stand beside the messages, tags in `metadata`.
    """

    endings: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")
    text: ClassVar[bool] = True

    def __call__(
        self, conversations: Iterable[Conversation], stream: IO[bytes]
    ) -> Mapping[str, int]:
        """Write them all; give what only `foretaste` holds of how many of them."""
        counted: Counter[str] = Counter()
        for each in conversations:
            record, found = _record(each)
            counted.update(found)
            stream.write(msgspec.json.encode(record) + b"\n")
        return counted


def _record(whole: Conversation) -> tuple[dict[str, JSON], list[str]]:
    dialogue = whole.dialogue
    created = _created(dialogue.started_at)
    tools = dialogue.tools if all(isinstance(tool, dict) for tool in dialogue.tools) else ()
    settings = {name: value for name, value in dialogue.settings.items() if _plain(name, value)}
    tags = {name: value for name, value in dialogue.tags.items() if name not in IDENTIFIES}
    held = carried(
        whole,
        dialogue=Dialogue(
            messages=tuple(_as_read(m, at) for at, m in enumerate(dialogue.messages)),
            settings=settings,
            tools=tools,
            model=dialogue.model or None,
            started_at=None if created is None else datetime.fromtimestamp(created, UTC),
            tags=tags,
        ),
        key=whole.key or None,
        user=whole.user or None,
    )
    about = {
        "id": whole.key,
        "model": dialogue.model,
        "created": created,
        "user": whole.user,
        "tools": tools,
        "metadata": tags,
    }
    return {
        **{name: value for name, value in about.items() if value},
        "messages": [_message(message) for message in dialogue.messages],
        **settings,
        KEY: held,
    }, beside(held)


def _plain(name: str, value: JSON) -> bool:
    """Whether a setting has a place of its own in a request."""
    if name in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return name in _OTHERS and value is not None


def _created(started_at: datetime | None) -> float | None:
    """Unix seconds; whole ones as a whole number, as OpenAI writes them."""
    if started_at is None:
        return None
    seconds = started_at.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _message(message: Message) -> dict[str, JSON]:
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in message.tool_calls
    ]
    more = {
        "name": message.name,
        "reasoning_content": message.reasoning,
        "tool_calls": calls or None,
        "tool_call_id": message.tool_call_id,
    }
    return {
        "role": message.role,
        "content": None if calls and not message.content else message.content,
        **{name: value for name, value in more.items() if value is not None},
    }


def _as_read(message: Message, at: int) -> Message:
    """What a reader makes of it: an empty thought is none, a call without an id gets one."""
    return structs.replace(
        message,
        reasoning=message.reasoning or None,
        tool_calls=tuple(
            structs.replace(call, id=call.id or f"call_{at}_{n}")
            for n, call in enumerate(message.tool_calls)
        ),
        seconds=None,
    )
