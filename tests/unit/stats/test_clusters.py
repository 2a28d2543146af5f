from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import (
    MIN_POSITIVE_CLUSTERS,
    clustered_difference,
    clustered_rate,
    clustered_rates,
    clustered_table,
)
from foretaste.stats.paired import paired_ratio, tango
from foretaste.stats.proportion import wilson
from foretaste.stats.totals import Codes, Floats, cluster_totals


def drawn_log(
    rng: np.random.Generator, rate: float, correlation: float, users: int
) -> tuple[Floats, Codes]:
    """Turns of users whose own rates are Beta with that mean and intra-cluster correlation."""
    size = (1 - correlation) / correlation
    cluster = np.repeat(np.arange(users), 1 + rng.poisson(9, users))
    own = rng.beta(rate * size, (1 - rate) * size, users)
    return (rng.random(len(cluster)) < own[cluster]).astype(np.float64), cluster


def test_a_turn_per_cluster_leaves_n_as_it_is() -> None:
    hit = np.arange(1_000) % 10 == 0
    found = clustered_rate(hit, np.arange(1_000))

    assert found.rate == pytest.approx(0.1)
    assert found.variance == pytest.approx(0.1 * 0.9 / 999)
    assert found.effective_n == pytest.approx(999)
    assert (found.clusters, found.simple_n) == (1_000, 1_000)


def test_users_who_always_say_the_same_count_once() -> None:
    cluster = np.repeat(np.arange(100), 20)
    found = clustered_rate(cluster % 4 == 0, cluster)

    assert found.rate == 0.25
    assert found.effective_n == pytest.approx(99)
    assert found.simple_n == 2_000


def test_the_variance_is_the_sum_over_clusters_written_out() -> None:
    rng = np.random.default_rng(5)
    hit, cluster = drawn_log(rng, 0.3, 0.2, 40)
    w = rng.uniform(0.5, 4, len(hit))
    found = clustered_rate(hit, cluster, w)
    rate = sum(w * hit) / sum(w)
    squares = sum(sum((w * (hit - rate))[cluster == g]) ** 2 for g in range(40))

    assert found.rate == pytest.approx(rate)
    assert found.variance == pytest.approx(40 / 39 * squares / sum(w) ** 2)


def test_weights_undo_oversampling() -> None:
    rng = np.random.default_rng(6)
    risky = rng.random(200_000) < 0.1
    hit = rng.random(200_000) < np.where(risky, 0.2, 0.01)
    kept = risky | (rng.random(200_000) < 0.05)
    weight = np.where(risky, 1.0, 20.0)[kept]
    found = clustered_rate(hit[kept], np.arange(kept.sum()), weight)

    assert found.variance is not None
    assert found.rate == pytest.approx(hit.mean(), abs=4 * found.variance**0.5)
    assert found.simple_n < kept.sum()


@pytest.mark.parametrize("mirrored", [False, True])
def test_too_few_telling_clusters_mean_full_correlation(mirrored: bool) -> None:
    cluster = np.repeat(np.arange(50), 10)
    few = cluster < MIN_POSITIVE_CLUSTERS - 1
    enough = cluster < MIN_POSITIVE_CLUSTERS
    first = np.arange(500) % 10 == 0
    worst = clustered_rate((few & first) ^ mirrored, cluster)
    measured = clustered_rate((enough & first) ^ mirrored, cluster)

    assert worst.variance is None
    assert worst.effective_n == pytest.approx(50)
    assert measured.variance is not None
    assert measured.effective_n == pytest.approx(500)


def test_clusters_that_are_all_alike_leave_n_as_it_is() -> None:
    found = clustered_rate(np.arange(200) % 2, np.repeat(np.arange(100), 2))

    assert (found.variance, found.effective_n) == (0.0, 200.0)


