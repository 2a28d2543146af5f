import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from foretaste.errors import InsufficientData
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import (
    Floats,
    correlation,
    mcnemar_exact,
    paired_ratio,
    sign_test_by_cluster,
    sign_test_floor,
    tango,
)
from foretaste.stats.unpaired import rate_ratio


def score(only_before: float, only_after: float, n: float, difference: float) -> float:
    """Tango's statistic, from the restricted maximum likelihood of his section 2."""
    b, c, x = only_after, only_before, difference
    linear = -b - c + (2 * n - b + c) * x
    root = np.sqrt(linear**2 + 8 * n * c * x * (1 - x))
    share = (root - linear) / (4 * n)
    return float((b - c - n * x) / np.sqrt(n * (2 * share + x * (1 - x))))


@pytest.mark.parametrize(
    ("b", "c", "n"),
    [(1, 9, 60), (0, 3, 50), (7, 7, 90), (2.4, 0.3, 31.7), (40, 90, 700_000), (1, 0, 1_000_000)],
)
def test_tango_agrees_with_inverting_the_score_test(b: float, c: float, n: float) -> None:
    z, d = stats.norm.ppf(0.975), (c - b) / n
    lower = optimize.brentq(lambda x: score(b, c, n, x) - z, -1 + 1e-12, d - 1e-12, xtol=1e-15)
    upper = optimize.brentq(lambda x: score(b, c, n, x) + z, d + 1e-12, 1 - 1e-12, xtol=1e-15)

    assert tango(b, c, n) == pytest.approx((lower, upper), rel=1e-5)


@pytest.mark.parametrize("n", [1, 50, 1_000_000])
def test_without_discordant_pairs_tango_is_z_squared_wide(n: int) -> None:
    g = stats.norm.ppf(0.975) ** 2

    assert tango(0, 0, n) == pytest.approx((-g / (n + g), g / (n + g)), rel=1e-9)


def test_tango_of_pairs_that_all_changed_ends_at_one() -> None:
    g = stats.norm.ppf(0.975) ** 2

    assert tango(0, 30, 30) == pytest.approx(((30 - g) / (30 + g), 1.0))


tables = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1e6)).map(
    lambda t: (t[0] * t[1] * t[2], (1 - t[0]) * t[1] * t[2], t[2])
)


@given(tables)
def test_tango_holds_the_difference_and_mirrors(table: tuple[float, float, float]) -> None:
    b, c, n = table
    lower, upper = tango(b, c, n)

    assert -1 <= lower <= (c - b) / n <= upper <= 1
    assert tango(c, b, n) == pytest.approx((-upper, -lower), abs=1e-12)


@given(tables)
def test_a_higher_level_makes_tango_wider(table: tuple[float, float, float]) -> None:
    narrow, wide = tango(*table, level=0.8), tango(*table, level=0.99)

    assert wide.lower <= narrow.lower + 1e-12
    assert wide.upper >= narrow.upper - 1e-12


def test_tango_refuses_what_is_no_table() -> None:
    with pytest.raises(InsufficientData):
        tango(0, 0, 0)
    with pytest.raises(ValueError, match="no share"):
        tango(6, 5, 10)
    with pytest.raises(ValueError, match="negative"):
        tango(-1, 5, 10)


@pytest.mark.parametrize(
    ("n", "b", "c", "least"), [(30, 0.1, 0.1, 0.95), (30, 0.05, 0.2, 0.94), (60, 0.01, 0.01, 0.95)]
)
def test_tango_covers_a_difference_of_few_pairs(n: int, b: float, c: float, least: float) -> None:
    tables = [(i, j) for i in range(20) for j in range(20) if i + j <= n]
    chance = stats.multinomial(n, [b, c, 1 - b - c]).pmf([(i, j, n - i - j) for i, j in tables])
    limits = [tango(*table, n) for table in tables]
    inside = np.array([lower <= c - b <= upper for lower, upper in limits])

    # Exactly, over all tables but the all but impossible.
    assert chance.sum() == pytest.approx(1, abs=1e-3)
    assert chance[inside].sum() >= least


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 9), (10, 10), (3, 4), (400, 520), (0, 6)])
def test_mcnemar_is_the_binomial_test_at_one_half(b: int, c: int) -> None:
    reference = stats.binomtest(b, b + c).pvalue if b + c else 1.0

    assert mcnemar_exact(b, c) == pytest.approx(reference)
    assert mcnemar_exact(c, b) == mcnemar_exact(b, c)


