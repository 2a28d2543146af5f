"""Answer a tool call as production's tools answered the same call in the same turn."""

from dataclasses import dataclass
from typing import Any

import msgspec

from foretaste.protocols import Session
from foretaste.records import Message, Prefix, ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTools:
    """Recorded answers only; any other call stays open, and the rollout says so."""

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session that knows the tool calls of the recorded turn."""
        results = {m.tool_call_id: m for m in prefix.recorded if m.role == "tool"}
        answers: dict[tuple[str, str], list[Message]] = {}
        for message in prefix.recorded:
            for call in message.tool_calls:
                if call.id in results:
                    answers.setdefault(_canonical(call), []).append(results[call.id])
        return _RecordedSession(answers)


class _RecordedSession:
    """Gives each recorded answer once, in order, then the last one again."""

    def __init__(self, answers: dict[tuple[str, str], list[Message]]) -> None:
        self._answers = answers

    async def __call__(self, call: ToolCall) -> Message | None:
        queue = self._answers.get(_canonical(call))
        if not queue:
            return None
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return Message(role="tool", content=found.content, name=call.name, tool_call_id=call.id)


def _canonical(call: ToolCall) -> tuple[str, str]:
    """Name and arguments, so that key order and white space do not matter."""
    try:
        parsed: Any = msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return call.name, call.arguments
    return call.name, msgspec.json.encode(parsed, order="deterministic").decode()
