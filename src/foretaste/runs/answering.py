"""What costs time and money: answer and grade a store's prefixes, as far as the budget goes.

Each step does what is not in the store yet, so work that was killed goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from foretaste.plan import Plan
from foretaste.protocols import Store
from foretaste.records import Failure, Lane, Prefix, Rollout, Usage, Verdict
from foretaste.runs.assembly import LaneParts, Parts
from foretaste.runs.screening import judge_screened
from foretaste.runs.spending import Spending
from foretaste.runs.watch import Watch
from foretaste.stages.grade import Exchange, grade
from foretaste.stages.replay import recorded, replay


def answer_all(plan: Plan, parts: Parts, store: Store, watch: Watch, size: int) -> None:
    """Answer and grade a store's prefixes, as far as the budget goes."""
    spending = Spending(plan)
    for rollout in _missing(store, Lane.RECORDED, recorded):
        store.append(rollout)
    for lane in parts.lanes:
        answer(lane, parts, store, watch, size, spending)
    judge(parts, store, watch, spending)
    judge_screened(plan, parts, store, watch, spending)


def answer(
    lane: Lane, parts: Parts, store: Store, watch: Watch, size: int, spending: Spending
) -> None:
    """Replay the prefixes that have no rollout in this lane yet."""
    own = parts.lanes[lane]

    def ask(prefixes: Iterable[Prefix]) -> Iterator[Rollout | Failure]:
        return replay(
            prefixes,
            lane=lane,
            model=own.model,
            simulator=parts.simulator,
            engine=parts.engine,
            conditions=own.conditions,
        )

    done = 0
    for rollout in store.read(Rollout):
        if rollout.lane == lane:
            _count(rollout, own, parts, spending)
            done += 1
    watch(f"replay {lane}", done, size)
    for record in _missing(store, lane, ask):
        store.append(record)
        done += 1
        watch(f"replay {lane}", done, size)
        if isinstance(record, Rollout):
            _count(record, own, parts, spending)


def _count(rollout: Rollout, own: LaneParts, parts: Parts, spending: Spending) -> None:
    spending.add(rollout.usage, own.price)
    if parts.tool_model is not None and rollout.tool_usage != Usage():
        spending.add(rollout.tool_usage, parts.tool_model.price)


def _missing(
    store: Store,
    lane: Lane,
    make: Callable[[Iterable[Prefix]], Iterator[Any]],
) -> Iterator[Any]:
    """Resuming is a set difference: prefixes that have no rollout in this lane."""
    have = {parent for parent, part in store.keys(Rollout) if part == lane}
    return make(prefix for prefix in store.read(Prefix) if prefix.id not in have)


def judge(parts: Parts, store: Store, watch: Watch, spending: Spending) -> None:
    """Grade every rollout that a behavior has no verdict of its present grader on yet."""
    prefixes = {prefix.id: prefix for prefix in store.read(Prefix)}
    now = parts.panel.fingerprints
    kept, mixed = store.read_document("graders.json"), False
    if kept is not None and msgspec.json.decode(kept) == now:
        have = store.keys(Verdict)
    else:  # what another grader found, or nobody knows which, has to be read to be told apart
        have = set()
        for verdict in store.read(Verdict):
            if verdict.grader == now.get(verdict.behavior):
                have.add((verdict.parent, verdict.behavior))
            else:
                mixed = True
    for verdict in store.read(Verdict) if parts.panel.judged else ():
        if parts.panel.paid(verdict):
            spending.add(verdict.usage, parts.judge_price)
    rounds = parts.panel.rounds
    total = len(store.keys(Rollout)) * sum(map(len, rounds))
    done = len(have)
    for graders in rounds:
        exchanges = (
            Exchange(prefix=prefixes[rollout.parent], rollout=rollout, grader=grader)
            for rollout in store.read(Rollout)
            for name, grader in graders.items()
            if (rollout.id, name) not in have
        )
        for record in grade(exchanges, graders=graders.values(), engine=parts.engine):
            store.append(record)
            done += 1
            watch("grade", done, total)
            if isinstance(record, Verdict) and parts.panel.paid(record):
                spending.add(record.usage, parts.judge_price)
    # By keys alone an earlier grader's verdict would stand for one that this grader failed to give.
    store.write_document("graders.json", msgspec.json.encode({} if mixed else now))