def test_all_behaviors_at_once_are_each_behavior_alone() -> None:
    rng = np.random.default_rng(7)
    cluster = rng.integers(0, 80, 1_000)
    hit, graded = rng.random((1_000, 4)) < [0.3, 0.001, 0.9, 0.5], rng.random((1_000, 4)) < 0.8
    weight = rng.uniform(1, 3, 1_000)
    graded[:, 3] = False
    found = clustered_rates(cluster_totals(hit, cluster, weight, graded))
    alone = [
        clustered_rate(hit[known, behavior], cluster[known], weight[known])
        for behavior, known in enumerate(graded.T[:3])
    ]

    assert found == (*alone, None)


def test_a_part_of_the_traffic_that_few_turns_stand_for_is_not_known() -> None:
    hit = np.repeat([1, 0, 0], [20, 960, 20])
    weight = np.repeat([1.0, 49.0], [980, 20])
    found = clustered_rate(hit, np.arange(1_000), weight)

    assert found.effective_n == found.simple_n < 100


def test_zero_hits_of_few_talkative_users_say_little() -> None:
    cluster = np.array([0] * 900 + [1] * 50 + [2] * 50)
    found = clustered_rate(np.zeros(1_000), cluster)

    assert found.rate == 0.0
    assert found.effective_n == pytest.approx(1_000**2 / (900**2 + 2 * 50**2))


def test_one_cluster_has_no_variance() -> None:
    found = clustered_rate([1, 0, 1], [7, 7, 7])

    assert found.variance is None
    assert (found.effective_n, found.clusters) == (1.0, 1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.floats(0.1, 9)), min_size=1))
def test_the_order_and_the_names_of_clusters_do_not_matter(
    rows: list[tuple[bool, int, float]],
) -> None:
    hit, cluster, weight = (np.array(column) for column in zip(*rows, strict=True))
    one = clustered_rate(hit, cluster, weight)
    other = clustered_rate(hit[::-1], 1_000 - 7 * cluster[::-1], weight[::-1] * 3)

    assert one.rate == pytest.approx(other.rate)
    assert one.effective_n == pytest.approx(other.effective_n)
    assert one.effective_n <= len(rows) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("hit", "cluster", "weight"),
    [
        ([np.nan, 1], [0, 1], None),
        ([0.5, 1], [0, 1], None),
        ([[0, 1]], [0, 1], None),
        ([0, 1], [0], None),
        ([0, 1], [-1, 0], None),
        ([0, 1], [0.0, 1.0], None),
        ([0, 1], [0, 1], [1, 0]),
        ([0, 1], [0, 1], [1, np.inf]),
        ([0, 1], [0, 1], [1]),
    ],
)
def test_what_is_no_sample_is_refused(hit: Any, cluster: Any, weight: Any) -> None:
    with pytest.raises(ValueError, match=r"hits must|cluster code|weights must"):
        clustered_rate(hit, cluster, weight)


def test_no_turns_are_insufficient_data() -> None:
    nothing: npt.NDArray[np.intp] = np.array([], dtype=np.intp)
    with pytest.raises(InsufficientData):
        clustered_rate(nothing, nothing)
    with pytest.raises(InsufficientData):
        clustered_difference(nothing, nothing, nothing)


@pytest.mark.parametrize(
    ("rate", "correlation", "users"),
    [(0.01, 0.1, 50), (0.01, 0.5, 300), (0.1, 0.1, 300), (0.5, 0.3, 100), (0.97, 0.3, 300)],
)
def test_wilson_on_the_effective_n_covers_a_clustered_rate(
    rate: float, correlation: float, users: int
) -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(1_000):
        found = clustered_rate(*drawn_log(rng, rate, correlation, users))
        lower, upper = wilson(found.rate * found.effective_n, found.effective_n)
        covered += lower <= rate <= upper

    # Three standard errors of the simulation below 0.95.
    assert covered >= 930


