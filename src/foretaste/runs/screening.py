"""Screened behaviors of a run: score all rollouts, have the judge read some, and measure.

Whom the judge reads follows from the plan's seed, the records' ids and the verdicts of complete
waves: a run that was killed goes on with the same wave, and pays for nothing twice.
"""

from collections.abc import Iterator

import numpy as np

from foretaste.adapters.graders.screened import Screened
from foretaste.findings import Change, Estimate
from foretaste.plan import Plan
from foretaste.protocols import Store
from foretaste.records import Lane, Outcome, Prefix, Rollout, Verdict
from foretaste.runs.assembly import Parts
from foretaste.runs.spending import Spending
from foretaste.runs.watch import Watch
from foretaste.screenings import ScreenedRate, Screening
from foretaste.stages.grade import Exchange, grade
from foretaste.stages.screen import Scored, Waves, asked, change, measure, scored, waves


def judge_screened(
    plan: Plan, parts: Parts, store: Store, watch: Watch, spending: Spending
) -> None:
    """Screen every rollout, and ask the judge wave by wave, in each lane."""
    for name, grader in parts.panel.screened.items():
        _score(name, grader, parts, store, watch)
        for lane in (Lane.RECORDED, *parts.lanes):
            _ask(plan, parts, store, watch, spending, name, lane)


def _score(name: str, grader: Screened, parts: Parts, store: Store, watch: Watch) -> None:
    have = {
        each.parent
        for each in store.read(Screening)
        if (each.behavior, each.grader) == (name, grader.screen.fingerprint)
    }
    prefixes = {prefix.id: prefix for prefix in store.read(Prefix)}
    exchanges = (
        Exchange(prefix=prefixes[rollout.parent], rollout=rollout, grader=grader.screen)
        for rollout in store.read(Rollout)
        if rollout.id not in have
    )
    total, done = len(store.keys(Rollout)), len(have)
    for record in grade(exchanges, graders=(grader.screen,), engine=parts.engine):
        done += 1
        watch(f"screen {name}", done, total)
        store.append(_screening(record) if isinstance(record, Verdict) else record)


def _screening(verdict: Verdict) -> Screening:
    plain = {Outcome.PRESENT: 1.0, Outcome.ABSENT: 0.0, Outcome.UNGRADED: None}
    score = plain[verdict.outcome] if verdict.score is None else verdict.score
    return Screening(
        parent=verdict.parent,
        behavior=verdict.behavior,
        grader=verdict.grader,
        score=score,
        reason=verdict.reason if score is None else "",
    )


def _ask(
    plan: Plan,
    parts: Parts,
    store: Store,
    watch: Watch,
    spending: Spending,
    name: str,
    lane: Lane,
) -> None:
    grader = parts.panel.screened[name]
    rows = _scored(plan, parts, store, name, lane)
    verdicts = _verdicts(store, name, grader)
    calls = grader.calls // (1 + len(parts.lanes))
    given_up: set[str] = set()
    while True:
        found = waves(rows, verdicts, calls=calls, given_up=given_up)
        if not found.next:
            store.append(*asked(rows, found, grader.fingerprint))
            return
        wanted = set(found.next)
        rollouts = [each for each in store.read(Rollout) if each.id in wanted]
        prefixes = {each.id: each for each in store.read(Prefix)}
        exchanges = (
            Exchange(prefix=prefixes[each.parent], rollout=each, grader=grader) for each in rollouts
        )
        for record in grade(exchanges, graders=(grader,), engine=parts.engine):
            store.append(record)
            if isinstance(record, Verdict):
                verdicts[record.parent] = record.outcome
                spending.add(record.usage, parts.judge_price)
            watch(f"judge {name} {lane}", len(verdicts), calls)
        given_up |= wanted


def _scored(plan: Plan, parts: Parts, store: Store, name: str, lane: Lane) -> Scored:
    screen = parts.panel.screened[name].screen.fingerprint
    return scored(
        store.read(Prefix),
        store.read(Rollout),
        (each for each in store.read(Screening) if each.grader == screen),
        behavior=name,
        lane=lane,
        seed=plan.seed,
    )


def _verdicts(store: Store, name: str, grader: Screened) -> dict[str, Outcome]:
    return {
        each.parent: each.outcome
        for each in store.read(Verdict)
        if (each.behavior, each.grader) == (name, grader.fingerprint)
    }


class ScreenedLanes:
    """What a finished run's screened behaviors show, lane by lane."""

    def __init__(self, plan: Plan, parts: Parts, store: Store, lanes: tuple[Lane, ...]) -> None:
        self._found: dict[tuple[str, Lane], tuple[Scored, Waves, Estimate]] = {}
        self.rates: list[ScreenedRate] = []
        for name, grader in parts.panel.screened.items():
            verdicts = _verdicts(store, name, grader)
            calls = grader.calls // (1 + len(parts.lanes))
            for lane in lanes:
                rows = _scored(plan, parts, store, name, lane)
                drawn = waves(rows, verdicts, calls=calls)
                estimate, rate = measure(rows, drawn, rng=np.random.default_rng(plan.seed))
                self._found[name, lane] = rows, drawn, estimate
                self.rates += [rate] if rate else []

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The rate of every screened behavior in every lane."""
        return tuple(estimate for _, _, estimate in self._found.values())

    def changes(self, before: Lane, after: Lane) -> tuple[Change, ...]:
        """The change of every screened behavior between two lanes."""
        return tuple(self._changes(before, after))

    def _changes(self, before: Lane, after: Lane) -> Iterator[Change]:
        for name in dict.fromkeys(name for name, _ in self._found):
            yield change(self._found[name, before], self._found[name, after])
