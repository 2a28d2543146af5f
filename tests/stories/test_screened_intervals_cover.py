"""50 of 100,000 in 300,000 rollouts, 3,000 judge calls, screens good and bad: what holds the truth.

The judge has a sensitivity of .85 and a specificity of .9999, so a fifth of what it flags is
wrong, and spread evenly: no screen sees that. Repetitions are few, for the machine's sake.
"""

from typing import Any

import numpy as np
import pytest

from foretaste.stats.proportion import clopper_pearson
from foretaste.stats.screened import Screened, screened_rate, screened_truth
from unit.stats.screens import checked, graded, world

CALLS = 3_000
REPETITIONS = 20


def held(found: Screened, rate: float) -> tuple[bool, bool]:
    return found.lower <= rate <= found.upper, found.sure_lower <= rate <= found.sure_upper


def repeated(seed: int, **screen: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Whether the two intervals held, and how many times narrower the first was than random."""
    rng = np.random.default_rng(seed)
    holds, narrower = [], []
    for _ in range(REPETITIONS):
        planted = world(rng, **screen)
        wave = graded(rng, planted, CALLS)
        hit = np.where(wave >= 0, planted.judge, np.nan)
        found = screened_rate(planted.score, wave, hit, rng=rng)
        rate = float(planted.judge.mean())
        chance = clopper_pearson(rng.binomial(CALLS, rate), CALLS)
        holds.append(held(found, rate))
        narrower.append((chance.upper - chance.lower) / (found.upper - found.lower))
    return np.array(holds).sum(axis=0), np.array(narrower)


@pytest.mark.parametrize(("better", "times"), [(3.643, 5.0), (4.37, 5.0)], ids=[".995", ".999"])
def test_a_good_screen_covers_and_is_five_times_narrower(better: float, times: float) -> None:
    holds, narrower = repeated(1, better=better)

    assert holds[0] >= REPETITIONS - 4
    assert np.median(narrower) >= times


@pytest.mark.parametrize("better", [0.0, 1.812], ids=["useless", ".90"])
def test_a_bad_screen_covers_and_is_wide(better: float) -> None:
    holds, _ = repeated(2, better=better)

    assert holds.min() >= REPETITIONS - 4


def test_a_screen_that_misses_half_without_a_pattern_is_held_by_the_sure_interval_only() -> None:
    holds, _ = repeated(3, unseen=0.5)

    assert holds[1] >= REPETITIONS - 2
    assert holds[0] < holds[1]


def test_people_s_labels_lead_to_the_true_rate() -> None:
    rng = np.random.default_rng(4)
    holds = 0
    for _ in range(REPETITIONS):
        planted = world(rng)
        wave = graded(rng, planted, CALLS)
        truth, chance = checked(rng, planted, wave, labels=300)
        hit = np.where(wave >= 0, planted.judge, np.nan)
        found = screened_truth(planted.score, wave, hit, truth, chance, rng=rng)
        holds += held(found, float(planted.truth.mean()))[0]

    assert holds >= REPETITIONS - 4
