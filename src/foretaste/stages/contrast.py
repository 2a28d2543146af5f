"""Set turns and calls against one another: real ones and simulated ones after the same prefix.

Both turns should be the same model's, or its style counts as the simulator's: the recorded lane
against the incumbent's. Only turns in which both call tools are compared, since in the others no
tool was simulated.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from foretaste.calls import pairs
from foretaste.contrasts import Contrast, Side
from foretaste.records import Lane, Message, Prefix, Rollout, Stop, ToolCall


class Paired(NamedTuple):
    """The pairs of a run, and the prefixes that gave none."""

    contrasts: list[Contrast]
    without_calls: int
    missing: int
    missed: int  # pairs whose simulated turn ended at a call that nothing answered


def paired(
    prefixes: Iterable[Prefix], rollouts: Iterable[Rollout], *, lane: Lane, group: str | None = None
) -> Paired:
    """Each prefix's recorded turn against the one of a replayed lane.

    Args:
        prefixes: of the run.
        rollouts: of the run, any lanes.
        lane: the replayed one.
        group: tag that names the task; without it, or where a prefix lacks it, clusters are users.
    """
    found: dict[Lane, dict[str, Rollout]] = {Lane.RECORDED: {}, lane: {}}
    for each in rollouts:
        if each.lane in found:
            found[each.lane][each.parent] = each
    contrasts, without_calls, missing, missed = [], 0, 0, 0
    for prefix in prefixes:
        real, simulated = (found[each].get(prefix.id) for each in (Lane.RECORDED, lane))
        if real is None or simulated is None:
            missing += 1
            continue
        if not (_calls(real.messages) and _calls(simulated.messages)):
            without_calls += 1
            continue
        missed += simulated.stop is Stop.TOOL_MISS
        contrasts.append(
            Contrast(
                id=simulated.id,
                cluster=cluster_of(prefix, group),
                source=prefix.parent,
                real=Side(prefix.messages, real.messages),
                simulated=Side(prefix.messages, simulated.messages),
                answered=simulated.answered,
            )
        )
    return Paired(contrasts, without_calls, missing, missed)


def cluster_of(prefix: Prefix, group: str | None) -> str:
    """What a prefix shares with others that a discriminator must not learn from."""
    tag = prefix.tags.get(group) if group is not None else None
    return f"{group}: {tag}" if tag is not None else prefix.user


def _calls(messages: Iterable[Message]) -> bool:
    return any(message.tool_calls for message in messages)


def single_calls(contrasts: Iterable[Contrast]) -> Iterator[Contrast]:
    """Single calls with their results, each against one of the same tool in the other turn.

    The same call first, whatever its place; what is left in order. Both are seen with the prefix
    alone before them.
    """
    for each in contrasts:
        real = _with_results(each.real.messages)
        simulated = _with_results(each.simulated.messages)
        layers = dict(zip((k for k, _ in enumerate(simulated)), each.answered, strict=False))
        for mine, theirs in _matched([c for c, _ in real], [c for c, _ in simulated]):
            yield replace(
                each,
                id=f"{each.id}:{theirs}",
                real=Side(each.real.before, _alone(*real[mine])),
                simulated=Side(each.simulated.before, _alone(*simulated[theirs])),
                answered=(layers[theirs],) if theirs in layers else (),
                tool=simulated[theirs][0].name,
            )


def _with_results(messages: Iterable[Message]) -> list[tuple[ToolCall, Message]]:
    return [(call, result) for call, result in pairs(messages) if result is not None]


def _alone(call: ToolCall, result: Message) -> tuple[Message, ...]:
    return (Message(role="assistant", content="", tool_calls=(call,)), result)


def _matched(real: list[ToolCall], simulated: list[ToolCall]) -> list[tuple[int, int]]:
    """Places of calls that belong together: equal ones, then ones of the same tool."""
    left = dict(enumerate(real))
    found: dict[int, int] = {}
    keys: tuple[Callable[[ToolCall], object], ...] = (
        lambda call: (call.name, call.arguments),
        lambda call: call.name,
    )
    for key in keys:
        for place, call in enumerate(simulated):
            if place not in found:
                mine = next((k for k, other in left.items() if key(other) == key(call)), None)
                if mine is not None:
                    found[place] = mine
                    del left[mine]
    return [(mine, place) for place, mine in found.items()]
