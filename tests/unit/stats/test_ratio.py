import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from foretaste.errors import InsufficientData
from foretaste.stats.ratio import smoothed_ratio

Table = tuple[int, int, int, int]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    n1, n2 = draw(st.integers(1, 10_000)), draw(st.integers(1, 10_000))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


def test_it_is_the_textbook_s_interval_with_half_a_case_added() -> None:
    # The delta method written out for log(41.5/1001) - log(20.5/1001), with scipy's quantile.
    found = smoothed_ratio(41, 1000, 20, 1000)
    spread = np.sqrt(1 / 41.5 - 1 / 1001 + 1 / 20.5 - 1 / 1001)

    assert found.value == pytest.approx(41.5 / 20.5)
    assert found.upper == pytest.approx(found.value * np.exp(norm.ppf(0.975) * spread))


def test_for_rare_behaviors_it_is_the_published_form() -> None:
    # method.md 11.4: exp(ln(J1/J2) +/- z sqrt(1/(k1+.5) + 1/(k2+.5))).
    found = smoothed_ratio(10, 1e9, 20, 1e9)
    published = 10.5 / 20.5 * np.exp(norm.ppf(0.975) * np.sqrt(1 / 10.5 + 1 / 20.5))

    assert found.upper == pytest.approx(published)


@given(tables())
def test_swapping_the_samples_turns_it_over(table: Table) -> None:
    k1, n1, k2, n2 = table
    found, other = smoothed_ratio(k1, n1, k2, n2), smoothed_ratio(k2, n2, k1, n1)

    assert other.value == pytest.approx(1 / found.value)
    assert other.lower == pytest.approx(1 / found.upper)
    assert 0 < found.lower < found.value < found.upper


@given(tables(), st.integers(2, 10))
def test_more_turns_say_more(table: Table, times: int) -> None:
    k1, n1, k2, n2 = table
    few, many = (
        smoothed_ratio(times * k1, times * n1, times * k2, times * n2, level)
        for level in (0.95, 0.5)
    )

    assert few.upper / few.lower > many.upper / many.lower


@pytest.mark.parametrize(
    ("p1", "p2", "n1", "n2"),
    [(0.02, 0.04, 800, 600), (0.3, 0.3, 60, 90), (0.9, 0.7, 50, 50), (0.005, 0.02, 400, 2000)],
)
def test_it_covers_as_often_as_it_says_or_more(p1: float, p2: float, n1: int, n2: int) -> None:
    # Exact: every pair of counts weighed by its probability, so nothing is drawn.
    found = 0.0
    for k1, chance in enumerate(binom.pmf(np.arange(n1 + 1), n1, p1)):
        if chance < 1e-6:
            continue
        ends = [smoothed_ratio(k1, n1, k2, n2) for k2 in range(_most(n2, p2) + 1)]
        held = [each.lower <= p1 / p2 <= each.upper for each in ends]
        found += chance * float(binom.pmf(np.arange(len(ends)), n2, p2) @ held)

    assert 0.94 <= found <= 0.995


def _most(n: int, p: float) -> int:
    return min(n, int(binom.ppf(1 - 1e-7, n, p)) + 1)


def test_nothing_to_compare_is_no_ratio_of_one() -> None:
    with pytest.raises(InsufficientData):
        smoothed_ratio(0, 0, 1, 10)
    with pytest.raises(ValueError, match="no share"):
        smoothed_ratio(3, 2, 1, 10)
