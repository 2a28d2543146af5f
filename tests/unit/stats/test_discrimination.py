from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.stats import norm

from foretaste.errors import InsufficientData
from foretaste.stats.discrimination import accuracy, auc
from foretaste.stats.proportion import normal_quantile, wilson

scores = st.lists(st.integers(0, 6), min_size=2, max_size=20)


def test_the_area_counts_pairs_in_the_right_order_and_ties_half() -> None:
    assert auc([3, 2, 1, 2], [1, 1, 0, 0]).auc == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert auc([7, 7, 7, 7], [1, 0, 1, 0]).auc == 0.5


def test_the_limits_are_those_of_delong_worked_by_hand() -> None:
    # Placements 1/2 and 1 of the present, 1 and 1/2 of the absent: 0.125 / 2 + 0.125 / 2.
    found = auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])

    reach = normal_quantile(0.95) * sqrt(0.125) / (0.75 * 0.25)
    middle = special.logit(0.75)
    assert found.lower == pytest.approx(special.expit(middle - reach))
    assert found.upper == pytest.approx(special.expit(middle + reach))


@given(scores, scores)
def test_the_variance_is_that_of_every_pair_compared(shown: list[int], other: list[int]) -> None:
    pairs = np.array([[(a > b) + 0.5 * (a == b) for b in other] for a in shown])
    area = pairs.mean()
    found = auc([*shown, *other], [1] * len(shown) + [0] * len(other))

    assert found.auc == pytest.approx(area)
    if 0 < area < 1:
        above, below = pairs.mean(axis=1), pairs.mean(axis=0)
        variance = above.var(ddof=1) / len(shown) + below.var(ddof=1) / len(other)
        half = (special.logit(found.upper) - special.logit(found.lower)) / 2
        wanted = normal_quantile(0.95) * sqrt(variance) / (area * (1 - area))
        assert half == pytest.approx(wanted, rel=1e-3, abs=1e-9)


@given(scores, scores)
def test_the_other_direction_is_the_mirror(shown: list[int], other: list[int]) -> None:
    truth = [1] * len(shown) + [0] * len(other)
    one = auc([*shown, *other], truth)
    mirrored = auc([-each for each in (*shown, *other)], truth)

    assert (mirrored.auc, mirrored.lower, mirrored.upper) == pytest.approx(
        (1 - one.auc, 1 - one.upper, 1 - one.lower)
    )
    assert 0 <= one.lower <= one.auc <= one.upper <= 1


def test_the_area_is_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, 300)
    score = np.round(truth + rng.normal(0, 1.5, 300), 1)  # rounded: with ties

    assert auc(score, truth).auc == pytest.approx(metrics.roc_auc_score(truth, score))


def test_the_interval_covers_a_known_area() -> None:
    rng = np.random.default_rng(3)
    true = norm.cdf(1.5 / sqrt(2))
    truth = np.repeat([1, 0], [30, 60])
    found = [auc(truth * 1.5 + rng.normal(size=90), truth) for _ in range(500)]

    held = np.mean([each.lower <= true <= each.upper for each in found])
    assert 0.925 <= held <= 0.98


def test_a_score_without_a_fault_is_not_taken_for_certain() -> None:
    few = auc([2, 3, 0, 1], [1, 1, 0, 0])
    many = auc([*range(100, 200), *range(100)], [1] * 100 + [0] * 100)

    assert few.upper == many.upper == 1
    assert few.lower == pytest.approx(0.025**0.5)
    assert few.lower < many.lower < 1


@pytest.mark.parametrize(
    ("score", "truth"),
    [([1, 2], [1]), ([1, float("nan"), 2, 3], [1, 1, 0, 0]), ([1, 2, 3, 4], [1, 2, 0, 0])],
)
def test_items_that_do_not_fit_are_refused(score: list[float], truth: list[int]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (three messages)
        auc(score, truth)


def test_one_kind_alone_shows_nothing() -> None:
    with pytest.raises(InsufficientData):
        auc([1, 2, 3], [1, 0, 0])
    with pytest.raises(InsufficientData):
        accuracy([1, 0], [1, 1])
    with pytest.raises(ValueError, match="one label"):
        accuracy([1, 0], [1, 1, 0])


def test_sensitivity_and_specificity_come_with_wilsons_limits() -> None:
    found = accuracy([1, 1, 0, 0, 0, 1], [1, 1, 1, 0, 0, 0])

    assert found.sensitivity == (2, 3, 2 / 3, *wilson(2, 3))
    assert found.specificity == (2, 3, 2 / 3, *wilson(2, 3))
