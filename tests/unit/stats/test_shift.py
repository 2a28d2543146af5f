from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.proportion import wilson
from foretaste.stats.shift import _auc, _fit, classifier_weights, importance_weights
from foretaste.stats.totals import Floats

ratios = st.lists(st.floats(0.01, 100), min_size=1, max_size=60).map(np.array)


def drawn(rng: np.random.Generator, turns: int, shift: float = 0.0) -> Floats:
    """Turns of three features, the first of them moved."""
    return rng.normal([shift, 0, 0], size=(turns, 3))


@given(ratios, st.floats(0.05, 1), st.floats(1, 20))
def test_clipped_weights_keep_their_order_and_say_how_many_were_cut(
    ratio: Floats, quantile: float, multiple: float
) -> None:
    free = importance_weights(ratio)
    for found in (
        importance_weights(ratio, quantile=quantile),
        importance_weights(ratio, multiple=multiple),
    ):
        assert found.weight.mean() == pytest.approx(1)
        assert found.effective_n >= free.effective_n * (1 - 1e-12)
        assert np.all(np.diff(found.weight[np.argsort(ratio)]) >= -1e-12)
        kept = found.weight / ratio
        cut = kept < kept.max() * (1 - 1e-9)
        assert found.clipped == pytest.approx(cut.mean())
    assert free.clipped == 0
    assert importance_weights(ratio, quantile=quantile).clipped <= 1 - quantile + 1e-9
    assert 1 - 1e-9 <= free.effective_n <= len(ratio) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("ratio", "options", "message"),
    [
        ([1, 0], {}, "positive"),
        ([1, np.inf], {}, "positive"),
        ([1, 2], {"quantile": 0.9, "multiple": 3}, "not both"),
        ([1, 2], {"quantile": 0.0}, "quantile"),
        ([1, 2], {"quantile": 1.1}, "quantile"),
        ([1, 2], {"multiple": 0.5}, "multiple"),
    ],
)
def test_what_makes_no_weights_is_refused(ratio: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        importance_weights(ratio, **options)


def test_the_fit_is_the_least_penalised_loss() -> None:
    rng = np.random.default_rng(1)
    old, new = drawn(rng, 80), drawn(rng, 50, shift=1.0) * [1, 2, 1]
    found = _fit(old, new, 3.0)
    x = (np.concatenate([old, new]) - found.center) / found.scale
    is_new = np.arange(130) >= 80

    def loss(beta: Floats) -> float:
        odds = beta[0] + x @ beta[1:]
        return float(
            np.logaddexp(0, np.where(is_new, -odds, odds)).sum() + 1.5 * beta[1:] @ beta[1:]
        )

    reference = optimize.minimize(loss, np.zeros(4), tol=1e-10).x
    reference[0] -= np.log(50 / 80)

    assert found.coefficient == pytest.approx(reference, abs=1e-4)


def test_the_auc_is_mann_and_whitney_s() -> None:
    rng = np.random.default_rng(2)
    low, high = rng.integers(0, 9, 40).astype(float), rng.integers(2, 12, 25).astype(float)
    area, luck = _auc(low, high)

    assert area == pytest.approx(stats.mannwhitneyu(high, low).statistic / (40 * 25))
    assert luck == pytest.approx(np.sqrt(66 / (12 * 40 * 25)))


def test_weights_of_a_shift_that_is_log_linear_are_the_density_ratio() -> None:
    rng = np.random.default_rng(3)
    source = drawn(rng, 20_000)
    found = classifier_weights(source, drawn(rng, 10_000, shift=0.6), rng=rng)
    truth = np.exp(0.6 * source[:, 0])
    truth /= truth.mean()

    assert np.abs(found.weight - truth).mean() < 0.05
    # Two normals 0.6 apart: Phi(0.6 / sqrt 2).
    assert found.auc == pytest.approx(stats.norm.cdf(0.6 / 2**0.5), abs=0.02)
    assert found.effective_n == pytest.approx(20_000 * np.exp(-0.36), rel=0.1)


def test_without_a_shift_there_is_nothing_to_see() -> None:
    rng = np.random.default_rng(4)
    found = [classifier_weights(drawn(rng, 300), drawn(rng, 200), rng=rng) for _ in range(100)]
    distance = [abs((each.auc or 0) - 0.5) / (each.auc_by_luck or 0) for each in found]

    assert np.mean(np.array(distance) > 2) <= 0.05
    assert np.mean([each.uncovered for each in found]) < 0.01
    assert min(each.effective_n for each in found) > 250


def test_a_kind_of_traffic_that_the_source_does_not_hold_is_uncovered() -> None:
    rng = np.random.default_rng(5)
    target = np.concatenate([drawn(rng, 800), drawn(rng, 200, shift=12.0)])
    found = classifier_weights(drawn(rng, 1_000), target, rng=rng)

    assert found.uncovered == pytest.approx(0.2, abs=0.01)


def test_wholly_other_traffic_is_uncovered_and_has_finite_weights() -> None:
    rng = np.random.default_rng(6)
    constant = np.ones((200, 1))
    found = classifier_weights(
        np.hstack([drawn(rng, 200), constant]),
        np.hstack([drawn(rng, 200, shift=1e6), constant]),
        rng=rng,
    )

    assert (found.auc, found.uncovered) == (1.0, 1.0)
    assert np.all(np.isfinite(found.weight))


def test_the_same_seed_gives_the_same_weights() -> None:
    source, target = (drawn(np.random.default_rng(7), 100, shift) for shift in (0.0, 0.5))
    one, same = (
        classifier_weights(source, target, rng=np.random.default_rng(8), multiple=2).weight
        for _ in range(2)
    )

    assert np.array_equal(one, same)


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        (np.ones((20, 2)), {}, "features in the source"),
        (np.ones(20), {}, "features must"),
        (np.full((20, 3), np.nan), {}, "features must"),
        (np.ones((20, 3)), {"folds": 1}, "no classifier"),
        (np.ones((20, 3)), {"penalty": 0.0}, "no classifier"),
        (np.ones((20, 3)), {"beyond": 0.0}, "no classifier"),
    ],
)
def test_what_cannot_be_compared_is_refused(target: Any, options: Any, message: str) -> None:
    rng = np.random.default_rng(9)
    with pytest.raises(ValueError, match=message):
        classifier_weights(drawn(rng, 20), target, rng=rng, **options)


def test_too_few_turns_are_insufficient_data() -> None:
    rng = np.random.default_rng(10)
    with pytest.raises(InsufficientData):
        classifier_weights(drawn(rng, 20), drawn(rng, 4), rng=rng)
    with pytest.raises(InsufficientData):
        importance_weights([])


def test_a_rate_in_shifted_traffic_is_covered() -> None:
    rng = np.random.default_rng(11)

    def chance(features: Floats) -> Floats:
        return 0.3 / (1 + np.exp(-1.5 * features[:, 0]))

    truth = float(chance(drawn(rng, 500_000, shift=0.7)).mean())
    covered = 0
    for _ in range(200):
        source = drawn(rng, 800)
        hit = rng.random(800) < chance(source)
        shifted = classifier_weights(source, drawn(rng, 800, shift=0.7), rng=rng)
        found = clustered_rate(hit, np.arange(800), shifted.weight)
        lower, upper = wilson(found.rate * found.effective_n, found.effective_n)
        covered += lower <= truth <= upper

    # Three standard errors of the simulation below 0.95.
    assert covered >= 181
