"""Answer a tool call as production's tools answered the same call in the same turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from foretaste.adapters.simulators.effects import Effects
from foretaste.calls import canonical, pairs
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Message, Prefix, ToolCall

Key = tuple[tuple[str, str], tuple[tuple[str, str], ...]]
"""A call, and the state it was made in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTools:
    """Recorded answers only, errors included; any other call stays open, and the rollout says so.

    An answer holds for the same call (arguments as JSON, whatever their spelling) in the same
    state: after the same calls that may write, in the same order. Reading changes no state, so the
    order of reads is free.

    Args:
        reads: tools that change nothing, by shell patterns (`lookup_*`). What is named in neither
            list reads if its name begins like `get`, `list`, `search`, `find` or `read`.
        writes: tools that may change something.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session that knows the tool calls of the recorded turn."""
        effects = Effects(reads=self.reads, writes=self.writes)
        answers: dict[Key, list[Message]] = {}
        state: tuple[tuple[str, str], ...] = ()
        for call, result in pairs(prefix.recorded):
            if result is not None:
                answers.setdefault((canonical(call), state), []).append(result)
            if effects.may_write(call.name):
                state += (canonical(call),)
        return _RecordedSession(answers, effects)


class _RecordedSession:
    """Gives each recorded answer once, in order, then the last one again."""

    def __init__(self, answers: dict[Key, list[Message]], effects: Effects) -> None:
        self._answers = answers
        self._effects = effects

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        queue = self._answers.get((canonical(call), self._effects.state(before)))
        if not queue:
            return None
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        why = "the same call in the recorded turn, after the same writes"
        return ToolAnswer(found.content, "recorded", why, found.seconds or 0.0)
