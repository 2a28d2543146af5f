import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.means import mean_difference


def test_a_difference_of_independent_ones_is_about_newcombe_s() -> None:
    # Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    score = np.repeat([1, 0, 1, 0], [56, 14, 48, 32])
    shown = np.repeat([1, 0], [70, 80])
    found = mean_difference(score, shown, np.arange(150))

    assert found.difference == pytest.approx(0.2)
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=0.005)


def test_items_of_a_cluster_that_say_the_same_count_once() -> None:
    rng = np.random.default_rng(1)
    score, shown = rng.random(60), np.repeat([1, 0], 30)
    once = mean_difference(score, shown, np.arange(60))
    often = mean_difference(np.repeat(score, 5), np.repeat(shown, 5), np.repeat(np.arange(60), 5))

    assert often == pytest.approx(once)


def test_a_handful_of_clusters_that_agree_by_luck_stay_uncertain() -> None:
    score = np.concatenate([np.ones(6), np.full(94, 0.9)])
    found = mean_difference(score, np.arange(100) < 6, np.arange(100))

    assert found.lower < 0 < found.difference < found.upper


@pytest.mark.parametrize("seed", [1, 2])
def test_intervals_cover_what_was_planted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    covered = 0
    for _ in range(400):
        users = np.repeat(np.arange(80), rng.integers(1, 6, 80))
        lift = np.where(np.arange(80) < 15, 0.3, 0.0)
        own = rng.beta(1, 9, 80) + lift
        score = np.clip(own[users] + rng.normal(0, 0.02, len(users)), 0, 1)
        found = mean_difference(score, users < 15, users)
        covered += found.lower <= 0.3 <= found.upper

    assert 0.9 <= covered / 400 <= 0.99


def test_wrong_scores_and_single_clusters_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_difference([1.5, 0.1], [1, 0], [0, 1])
    with pytest.raises(InsufficientData, match="two clusters"):
        mean_difference([0.5, 0.1, 0.2], [1, 0, 0], [0, 1, 2])
