"""A screen that learns between waves: the rate stays unbiased, and the interval gets narrower.

The screen is a regression on a few numbers, in place of words: the draws, the training and the
estimate are those of a run. Repetitions are few, for the machine's sake.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import special

from foretaste.adapters.graders.screens.learning import Labels, regression
from foretaste.records import Lane, Outcome
from foretaste.screenings import Course, Order, Scored, ScreenedRate
from foretaste.stages.screen import measure, waves
from foretaste.stats.totals import Codes, Flags, Floats

ROLLOUTS, CALLS, RATE, PARTS = 6_000, 600, 0.03, 5
REPETITIONS = 24


class World(NamedTuple):
    """What a screen may look at, and what the judge would say."""

    seen: Floats
    shows: Flags


def world(rng: np.random.Generator) -> World:
    seen = rng.standard_normal((ROLLOUTS, 8))
    pull = 5 * seen[:, :3] @ np.array([0.76, 0.53, 0.38])
    odds = pull - np.quantile(pull, 1 - RATE) - 0.5
    return World(seen, rng.random(ROLLOUTS) < special.expit(odds))


def taught(given: World, rows: Scored, found: tuple[Floats, Floats], part: Codes) -> Floats:
    """Chances by a screen that knows the verdicts so far, none of a rollout's own part."""
    probability, hit = found
    score = np.zeros(ROLLOUTS)
    for each in range(PARTS):
        known = np.flatnonzero(np.isfinite(hit) & (part != each))
        labels = Labels(hit[known] == 1, 1 / probability[known], tuple(rows.id[k] for k in known))
        score[part == each] = regression(given.seen[known], labels, 10.0).chance(
            given.seen[part == each]
        )
    return score


def graded(seed: int, *, learns: bool) -> tuple[ScreenedRate, float, float]:
    """The screened rate, the rate, and its unbiased estimate."""
    rng = np.random.default_rng(seed)
    given, part = world(rng), rng.integers(0, PARTS, ROLLOUTS)
    names = tuple(f"{number:05d}" for number in range(ROLLOUTS))
    rows = Scored(
        behavior="b",
        lane=Lane.CANDIDATE,
        id=names,
        prefix=names,
        score=given.seen[:, 0],
        weight=np.ones(ROLLOUTS),
        cluster=np.arange(ROLLOUTS),
        draw=rng.random(ROLLOUTS),
        unscored=0,
        missing=0,
    )
    verdicts: dict[str, Outcome] = {}
    while (found := waves(rows, verdicts, calls=CALLS, given_up=())).next:
        if learns and found.number and found.number not in rows.later:
            score = taught(given, rows, (found.probability, found.hit), part)
            own = {found.number: Order(score, rng.random(ROLLOUTS))}
            rows = replace(rows, later={**rows.later, **own})
            continue
        for name in found.next:
            verdicts[name] = Outcome.PRESENT if given.shows[int(name)] else Outcome.ABSENT
    assert len(verdicts) == CALLS
    course = Course(seed=int(rng.integers(2**31)), calls=CALLS, screens=())
    account = measure(rows, found, course)[1]
    assert account is not None
    return account, float(given.shows.mean()), account.rate


def test_the_rate_is_unbiased_and_its_interval_holds_and_is_narrower_than_a_fixed_screen_s() -> (
    None
):
    widths = {}
    for learns in (True, False):
        runs = [graded(seed, learns=learns) for seed in range(REPETITIONS)]
        error = np.array([estimate - rate for _, rate, estimate in runs])
        held = sum(found.lower <= rate <= found.upper for found, rate, _ in runs)
        sure = sum(found.sure_lower <= rate <= found.sure_upper for found, rate, _ in runs)
        widths[learns] = np.median([found.upper - found.lower for found, _, _ in runs])

        assert abs(error.mean()) < 3 * error.std(ddof=1) / np.sqrt(REPETITIONS)
        assert held >= REPETITIONS - 5
        assert sure >= REPETITIONS - 4
    assert widths[True] < 0.8 * widths[False]
