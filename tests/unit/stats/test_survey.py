from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.proportion import Interval, wilson
from foretaste.stats.survey import (
    horvitz_thompson,
    poststratified_rate,
    poststratify,
    unseen_traffic,
)


def test_over_all_samples_horvitz_and_thompson_are_right_on_average() -> None:
    hit, size = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 0]), 6
    found = [
        horvitz_thompson(
            hit[list(chosen)], range(size), np.full(size, 0.6), population=10, clusters=size
        )
        for chosen in combinations(range(10), size)
    ]
    rates = np.array([each.rate for each in found])
    variances = [each.variance for each in found if each.variance is not None]

    assert rates.mean() == pytest.approx(0.9)
    # Cochran 1977, theorem 2.2: drawing without replacement leaves 1 - n/N of the variance.
    assert len(variances) == len(found)
    assert np.mean(variances) * (1 - size / 10) == pytest.approx(rates.var())


def test_horvitz_and_thompson_cover_a_population_with_oversampled_parts() -> None:
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(4_000), 5)
    risky = rng.random(20_000) < 0.1
    own = rng.beta(2, 8, 4_000)[user]
    hit = rng.random(20_000) < np.where(risky, own, own / 20)
    probability = np.where(risky, 0.5, 0.05)
    covered = 0
    for _ in range(500):
        chosen = rng.random(20_000) < probability
        found = horvitz_thompson(
            hit[chosen], user[chosen], probability[chosen], population=20_000, clusters=4_000
        )
        assert found.variance is not None
        covered += abs(found.rate - hit.mean()) <= 1.96 * found.variance**0.5

    # Three standard errors of the simulation below 0.95.
    assert covered >= 460


def test_too_few_clusters_with_a_hit_have_no_variance() -> None:
    found = horvitz_thompson([1, 0], [3, 4], [0.1, 0.2], population=100, clusters=50)

    assert (found.total, found.rate) == pytest.approx((10, 0.1))
    assert (found.variance, found.clusters) == (None, 2)


@pytest.mark.parametrize(
    ("probability", "population", "clusters", "message"),
    [
        ([0.0, 0.5], 10, 5, "inclusion probability"),
        ([1.1, 0.5], 10, 5, "inclusion probability"),
        ([np.nan, 0.5], 10, 5, "inclusion probability"),
        ([0.5], 10, 5, "one for each turn"),
        ([0.5, 0.5], 1, 5, "more than"),
        ([0.5, 0.5], 10, 1, "more than"),
    ],
)
def test_what_is_no_sample_of_the_population_is_refused(
    probability: Any, population: int, clusters: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        horvitz_thompson([1, 0], [0, 1], probability, population=population, clusters=clusters)


def test_a_turn_a_cluster_gives_the_textbook_s_variance() -> None:
    rng = np.random.default_rng(2)
    stratum = np.repeat([0, 1, 2], [400, 300, 300])
    hit = rng.random(1_000) < np.array([0.1, 0.3, 0.5])[stratum]
    target = {0: 0.2, 1: 0.3, 2: 0.5}
    found = poststratified_rate(hit, np.arange(1_000), poststratify(stratum, target))
    rates = [hit[stratum == each].mean() for each in range(3)]

    assert found.rate == pytest.approx(sum(target[s] * r for s, r in enumerate(rates)))
    # method.md 11.7; G/(G-1) is 1000/999.
    assert found.variance == pytest.approx(
        sum(target[s] ** 2 * r * (1 - r) / [400, 300, 300][s] for s, r in enumerate(rates))
        * (1_000 / 999)
    )


def test_what_strata_differ_by_is_no_luck() -> None:
    rng = np.random.default_rng(3)
    stratum = np.repeat([0, 1], 500)
    hit = rng.random(1_000) < np.where(stratum, 0.9, 0.1)
    strata = poststratify(stratum, {0: 0.6, 1: 0.4})
    known = poststratified_rate(hit, np.arange(1_000), strata)
    plain = clustered_rate(hit, np.arange(1_000), strata.weight)

    assert known.rate == pytest.approx(plain.rate)
    assert known.variance is not None
    assert plain.variance is not None
    assert known.variance < plain.variance / 2


strata_of_turns = st.lists(st.integers(0, 6), min_size=1, max_size=120)


@given(strata_of_turns, st.integers(0, 2**32), st.integers(1, 40))
def test_every_group_has_its_share_and_none_is_too_small(
    stratum: list[int], seed: int, smallest: int
) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(9)) + 1e-6
    target = dict(enumerate((shares / shares.sum()).tolist()))
    base = rng.uniform(1, 5, len(stratum))
    found = poststratify(stratum, target, weight=base, smallest=smallest)
    groups = np.unique(found.group)
    covered = 1 - found.uncovered

    assert found.weight.mean() == pytest.approx(1)
    assert found.uncovered == pytest.approx(sum(target[s] for s in target if s not in stratum))
    assert len(groups) == 1 or min(np.sum(found.group == g) for g in groups) >= smallest
    for group in groups:
        inside = found.group == group
        share = sum(target[s] for s in np.unique(np.array(stratum)[inside]).tolist())
        assert found.weight[inside].sum() / len(stratum) == pytest.approx(share / covered)
        assert np.ptp(found.weight[inside] / base[inside]) == pytest.approx(0, abs=1e-9)


