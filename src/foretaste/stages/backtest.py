"""Forecast every transition between past releases as if before it, and score what came."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from statistics import mean, median
from typing import NamedTuple

import numpy as np

from foretaste.backtests import Backtest, Point, Release, SameModel
from foretaste.columns import PRESENT
from foretaste.errors import InsufficientData
from foretaste.forecasts import Counts, Evidence
from foretaste.methods import DEFAULT, hierarchical_each, learned_from, simple
from foretaste.stats.belief import Belief, anchored
from foretaste.stats.hierarchy import Floats as Learned
from foretaste.stats.proportion import jeffreys_rate
from foretaste.stats.scoring import multiplicative_error, noise_error
from foretaste.stats.track import Forecasts, TrackRecord, track_record
from foretaste.transitions import Logs, Transition

CHALLENGING = "challenging-prompts"
"""Today's rate, moved as the models differ on prompts chosen to provoke (method.md 4.3)."""

Pairs = Sequence[tuple[int, int]]
"""Transitions, as places of the incumbent and the candidate among the releases."""

Watch = Callable[[int, int], None]


def backtest(
    releases: Sequence[Release],
    *,
    behaviors: Sequence[str],
    pairs: Pairs,
    before: Callable[[str], bool] | None,
    challenging: Mapping[str, Release] | None = None,
    watch: Watch,
) -> Backtest:
    """Score every method on every transition.

    Production before the release is the incumbent's first answers to the prompts that are
    `before`; the replays are its second answers and the candidate's first answers to the same
    prompts. Production after it is the candidate's second answers (its first, where a log holds
    one) to all other prompts; or its second answers to the same, where no prompt is set apart.
    The default method learns from the chain of earlier releases only:
    each scored as it would have been when its successor came.

    Args:
        releases: in the order of their release.
        behaviors: names of the outcome columns.
        pairs: transitions to score.
        before: whether a prompt belongs to the traffic before releases, by its key; None: all do,
            and what comes after is another answer to them.
        challenging: the same releases' answers to chosen prompts, by name.
        watch: told how many transitions are done.

    Raises:
        InsufficientData: no transition can be forecast.
    """
    shown = _shown(releases)
    names = [name for name, seen in zip(behaviors, shown, strict=True) if seen]
    logs = Logs(releases, np.flatnonzero(shown), before)
    past = _history(logs, len(releases))
    skipped: Counter[str] = Counter()
    whole: list[_Case] = []
    for old, new in pairs:
        found = logs.transition(old, new)
        if isinstance(found, str):
            skipped[found] += 1
        else:
            harder = _harder(challenging, releases[old].name, releases[new].name, logs)
            whole.append(_Case(old, new, found, past[new], harder))
    watch(len(pairs) - len(whole), len(pairs))
    rows: list[_Row] = []
    for done, each in enumerate(_forecasts(whole), start=len(pairs) - len(whole) + 1):
        rows += each
        watch(done, len(pairs))
    if not rows:
        raise InsufficientData(f"no transition can be forecast: {dict(skipped)}")
    return Backtest(
        default=DEFAULT,
        models=_scores(rows),
        noise_error=median(_luck(*row.direct, row.k, row.n) for row in rows),
        same_model=_same_model(logs, len(releases)),
        releases=tuple(release.name for release in releases),
        transitions=len(whole),
        skipped=dict(skipped),
        prompts_before=round(median(case.found.before for case in whole)),
        prompts_after=round(median(case.found.after for case in whole)),
        behaviors=tuple(names),
        unseen=tuple(name for name in behaviors if name not in names),
        points=tuple(_point(row, releases, names) for row in rows),
    )


def _shown(releases: Sequence[Release]) -> Sequence[bool]:
    every = [(draw.outcome == PRESENT).any(0) for release in releases for draw in release.draws]
    return [bool(seen) for seen in np.any(every, axis=0)]


class _Row:
    """One behavior in one transition: every method's belief, and what came."""

    def __init__(
        self,
        place: tuple[int, int, int],
        evidence: Evidence,
        beliefs: Mapping[str, Belief],
        realized: Counts,
    ) -> None:
        self.place = place
        self.direct = evidence.candidate
        self.today = jeffreys_rate(*evidence.recorded)
        self.beliefs = beliefs
        self.k, self.n = realized


