from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.bootstrap import cluster_bootstrap, percentile
from foretaste.stats.clusters import clustered_rates
from foretaste.stats.totals import ClusterTotals, cluster_totals


def log_of(rng: np.random.Generator, rates: Any, users: int) -> ClusterTotals:
    """Users of 1 to 20 turns, alike within themselves."""
    cluster = np.repeat(np.arange(users), rng.integers(1, 21, users))
    own = rng.beta(2, 2, users)[cluster, np.newaxis] * 2
    return cluster_totals(rng.random((len(cluster), len(rates))) < own * rates, cluster)


def seeded(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_cluster_is_drawn_poisson_many_times() -> None:
    alone = ClusterTotals(np.eye(50), np.ones((1, 50)), np.full(50, 50), np.full(50, 50.0))
    draws = cluster_bootstrap(alone, rng=seeded(), draws=4_000).draws
    # The smallest share of a draw is that of a cluster drawn once.
    once = np.where(draws > 0, draws, np.inf).min(axis=1, keepdims=True)
    found = np.bincount(np.round(draws / once).astype(int).ravel())
    expected = stats.poisson.pmf(np.arange(9), 1) * draws.size

    assert len(found) <= 9
    assert (
        stats.chisquare(found[:6], expected[:6] * found[:6].sum() / expected[:6].sum()).pvalue
        > 0.01
    )


def test_draws_vary_as_the_closed_form_says() -> None:
    totals = log_of(seeded(2), [0.1, 0.3, 0.5], users=400)
    draws = cluster_bootstrap(totals, rng=seeded(), draws=4_000).draws

    for behavior, rate in enumerate(clustered_rates(totals)):
        assert rate is not None
        assert rate.variance is not None
        # A variance of 4,000 draws has a standard error of 2.2 %.
        assert draws[:, behavior].var() == pytest.approx(rate.variance, rel=0.1)
        assert draws[:, behavior].mean() == pytest.approx(rate.rate, rel=0.01)


def test_intervals_are_those_of_scipy_s_multinomial_bootstrap() -> None:
    totals = log_of(seeded(3), [0.2], users=300)
    hit, seen = totals.of(0)
    peer = stats.bootstrap(
        (hit, seen),
        lambda h, s, axis=-1: h.sum(axis) / s.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=4_000,
        batch=500,
        rng=seeded(),
    ).confidence_interval
    (found,) = cluster_bootstrap(totals, rng=seeded(), draws=4_000).intervals

    assert found == pytest.approx((peer.low, peer.high), abs=0.1 * (peer.high - peer.low))


def test_both_lanes_share_the_draws() -> None:
    rng = seeded(4)
    cluster = np.repeat(np.arange(200), 5)
    before = rng.random(1_000) < rng.beta(2, 6, 200)[cluster]
    after = before & (rng.random(1_000) < 0.8)
    totals = cluster_totals(np.array([before, before, after]).T, cluster)
    draws = cluster_bootstrap(totals, rng=seeded()).draws
    lower, upper = percentile(draws[:, 2] / draws[:, 0])

    assert np.array_equal(draws[:, 0], draws[:, 1])
    assert lower < 0.8 < upper < 0.9


def test_a_behavior_has_its_own_denominator() -> None:
    rng = seeded(5)
    cluster = np.repeat(np.arange(100), 4)
    hit, graded = rng.random((400, 2)) < 0.3, rng.random((400, 2)) < 0.5
    draws = cluster_bootstrap(cluster_totals(hit, cluster, graded=graded), rng=seeded()).draws

    for behavior, known in enumerate(graded.T):
        alone = cluster_totals(hit[known, behavior, np.newaxis], cluster[known])
        assert cluster_bootstrap(alone, rng=seeded()).draws[:, 0] == pytest.approx(
            draws[:, behavior], rel=1e-5
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 300), st.floats(0.1, 1e3), st.integers(1, 200))
def test_draws_are_shares_and_the_scale_of_weights_does_not_matter(
    draws: int, scale: float, users: int
) -> None:
    rng = seeded(users)
    cluster = rng.integers(0, users, 2 * users)
    hit, weight = rng.random((2 * users, 2)) < 0.4, rng.uniform(1, 5, 2 * users)
    one = cluster_bootstrap(cluster_totals(hit, cluster, weight), rng=seeded(), draws=draws)
    other = cluster_bootstrap(
        cluster_totals(hit, cluster, weight * scale), rng=seeded(), draws=draws
    )
    known = one.draws[~np.isnan(one.draws)]

    assert one.draws.shape == (draws, 2)
    assert np.all((known >= 0) & (known <= 1 + 1e-6))
    assert one.draws == pytest.approx(other.draws, rel=1e-5, nan_ok=True)


def test_too_few_telling_clusters_have_draws_but_no_interval() -> None:
    cluster = np.repeat(np.arange(100), 2)
    hit = np.array([cluster < 19, cluster < 20, cluster >= 19]).T
    found = cluster_bootstrap(cluster_totals(hit, cluster), rng=seeded())

    assert [interval is None for interval in found.intervals] == [True, False, True]


def test_a_draw_without_a_graded_turn_has_no_rate() -> None:
    found = cluster_bootstrap(cluster_totals([[1], [0]], [0, 1]), rng=seeded(), draws=200)

    assert np.isnan(found.draws).any()
    with pytest.raises(InsufficientData):
        percentile(found.draws[:, 0])


def test_a_bootstrap_without_draws_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one draw"):
        cluster_bootstrap(cluster_totals([[1], [0]], [0, 1]), rng=seeded(), draws=0)
    with pytest.raises(InsufficientData):
        percentile(np.array([]))


def test_intervals_of_a_rate_and_of_a_ratio_cover() -> None:
    rng = seeded(6)
    covered = np.zeros(2)
    for _ in range(400):
        found = cluster_bootstrap(log_of(rng, [0.1, 0.2], users=200), rng=rng, draws=500)
        ratio = percentile(found.draws[:, 1] / found.draws[:, 0])
        for place, (interval, truth) in enumerate([(found.intervals[0], 0.1), (ratio, 2)]):
            assert interval is not None
            covered[place] += interval.lower <= truth <= interval.upper

    # Three standard errors of the simulation below 0.94, which 500 draws and 200 users leave.
    assert np.all(covered >= 361)
