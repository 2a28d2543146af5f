"""The transcripts of a finished run: recorded turns, and those of a replayed lane."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from foretaste.awareness import Source, Transcript
from foretaste.errors import PlanError
from foretaste.plan import Plan
from foretaste.records import Gap, Lane, Prefix, Rollout
from foretaste.stages.replay import Conditions, request_for


class Drawn(NamedTuple):
    """Transcripts by a seeded draw, and what could not be drawn."""

    transcripts: list[Transcript]
    missing: int  # prefixes that lack the recorded or the replayed turn


def transcripts_of(
    prefixes: Iterable[Prefix],
    rollouts: Iterable[Rollout],
    *,
    plan: Plan,
    lane: Lane,
    most: int,
) -> Drawn:
    """At most so many transcripts of each source, all drawn in one seeded order of the prefixes.

    So recorded and replayed turns follow the same prefixes as far as they can: in a run without
    tool calls, all of them. Each carries what its prefix stands for in the traffic.

    Args:
        prefixes: of the run.
        rollouts: of the run, any lanes.
        plan: of the run: its seed, and the system prompt that the lane was given.
        lane: the replayed one.
        most: transcripts of each source.

    Raises:
        PlanError: no prefix has both turns.
    """
    found: dict[Lane, dict[str, Rollout]] = {Lane.RECORDED: {}, lane: {}}
    for each in rollouts:
        if each.lane in found:
            found[each.lane][each.parent] = each
    known = list(prefixes)
    both = [each for each in known if all(each.id in own for own in found.values())]
    if not both:
        raise PlanError(f"the run has no {lane} turn beside a recorded one; run its plan again")
    order = np.random.default_rng(plan.seed).permutation(len(both))
    rows = list(_rows([both[k] for k in order], found[Lane.RECORDED], found[lane], plan, lane))
    kept = [each for source in Source for each in [r for r in rows if r.source is source][:most]]
    return Drawn(kept, len(known) - len(both))


def _rows(
    prefixes: Sequence[Prefix],
    recorded: dict[str, Rollout],
    replayed: dict[str, Rollout],
    plan: Plan,
    lane: Lane,
) -> Iterator[Transcript]:
    part = plan.candidate if lane is Lane.CANDIDATE else plan.incumbent
    told = Conditions(system=(part or {}).get("system"))
    for prefix in prefixes:
        for rollout, given in (
            (recorded[prefix.id], Conditions()),
            (replayed[prefix.id], told),
        ):
            yield Transcript(
                id=rollout.id,
                source=_source(rollout),
                cluster=prefix.user,
                match=prefix.id,
                before=request_for(prefix, given).messages,
                messages=rollout.messages,
                tools=None if Gap.TOOLS in prefix.gaps else prefix.tools,
                weight=1 / prefix.probability,
            )


def _source(rollout: Rollout) -> Source:
    if rollout.lane is Lane.RECORDED:
        return Source.PRODUCTION
    calls = any(message.tool_calls for message in rollout.messages)
    return Source.AGENTIC if calls else Source.REPLAYED
