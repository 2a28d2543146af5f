"""Answer a tool call as production's tools answered the same call in the same turn."""

from dataclasses import dataclass

from foretaste.adapters.simulators.calls import canonical
from foretaste.adapters.simulators.pairing import pairs
from foretaste.protocols import Session, ToolAnswer
from foretaste.records import Message, Prefix, ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTools:
    """Recorded answers only; any other call stays open, and the rollout says so."""

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session that knows the tool calls of the recorded turn."""
        answers: dict[tuple[str, str], list[Message]] = {}
        for call, result in pairs(prefix.recorded):
            if result is not None:
                answers.setdefault(canonical(call), []).append(result)
        return _RecordedSession(answers)


class _RecordedSession:
    """Gives each recorded answer once, in order, then the last one again."""

    def __init__(self, answers: dict[tuple[str, str], list[Message]]) -> None:
        self._answers = answers

    async def __call__(self, call: ToolCall) -> ToolAnswer | None:
        queue = self._answers.get(canonical(call))
        if not queue:
            return None
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return ToolAnswer(found.content, "recorded", "the same call in the recorded turn")