@pytest.mark.parametrize("discordant", [3, 8, 25, 120])
def test_mcnemar_rejects_equal_rates_no_more_often_than_stated(discordant: int) -> None:
    b = np.arange(discordant + 1)
    p = np.array([mcnemar_exact(k, discordant - k) for k in b.tolist()])

    for level in (0.01, 0.05, 0.1):
        assert stats.binom.pmf(b, discordant, 0.5)[p <= level].sum() <= level


def test_mcnemar_refuses_a_negative_count() -> None:
    with pytest.raises(ValueError, match="no count"):
        mcnemar_exact(-1, 3)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_with_a_pair_a_cluster_the_sign_test_is_mcnemars(pairs: list[tuple[bool, bool]]) -> None:
    before, after = np.array(pairs).T
    b, c = int((before & ~after).sum()), int((~before & after).sum())

    assert sign_test_by_cluster(before, after, np.arange(len(pairs))) == mcnemar_exact(b, c)


def test_a_user_counts_once_however_many_turns_changed() -> None:
    cluster = np.repeat(np.arange(4), 25)
    before, after = np.zeros(100), np.ones(100)

    assert sign_test_by_cluster(before, after, cluster) == mcnemar_exact(0, 4)


def test_a_user_whose_changes_cancel_is_left_out() -> None:
    p = sign_test_by_cluster([1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 1, 2])

    assert p == mcnemar_exact(0, 2)


def test_the_sign_test_rejects_equal_rates_of_talkative_users_no_more_often_than_stated() -> None:
    rng = np.random.default_rng(13)
    rejected = pairs_rejected = 0
    for _ in range(1_000):
        cluster = np.repeat(np.arange(40), rng.geometric(0.1, 40))
        # A user's mood in each lane, whose distribution is the same in both.
        before, after = rng.random(len(cluster)) < rng.beta(0.3, 0.7, (2, 40))[:, cluster]
        rejected += sign_test_by_cluster(before, after, cluster) <= 0.05
        pairs_rejected += (
            mcnemar_exact(int((before & ~after).sum()), int((~before & after).sum())) <= 0.05
        )

    # Three standard errors of the simulation above 0.05; McNemar's test takes pairs as independent.
    assert rejected <= 70
    assert pairs_rejected > 300


def counted(*each: tuple[int, int, int, int]) -> tuple[Floats, ...]:
    return tuple(np.array(each, dtype=float).T)


def test_lanes_that_have_nothing_to_do_with_each_other_do_not_correlate() -> None:
    # 100 pairs, 20 and 50 sightings: 10 together are what independence gives.
    assert correlation(*counted((10, 10, 40, 100))).tolist() == [pytest.approx(0)]


def test_alike_tables_have_their_own_phi() -> None:
    # Pearson correlation of the outcomes in [[30, 10], [10, 50]]: 7/12.
    expected = stats.pearsonr([1] * 40 + [0] * 60, [1] * 30 + [0] * 60 + [1] * 10).statistic

    found = correlation(*counted((30, 10, 10, 100), (30, 10, 10, 100)))
    assert found.tolist() == pytest.approx([expected, expected])


def test_few_sightings_are_drawn_to_what_all_behaviors_show() -> None:
    rich, poor = correlation(*counted((30, 10, 10, 100), (1, 0, 0, 100)))

    assert 0.58 < poor < 0.7  # its own phi is 1, the others' 7/12
    assert rich == pytest.approx(7 / 12, abs=0.03)


def test_no_sighting_is_no_correlation_and_it_never_passes_its_bounds() -> None:
    assert correlation(*counted((0, 0, 0, 100))).tolist() == [0]
    assert correlation(*counted((50, 0, 0, 100))).tolist() == [0.9]
    assert correlation(*counted((0, 50, 50, 100))).tolist() == [0]


def test_several_tables_of_a_behavior_count_together() -> None:
    stacked = [np.stack([x, x]) for x in counted((30, 10, 10, 100), (5, 5, 5, 100))]

    np.testing.assert_allclose(
        correlation(*stacked),
        correlation(*counted((60, 20, 20, 200), (10, 10, 10, 200))),
        rtol=0.02,
    )


