"""Screened behaviors of a run: score all rollouts, have the judge read some, and measure.

Whom the judge reads follows from the plan's seed, the records' ids and the verdicts of complete
waves: a run that was killed goes on with the same wave, and pays for nothing twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from foretaste.adapters.graders.learning import Learning
from foretaste.adapters.graders.screened import Screened
from foretaste.errors import InsufficientData
from foretaste.findings import Change, Estimate
from foretaste.plan import Plan
from foretaste.protocols import Grader, Store
from foretaste.records import Lane, Outcome, Prefix, Rollout, Verdict
from foretaste.runs.assembly import Parts
from foretaste.runs.spending import Spending
from foretaste.runs.watch import Watch
from foretaste.scope import unmet
from foretaste.screenings import Course, Scored, ScreenedRate, Screening, Waves
from foretaste.stages.difference import difference
from foretaste.stages.grade import Exchange, grade
from foretaste.stages.screen import asked, measure, scored, waves
from foretaste.stats.screening import WAVES
from foretaste.training import Example


def judge_screened(
    plan: Plan, parts: Parts, store: Store, watch: Watch, spending: Spending
) -> None:
    """Screen every rollout, and ask the judge wave by wave, in each lane."""
    for name, grader in parts.panel.screened.items():
        _score(name, grader.screen, parts, store, watch)
        for lane in (Lane.RECORDED, *parts.lanes):
            _ask(plan, parts, store, watch, spending, name, lane)


def _score(
    name: str, screen: Grader, parts: Parts, store: Store, watch: Watch, lane: Lane | None = None
) -> None:
    """Have a screen score what it did not score yet: of one lane, or of all."""
    have = {
        each.parent
        for each in store.read(Screening)
        if (each.behavior, each.grader) == (name, screen.fingerprint)
    }
    prefixes = {prefix.id: prefix for prefix in store.read(Prefix)}
    applies = parts.panel.screened[name].behavior.applies
    total = sum(lane in (None, own) for _, own in store.keys(Rollout))
    exchanges = (
        Exchange(prefix=prefixes[rollout.parent], rollout=rollout, grader=screen)
        for rollout in store.read(Rollout)
        if lane in (None, rollout.lane)
        and rollout.id not in have
        and unmet(applies, prefixes[rollout.parent]) is None
    )
    done = len(have)
    for record in grade(exchanges, graders=(screen,), engine=parts.engine):
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
    verdicts = _verdicts(store, name, grader)
    calls = grader.calls // (1 + len(parts.lanes))
    own = {each.id for each in store.read(Rollout) if each.lane is lane}
    given_up: set[str] = set()
    learned = 0  # the last wave whose screen was trained, or could not be
    rows = _scored(plan, store, name, grader, lane)
    while True:
        found = waves(rows, verdicts, calls=calls, given_up=given_up)
        if not found.next:
            store.append(*asked(rows, found, grader.fingerprint))
            return
        if learned < found.number:
            learned = found.number
            if found.number not in rows.later and _learn(
                name, grader, lane, rows, found, parts, store, watch
            ):
                rows = _scored(plan, store, name, grader, lane)
            continue
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
            watch(f"judge {name} {lane}", len(own & verdicts.keys()), calls)
        given_up |= wanted


def _learn(
    name: str,
    grader: Screened,
    lane: Lane,
    rows: Scored,
    found: Waves,
    parts: Parts,
    store: Store,
    watch: Watch,
) -> bool:
    """Train the next wave's screen on the waves before, and have it score the lane.

    Nothing of another wave is learned from, and no other lane: a run that was killed while this
    screen scored trains the very same again.
    """
    screen = grader.screen
    if not isinstance(screen, Learning):
        return False
    known = {
        rows.id[place]: (hit == 1, rows.weight[place] / found.probability[place])
        for place, hit in enumerate(found.hit)
        if np.isfinite(hit)
    }
    prefixes = {each.id: each for each in store.read(Prefix)}
    examples = [
        Example(prefixes[each.parent], each, *known[each.id])
        for each in store.read(Rollout)
        if each.id in known
    ]
    try:
        taught = screen.taught(examples, screen.named(name, lane, found.number))
    except InsufficientData:
        return False  # the wave is drawn by the screen that the one before had
    _score(name, taught, parts, store, watch, lane)
    return True


def _scored(plan: Plan, store: Store, name: str, grader: Screened, lane: Lane) -> Scored:
    return scored(
        store.read(Prefix),
        store.read(Rollout),
        store.read(Screening),
        behavior=name,
        lane=lane,
        seed=plan.seed,
        screens=_screens(name, grader, lane),
        applies=grader.behavior.applies,
    )


def _screens(name: str, grader: Screened, lane: Lane) -> tuple[str, ...]:
    """The content hash of each wave's screen; of one that does not learn, just one."""
    screen = grader.screen
    if not isinstance(screen, Learning):
        return (screen.fingerprint,)
    later = (screen.named(name, lane, number) for number in range(1, len(WAVES)))
    return (screen.fingerprint, *later)


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
        self._course: dict[tuple[str, Lane], Course] = {}
        for name, grader in parts.panel.screened.items():
            verdicts = _verdicts(store, name, grader)
            calls = grader.calls // (1 + len(parts.lanes))
            for lane in lanes:
                rows = _scored(plan, store, name, grader, lane)
                drawn = waves(rows, verdicts, calls=calls)
                course = Course(seed=plan.seed, calls=calls, screens=_screens(name, grader, lane))
                estimate, rate = measure(rows, drawn, course)
                self._found[name, lane] = rows, drawn, estimate
                self._course[name, lane] = course
                self.rates += [rate] if rate else []

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The rate of every screened behavior in every lane."""
        return tuple(estimate for _, _, estimate in self._found.values())

    def reweighted(self, by: Mapping[str, float]) -> Iterator[Estimate]:
        """The same rates where prefixes count by these weights beside their own, by id."""
        for own, (rows, drawn, _) in self._found.items():
            factor = np.array([by[name] for name in rows.prefix], dtype=np.float64)
            other = replace(rows, weight=rows.weight * factor)
            yield measure(other, drawn, self._course[own])[0]

    def changes(self, before: Lane, after: Lane) -> tuple[Change, ...]:
        """The change of every screened behavior between two lanes."""
        return tuple(self._changes(before, after))

    def _changes(self, before: Lane, after: Lane) -> Iterator[Change]:
        for name in dict.fromkeys(name for name, _ in self._found):
            yield difference(self._found[name, before], self._found[name, after])
