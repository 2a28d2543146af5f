import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.equivalence import equivalence, pairs_needed
from foretaste.stats.proportion import wilson


def test_the_published_number_of_pairs_is_needed() -> None:
    # method.md 11.9: (z.95 + z.95)^2 * 0.25 / 0.05^2, about 1,100.
    assert pairs_needed(0.05) == 1083
    assert pairs_needed(0.1) == 271


def test_the_tests_are_score_tests_at_the_bounds() -> None:
    found = equivalence(510, 1_000, margin=0.05)
    low = (0.51 - 0.45) / np.sqrt(0.45 * 0.55 / 1_000)
    high = (0.51 - 0.55) / np.sqrt(0.45 * 0.55 / 1_000)

    assert found.p_below == pytest.approx(stats.norm.sf(low))
    assert found.p_above == pytest.approx(stats.norm.cdf(high))
    assert found.p_value == found.p_above
    assert found.equivalent


@given(n=st.integers(1, 5_000), share=st.floats(0, 1), margin=st.floats(0.01, 0.4))
def test_it_is_shown_just_where_the_90_percent_wilson_interval_lies_within(
    n: int, share: float, margin: float
) -> None:
    k = round(share * n)
    interval = wilson(k, n, 0.9)
    inside = 0.5 - margin < interval.lower and interval.upper < 0.5 + margin
    gap = min(abs(interval.lower - 0.5 + margin), abs(interval.upper - 0.5 - margin))

    assert equivalence(k, n, margin=margin).equivalent == inside or gap < 1e-9


@given(n=st.integers(1, 2_000), share=st.floats(0, 1), margin=st.floats(0.01, 0.4))
def test_wins_and_losses_exchange_the_two_tests(n: int, share: float, margin: float) -> None:
    k = share * n
    one, other = equivalence(k, n, margin=margin), equivalence(n - k, n, margin=margin)

    assert one.p_below == pytest.approx(other.p_above)
    assert one.p_above == pytest.approx(other.p_below)


@given(n=st.integers(1, 2_000), share=st.floats(0, 1), margin=st.floats(0.01, 0.2))
def test_a_wider_margin_is_never_harder_to_keep(n: int, share: float, margin: float) -> None:
    narrow = equivalence(share * n, n, margin=margin)
    wide = equivalence(share * n, n, margin=2 * margin)

    assert wide.p_value <= narrow.p_value + 1e-12


@pytest.mark.parametrize(("truth", "low", "high"), [(0.45, 0.03, 0.055), (0.55, 0.03, 0.055)])
def test_at_the_bounds_it_errs_in_at_most_five_of_a_hundred(
    truth: float, low: float, high: float
) -> None:
    assert low < shown(truth, pairs_needed(0.05)) < high


def test_with_the_pairs_needed_it_is_shown_nine_times_of_ten() -> None:
    assert shown(0.5, pairs_needed(0.05)) == pytest.approx(0.9, abs=0.015)


def shown(truth: float, n: int, draws: int = 10_000) -> float:
    """Share of seeded samples in which equivalence is shown."""
    wins = np.random.default_rng(5).binomial(n, truth, draws)
    return float(np.mean([equivalence(int(k), n, margin=0.05).equivalent for k in wins]))


def test_few_pairs_show_nothing_even_at_one_half() -> None:
    assert not equivalence(50, 100, margin=0.05).equivalent


def test_nothing_to_go_by_is_refused() -> None:
    with pytest.raises(InsufficientData):
        equivalence(0, 0, margin=0.05)


@pytest.mark.parametrize("margin", [0.0, -0.1, 0.5, float("nan")])
def test_a_margin_that_leaves_no_share_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="does not lie within 0 and 1"):
        equivalence(1, 2, margin=margin)
    with pytest.raises(ValueError, match="does not lie within 0 and 1"):
        pairs_needed(margin)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="one-sided"):
        equivalence(1, 2, margin=0.1, level=level)


def test_more_power_and_a_narrower_margin_take_more_pairs() -> None:
    assert pairs_needed(0.05, power=0.95) > pairs_needed(0.05) > pairs_needed(0.06)
