from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.unpaired import fisher_exact, more_often, rate_ratio

lanes = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_lady_tasting_tea_and_the_convicted_twins_have_their_published_p() -> None:
    # Fisher's examples, with the p-values that R's fisher.test gives in its documentation.
    assert fisher_exact(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher_exact(2, 17, 10, 13) == pytest.approx(0.0005367, abs=5e-8)


@given(lanes, lanes)
def test_fishers_test_is_scipys(before: tuple[int, int], after: tuple[int, int]) -> None:
    (k1, n1), (k2, n2) = before, after
    p = fisher_exact(k1, n1, k2, n2)

    assert p == pytest.approx(stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue, rel=1e-6)
    assert fisher_exact(k2, n2, k1, n1) == pytest.approx(p)
    assert fisher_exact(n1 - k1, n1, n2 - k2, n2) == pytest.approx(p)


@pytest.mark.parametrize(("k1", "k2"), [(120, 160), (9, 0), (300_000, 301_500)])
def test_fishers_test_takes_a_million_turns(k1: int, k2: int) -> None:
    n = 1_000_000
    reference = stats.fisher_exact([[k1, n - k1], [k2, n - k2]]).pvalue

    assert fisher_exact(k1, n, k2, n) == pytest.approx(reference, rel=1e-5)


def test_no_sightings_are_no_evidence_of_a_change() -> None:
    assert fisher_exact(0, 50, 0, 900) == 1
    assert fisher_exact(50, 50, 900, 900) == 1


def test_fishers_test_rejects_equal_rates_no_more_often_than_stated() -> None:
    n1, n2, rate = 60, 90, 0.1
    first, second = np.arange(30), np.arange(40)
    chance = stats.binom.pmf(first, n1, rate)[:, None] * stats.binom.pmf(second, n2, rate)
    p = [[fisher_exact(int(a), n1, int(b), n2) for b in second] for a in first]

    for level in (0.05, 0.1):
        assert chance[np.array(p) <= level].sum() <= level


def test_the_ratio_has_the_interval_of_rs_poisson_test() -> None:
    # R's documentation of poisson.test: 11 events in 800 against 21 in 3,011.
    assert rate_ratio(21, 3_011, 11, 800) == pytest.approx((0.8584264, 4.2772659), abs=5e-8)


@given(lanes, lanes, st.floats(0.5, 0.99))
def test_the_interval_holds_the_ratio_and_turns_over(
    before: tuple[int, int], after: tuple[int, int], level: float
) -> None:
    (k1, n1), (k2, n2) = before, after
    if not k1 + k2:
        return
    lower, upper = rate_ratio(*before, *after, level)
    back = rate_ratio(*after, *before, level)

    assert lower * (k1 / n1) <= k2 / n2 * (1 + 1e-9)
    assert k2 / n2 <= upper * (k1 / n1) * (1 + 1e-9) or upper == inf
    assert back.lower == pytest.approx(1 / upper if upper else inf)
    assert back.upper == pytest.approx(1 / lower if lower else inf)


def test_without_a_sighting_before_the_ratio_has_no_upper_limit() -> None:
    lower, upper = rate_ratio(0, 1_000, 5, 1_000)

    assert upper == inf
    # All five came after: a chance of q^5, with the odds q/(1 - q) of the ratio.
    q = 0.025 ** (1 / 5)
    assert lower == pytest.approx(q / (1 - q))
    assert rate_ratio(5, 1_000, 0, 1_000).lower == 0


def test_deflated_counts_widen_the_interval() -> None:
    full, deflated = rate_ratio(10, 1_000, 20, 1_000), rate_ratio(2.5, 250, 5, 250)

    assert deflated.lower < full.lower
    assert deflated.upper > full.upper


def test_a_ratio_of_nothing_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData, match="sighting"):
        rate_ratio(0, 100, 0, 100)
    for made in (rate_ratio, fisher_exact):
        with pytest.raises(InsufficientData):
            made(0, 0, 1, 10)
        with pytest.raises(ValueError, match="no share"):
            made(11, 10, 1, 10)
    with pytest.raises(ValueError, match="level"):
        rate_ratio(1, 10, 1, 10, level=0)


@pytest.mark.parametrize("events", [1, 3, 10, 30])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("turns", [1, 10])
def test_the_interval_covers_at_least_what_it_says_on_either_side(
    events: float, ratio: float, turns: int
) -> None:
    before, after = 10_000, 10_000 * turns
    k1, k2 = (np.arange(stats.poisson.isf(1e-9, mean)) for mean in (events, events * ratio * turns))
    chance = stats.binom.pmf(k1, before, events / before)[:, None] * stats.binom.pmf(
        k2, after, events * ratio / before
    )
    # The same limits as shares of all sightings, for all pairs of counts at once.
    total, share = k1[:, None] + k2, ratio * turns / (1 + ratio * turns)
    too_low = stats.binom.cdf(k2, total, share) < 0.025
    too_high = stats.binom.sf(k2 - 1, total, share) < 0.025
    example = rate_ratio(k1[2], before, k2[2], after)

    assert chance[too_low].sum() <= 0.025
    assert chance[too_high].sum() <= 0.025
    assert (example.upper < ratio, example.lower > ratio) == (too_low[2, 2], too_high[2, 2])


@pytest.mark.parametrize(("k_before", "k_after"), [(10, 20), (0, 5), (3, 1), (7, 0)])
def test_more_often_is_the_upper_tail_of_all_sightings(k_before: int, k_after: int) -> None:
    tail = stats.binom.sf(k_after - 1, k_before + k_after, 300 / 1_300)

    assert more_often(k_before, 1_000, k_after, 300) == pytest.approx(tail)


def test_more_often_and_the_ratio_s_interval_agree_at_its_limit() -> None:
    lower = rate_ratio(10, 1_000, 12, 500).lower

    assert more_often(10, 1_000, 12, 500 * lower) == pytest.approx(0.025)
    assert more_often(9.5, 1_000, 12.5, 500) < more_often(10, 1_000, 12, 500)