@pytest.mark.parametrize("tests", [1, 40, 2_000])
def test_the_floor_is_the_first_count_that_passes_alone_among_many(tests: int) -> None:
    found = sign_test_floor(1_000, tests)
    idle: list[float | None] = [1.0] * (tests - 1)

    (q, *_), (short, *_) = (
        benjamini_hochberg([mcnemar_exact(0, found.clusters - less), *idle]) for less in (0, 1)
    )
    assert q is not None
    assert short is not None
    assert q <= 0.05 < short
    assert found.share is not None
    assert stats.binom.sf(found.clusters - 1, 1_000, found.share) == pytest.approx(0.95)


def test_too_few_clusters_have_no_floor() -> None:
    assert sign_test_floor(10, 1_000).share is None


def test_a_paired_ratio_without_pairs_in_both_is_the_exact_unpaired_one() -> None:
    assert paired_ratio(0, 10, 20) == pytest.approx(rate_ratio(10, 1_000, 20, 1_000))


def test_a_paired_ratio_inverts_nam_and_blackwelder_s_score_test() -> None:
    # Many concordant pairs, few of them moved one way: the score test is the wider of the two.
    both, only_before, only_after, z = 100, 10, 30, stats.norm.ppf(0.975)
    high = paired_ratio(both, only_before, only_after).upper
    cells = np.array([both, only_before, only_after]) / 140

    def unlikely(b: float) -> float:
        c = 1 - (1 - b) / high
        return -float(cells @ np.log([1 - b - c, b, c]))

    b = optimize.minimize_scalar(
        unlikely, bounds=(1e-9, 1 / (1 + high) - 1e-9), method="bounded", options={"xatol": 1e-12}
    ).x
    spread = 140 * high * (b + 1 - (1 - b) / high)
    assert (130 - high * 110) / np.sqrt(spread) == pytest.approx(-z, rel=1e-5)


@pytest.mark.parametrize(
    ("table", "end"), [((0, 0, 5), "upper"), ((0, 5, 0), "lower"), ((5, 0, 0), "none")]
)
def test_a_lane_that_never_shows_it_leaves_the_ratio_open(
    table: tuple[int, int, int], end: str
) -> None:
    lower, upper = paired_ratio(*table)

    assert (upper == np.inf) is (end == "upper")
    assert (lower == 0) is (end == "lower")
    assert lower <= 1 <= upper


@given(st.tuples(*[st.floats(0.01, 1e5)] * 3))
def test_a_paired_ratio_holds_the_ratio_and_mirrors(table: tuple[float, float, float]) -> None:
    both, before, after = table
    lower, upper = paired_ratio(both, before, after)
    ratio = (both + after) / (both + before)

    assert lower <= ratio * (1 + 1e-9)
    assert ratio <= upper * (1 + 1e-9)
    turned = paired_ratio(both, after, before)
    assert (1 / turned.upper, 1 / turned.lower) == pytest.approx((lower, upper), rel=1e-4)


# Pairs, rate before, ratio, correlation of the two lanes: small counts and large, rare and common.
PLANTED = [
    (100, 0.02, 1, 0.0),
    (100, 0.02, 1, 0.5),
    (200, 0.05, 2, 0.5),
    (300, 0.25, 1, 0.5),
    (300, 0.25, 1.5, 0.8),
    (500, 0.5, 1.9, 0.0),
    (60, 0.6, 1.2, 0.5),
]


@pytest.mark.parametrize(("pairs", "rate", "ratio", "alike"), PLANTED)
def test_a_paired_ratio_misses_on_either_side_as_seldom_as_it_says(
    pairs: int, rate: float, ratio: float, alike: float
) -> None:
    rng = np.random.default_rng(5)
    after = rate * ratio
    both = rate * after + alike * np.sqrt(rate * (1 - rate) * after * (1 - after))
    both = min(both, rate, after)
    shares = [both, rate - both, after - both, 1 - rate - after + both]
    drawn = rng.multinomial(pairs, shares, 2_000)[:, :3]
    tables, often = np.unique(drawn[drawn.any(axis=1)], axis=0, return_counts=True)
    limits = np.array([paired_ratio(*table) for table in tables.tolist()])

    # 2.5 % are to be missed, and the simulation itself errs by 0.35 % of them.
    assert often[ratio < limits[:, 0]].sum() <= 2_000 * 0.036
    assert often[ratio > limits[:, 1]].sum() <= 2_000 * 0.036


def test_a_ratio_of_nothing_is_not_enough_data() -> None:
    with pytest.raises(InsufficientData):
        paired_ratio(0, 0, 0)
    with pytest.raises(ValueError, match="negative"):
        paired_ratio(1, -1, 0)
