import numpy as np
import pytest
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.permuted import _upper_tail, goes_with


def assigned(rng: np.random.Generator, rows: int, units: int, shown: int) -> np.ndarray:
    marks = np.zeros((rows, units))
    np.put_along_axis(marks, rng.random((rows, units)).argsort(axis=1)[:, :shown], 1.0, axis=1)
    return marks


def test_the_tail_is_that_of_pearson_s_third_curve() -> None:
    z, skew = np.array([1.0, 2, -1, 0.5, 3]), np.array([0.5, 1.5, 0.8, 2.5, 0])

    assert _upper_tail(z, skew) == pytest.approx(stats.pearson3.sf(z, skew), rel=1e-9)


def test_the_moments_are_those_of_all_permutations() -> None:
    rng = np.random.default_rng(5)
    value = rng.gamma(1.0, size=40)
    marks = assigned(rng, 10_000, 40, 6)
    exact = np.array([(marks @ value >= total).mean() for total in (marks @ value)[:50]])

    assert goes_with(marks[:50], value) == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["few high", "near one", "crowded", "spread", "two humps"])
def test_a_mark_that_says_nothing_rarely_has_a_small_p(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rare = rng.random(200) < 0.06
    value = {
        "few high": rare * 1.0,
        "near one": 1 - rare * 0.7,
        "crowded": rng.beta(12, 1, 200),
        "spread": rng.beta(2, 5, 200),
        "two humps": np.where(rare, rng.beta(9, 1, 200), rng.beta(1, 20, 200)),
    }[kind]
    found = goes_with(assigned(rng, 5_000, 200, 7), value)

    assert (found <= 0.05).mean() <= 0.08  # two humps are nearly a grid
    assert (found <= 0.001).mean() <= 0.003
    assert found.min() > 1e-7


def test_what_shows_where_values_are_high_has_a_tiny_p_and_the_reverse_none() -> None:
    value = np.repeat([0.9, 0.1], [10, 90]) + np.linspace(0, 0.05, 100)
    marks = np.array([np.repeat([1, 0], [10, 90]), np.repeat([0, 1], [90, 10])])
    high, low = goes_with(marks, value)

    assert high < 1e-6
    assert low > 0.5


def test_what_does_not_vary_tells_nothing() -> None:
    assert goes_with(np.ones((1, 8)), np.arange(8.0)) == [1.0]
    assert goes_with(np.eye(8)[:1], np.full(8, 0.5)) == [1.0]


def test_too_few_units_and_wrong_arrays_are_refused() -> None:
    with pytest.raises(InsufficientData, match="at least 4"):
        goes_with(np.ones((1, 3)), np.ones(3))
    with pytest.raises(ValueError, match="a value for each unit"):
        goes_with(np.ones((1, 4)), np.ones(5))
    with pytest.raises(ValueError, match="finite"):
        goes_with(np.full((1, 4), np.nan), np.ones(4))