def test_small_strata_are_merged_and_large_ones_left_alone() -> None:
    stratum = np.repeat([0, 1, 2, 3], [100, 15, 10, 200])
    found = poststratify(stratum, {0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25})
    alone = poststratify(stratum[stratum != 1], {0: 0.5, 2: 0.25, 3: 0.25})

    assert found.merged == (1, 2)
    assert np.unique(found.group).tolist() == [0, 1, 3]
    # Ten turns cannot stand alone: the next smallest stratum joins them.
    assert alone.merged == (0, 2)


def test_a_stratum_without_turns_is_uncovered_and_not_dropped() -> None:
    found = poststratify(np.repeat([0, 1], 50), {0: 0.3, 1: 0.3, 2: 0.4})

    assert found.uncovered == pytest.approx(0.4)
    assert found.weight == pytest.approx(1)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({0: 0.5, 1: 0.4}, "sum to 1"),
        ({0: 1.5, 1: -0.5}, "0 or more"),
        ({0: np.nan, 1: 1.0}, "sum to 1"),
        ({0: 1.0}, "no share in the target"),
        ({0: 1.0, 1: 0.0}, "no share in the target"),
    ],
)
def test_a_target_that_is_no_distribution_over_the_strata_is_refused(
    target: dict[int, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        poststratify([0, 1], target)


def test_no_turns_are_insufficient_data() -> None:
    nothing = np.array([], dtype=np.intp)
    with pytest.raises(InsufficientData):
        poststratify(nothing, {0: 1.0})
    with pytest.raises(InsufficientData):
        horvitz_thompson(nothing, nothing, nothing, population=10, clusters=5)


@pytest.mark.parametrize("rates", [(0.02, 0.02, 0.02), (0.01, 0.1, 0.3)])
def test_a_poststratified_rate_of_clusters_is_covered(rates: tuple[float, ...]) -> None:
    rng = np.random.default_rng(4)
    target = {0: 0.2, 1: 0.3, 2: 0.5}
    truth = sum(target[s] * rate for s, rate in enumerate(rates))
    covered = 0
    for _ in range(600):
        user = np.repeat(np.arange(250), 1 + rng.poisson(5, 250))
        stratum = rng.choice(3, len(user), p=[0.7, 0.25, 0.05])
        own = rng.gamma(2, 0.5, 250)[user]
        hit = rng.random(len(user)) < np.minimum(1, own * np.array(rates)[stratum])
        found = poststratified_rate(hit, user, poststratify(stratum, target))
        lower, upper = wilson(found.rate * found.effective_n, found.effective_n)
        covered += lower <= truth <= upper

    # Three standard errors of the simulation below 0.95.
    assert covered >= 554


@given(st.floats(0, 1), st.floats(0, 1))
def test_unseen_traffic_widens_the_limits_and_holds_what_it_may_be(share: float, q: float) -> None:
    lower, upper = unseen_traffic(Interval(0.1, 0.2), share, q)

    assert lower <= (1 - share) * 0.15 + share * q / 2 <= upper
    assert unseen_traffic(Interval(0.1, 0.2), 0.0, q) == (0.1, 0.2)
    assert unseen_traffic(Interval(0.1, 0.2), 1.0) == (0.0, 1.0)


@pytest.mark.parametrize(("share", "most"), [(-0.1, 0.5), (1.1, 0.5), (0.1, 2.0), (np.nan, 0.5)])
def test_what_is_no_share_of_traffic_is_refused(share: float, most: float) -> None:
    with pytest.raises(ValueError, match="no shares"):
        unseen_traffic(Interval(0.1, 0.2), share, most)
