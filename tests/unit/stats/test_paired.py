import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from foretaste.errors import InsufficientData
from foretaste.stats.paired import mcnemar_exact, sign_test_by_cluster, tango


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


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 9), (10, 10), (3, 4), (400, 520), (0, 6)])
def test_mcnemar_is_the_binomial_test_at_one_half(b: int, c: int) -> None:
    reference = stats.binomtest(b, b + c).pvalue if b + c else 1.0

    assert mcnemar_exact(b, c) == pytest.approx(reference)
    assert mcnemar_exact(c, b) == mcnemar_exact(b, c)


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