def _history(logs: Logs, releases: int) -> list[Learned | None]:
    """What could have been learned before each release: the chain of those before it."""
    learned: list[Learned | None] = []
    total: Learned | None = None
    for new in range(releases):
        learned.append(total)
        found = logs.transition(new - 1, new) if new else ""
        if isinstance(found, Transition):
            kept = [i for i, each in enumerate(found.evidence) if each.candidate[1] > 0]
            scored = [found.evidence[i] for i in kept], [found.realized[i] for i in kept]
            told = learned_from([scored]) if kept else None
            total = told if total is None or told is None else total + told
    return learned


def _harder(
    challenging: Mapping[str, Release] | None, old: str, new: str, logs: Logs
) -> tuple[list[Counts], list[Counts]] | None:
    if challenging is None or old not in challenging or new not in challenging:
        return None
    first, second = (logs.counts(challenging[name].draws[0], None) for name in (old, new))
    return first, second


class _Case(NamedTuple):
    """A transition that can be forecast, and what is known beside its lanes."""

    old: int
    new: int
    found: Transition
    learned: Learned | None
    harder: tuple[list[Counts], list[Counts]] | None

    @property
    def kept(self) -> list[int]:
        """Behaviors that were graded in every lane that a forecast needs, and after release."""
        return [
            at
            for at, (each, (_, n)) in enumerate(
                zip(self.found.evidence, self.found.realized, strict=True)
            )
            if each.candidate[1] > 0 and each.recorded[1] > 0 and n > 0
        ]


def _forecasts(cases: Sequence[_Case]) -> Iterator[list[_Row]]:
    """The rows of each transition."""
    told = hierarchical_each(
        [[case.found.evidence[at] for at in case.kept] for case in cases],
        [case.learned for case in cases],
    )
    for case, whole in zip(cases, told, strict=True):
        rows = []
        for at, foreseen in zip(case.kept, whole, strict=True):
            evidence = case.found.evidence[at]
            beliefs: dict[str, Belief] = {DEFAULT: foreseen.belief}
            beliefs.update(simple(evidence).items())
            if case.harder is not None:
                first, second = (lane[at] for lane in case.harder)
                if first[1] > 0 and second[1] > 0:
                    beliefs[CHALLENGING] = anchored(evidence.recorded, first, second)
            place = (case.old, case.new, at)
            rows.append(_Row(place, evidence, beliefs, case.found.realized[at]))
        yield rows


def _scores(rows: Sequence[_Row]) -> dict[str, TrackRecord]:
    methods = dict.fromkeys(name for row in rows for name in row.beliefs)
    return {
        name: track_record(
            Forecasts(
                a=np.array([row.beliefs[name].a for row in rows if name in row.beliefs]),
                b=np.array([row.beliefs[name].b for row in rows if name in row.beliefs]),
                today=np.array([row.today for row in rows if name in row.beliefs]),
                k=np.array([row.k for row in rows if name in row.beliefs]),
                n=np.array([row.n for row in rows if name in row.beliefs]),
            ),
            fit_to_error=name == DEFAULT,
        )
        for name in methods
    }


@lru_cache(maxsize=100_000)
def _luck(k1: float, n1: float, k2: float, n2: float) -> float:
    return noise_error(k1, n1, k2, n2)


def _same_model(logs: Logs, releases: int) -> SameModel | None:
    pairs = [
        (*first, *second)
        for place in range(releases)
        if (found := logs.same(place)) is not None
        for first, second in zip(*found, strict=True)
        if first[1] > 0 and second[1] > 0
    ]
    if not pairs:
        return None
    errors = [multiplicative_error(*each) for each in pairs]
    return SameModel(
        median_multiplicative_error=median(errors),
        mean_multiplicative_error=mean(errors),
        noise_error=median(_luck(*each) for each in pairs),
        n=len(errors),
    )


def _point(row: _Row, releases: Sequence[Release], names: Sequence[str]) -> Point:
    old, new, behavior = row.place
    return Point(
        before=releases[old].name,
        after=releases[new].name,
        behavior=names[behavior],
        forecast=row.beliefs[DEFAULT].rate,
        direct=row.beliefs["direct"].rate,
        today=row.today,
        realized=jeffreys_rate(row.k, row.n),
        events=row.direct[0],
        turns=row.direct[1],
        realized_count=int(row.k),
        realized_n=int(row.n),
    )