def test_heavy_tailed_users_with_a_rare_behavior_are_covered_nearly_as_often() -> None:
    rng = np.random.default_rng(13)
    covered = 0
    for _ in range(1_000):
        size = np.maximum(1, np.round(np.exp(rng.normal(1, 1.5, 300)))).astype(int)
        cluster = np.repeat(np.arange(300), size)
        own = rng.beta(0.02 * 9, 0.98 * 9, 300)
        found = clustered_rate(rng.random(len(cluster)) < own[cluster], cluster)
        lower, upper = wilson(found.rate * found.effective_n, found.effective_n)
        covered += lower <= 0.02 <= upper

    # 0.94 in long runs; without regard to the degrees of freedom it was 0.89.
    assert covered >= 920


def test_a_difference_of_unclustered_pairs_is_mcnemars() -> None:
    before = np.repeat([1, 1, 0, 0], [30, 10, 20, 940])
    after = np.repeat([1, 0, 1, 0], [30, 10, 20, 940])
    found = clustered_difference(before, after, np.arange(1_000))

    assert found.difference == pytest.approx(0.01)
    assert found.variance == pytest.approx((30 - 10**2 / 1_000) / 1_000 / 999)
    assert found.deff == pytest.approx(1_000 / 999)
    assert found.only_before == pytest.approx(10 / found.deff)
    assert found.only_after == pytest.approx(20 / found.deff)


def test_pairs_of_users_who_change_as_one_count_once() -> None:
    cluster = np.repeat(np.arange(100), 5)
    found = clustered_difference(np.zeros(500), cluster % 10 == 0, cluster)

    assert found.deff == pytest.approx(500 / 99)
    assert found.clusters == 100


def test_a_change_in_few_clusters_is_taken_at_its_worst() -> None:
    cluster = np.repeat(np.arange(100), 5)
    found = clustered_difference(np.zeros(500), np.arange(500) % 150 == 0, cluster)

    assert found.variance is None
    assert found.deff == pytest.approx(5)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        clustered_difference([0, 1], [0], [0, 1])


def test_tango_on_the_deflated_table_covers_a_clustered_difference() -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(1_000):
        cluster = np.repeat(np.arange(150), 1 + rng.poisson(4, 150))
        own = rng.beta(0.4, 1.6, 150)[cluster]
        before = rng.random(len(cluster)) < own
        after = rng.random(len(cluster)) < own * 0.5
        found = clustered_difference(before, after, cluster)
        lower, upper = tango(found.only_before, found.only_after, found.effective_n)
        covered += lower <= -0.1 <= upper

    assert covered >= 930


def test_independent_pairs_keep_their_table() -> None:
    before, after = [1, 1, 1, 0] * 250, [1, 0, 0, 1] * 250
    found = clustered_table(before, after, np.arange(1_000))

    assert found == pytest.approx((250, 500, 250, 1_000), rel=0.02)
    assert found.counts == pytest.approx((750, 500), rel=0.02)


def test_a_table_of_few_clusters_that_differ_is_one_of_whole_clusters() -> None:
    cluster = np.repeat(np.arange(100), 10)
    found = clustered_table(np.zeros(1_000), cluster < 3, cluster)

    assert found == pytest.approx((0, 0, 3, 100))


def test_no_pairs_have_no_table() -> None:
    with pytest.raises(InsufficientData):
        clustered_table([], [], np.array([], dtype=int))


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_the_ratio_of_a_deflated_table_covers_a_clustered_ratio(ratio: float) -> None:
    rng = np.random.default_rng(13)
    below = above = 0
    for _ in range(400):
        cluster = np.repeat(np.arange(150), 1 + rng.poisson(3, 150))
        own = 0.4 * rng.beta(0.4, 1.6, 150)[cluster]
        before = rng.random(len(cluster)) < own
        after = rng.random(len(cluster)) < own * ratio
        lower, upper = paired_ratio(*clustered_table(before, after, cluster)[:3])
        below += ratio < lower
        above += ratio > upper

    assert below <= 18
    assert above <= 18
