import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.belief import Belief
from foretaste.stats.counts import best_rate, chances, covered, predictive

beliefs = st.tuples(st.floats(0.2, 200), st.floats(0.2, 2_000))


@pytest.mark.parametrize(
    ("a", "b", "n"), [(0.5, 60.5, 61), (12.5, 40.5, 200), (3.0, 3.0, 1), (0.3, 0.4, 4_000)]
)
def test_chances_are_those_of_the_beta_binomial(a: float, b: float, n: int) -> None:
    found = chances(a, b, n)
    expected = stats.betabinom.pmf(np.arange(n + 1), n, a, b)

    assert found.value[0].tolist() == list(range(n + 1))
    np.testing.assert_allclose(found.chance[0], expected, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize(
    ("a", "b", "n"), [(12.5, 199_988.5, 700_000), (0.5, 900.5, 50_000), (800.0, 200.0, 100_000)]
)
def test_in_a_large_sample_counts_that_stand_for_others_keep_the_distribution(
    a: float, b: float, n: int
) -> None:
    found = chances(a, b, n)
    value, upto = found.value[0], found.chance[0].cumsum()
    chance = stats.betabinom.pmf(np.arange(n + 1), n, a, b).cumsum()
    # Each stands for those up to halfway to the next, the middle one of an odd number in part.
    edge = value + np.diff(value, append=value[-1] + 1) / 2
    reached = np.interp(edge, np.arange(n + 1) + 0.5, chance)
    within = value <= n

    np.testing.assert_allclose(upto[within], reached[within], atol=0.002)


@given(beliefs, st.integers(1, 300), st.integers(1, 300))
def test_chances_add_up_to_one_and_rows_do_not_disturb_each_other(
    belief: tuple[float, float], n: int, other: int
) -> None:
    a, b = belief
    alone, both = chances(a, b, n), chances([a, 2.0], [b, 5.0], [n, other])

    assert both.chance.sum(-1) == pytest.approx([1, 1])
    np.testing.assert_allclose(both.chance[0, : n + 1], alone.chance[0], rtol=1e-9)
    assert not both.chance[0, n + 1 :].any()


def test_nothing_is_foretold_without_turns_or_belief() -> None:
    with pytest.raises(InsufficientData):
        chances(1, 1, 0)
    for a, b in ((0, 1), (1, -1), (float("nan"), 1)):
        with pytest.raises(ValueError, match="above 0"):
            chances(a, b, 10)


def best_by_search(a: float, b: float, n: int) -> float:
    """The expected error at every rate of a fine grid, and the rate where it is least."""
    smoothed = (np.arange(n + 1) + 0.5) / (n + 1)
    chance = stats.betabinom.pmf(np.arange(n + 1), n, a, b)
    rates = np.geomspace(smoothed[0], smoothed[-1], 20_001)
    error = np.maximum(rates[:, None] / smoothed, smoothed / rates[:, None]) @ chance
    return float(rates[error.argmin()])


@pytest.mark.parametrize(
    ("a", "b", "n"), [(0.5, 60.5, 61), (2.5, 58.5, 61), (30.5, 31.5, 20), (6.0, 2.0, 9)]
)
def test_the_best_rate_has_the_smallest_expected_error(a: float, b: float, n: int) -> None:
    assert best_rate(chances(a, b, n))[0] == pytest.approx(best_by_search(a, b, n), rel=1e-3)


@given(beliefs, st.integers(1, 200))
def test_the_best_rate_is_one_that_the_sample_could_show(
    belief: tuple[float, float], n: int
) -> None:
    rate = best_rate(chances(*belief, n))[0]

    assert 0.5 / (n + 1) <= rate <= (n + 0.5) / (n + 1)


def test_where_nothing_is_expected_the_best_rate_is_the_smoothed_zero() -> None:
    assert best_rate(chances(0.5, 500.5, 50))[0] == pytest.approx(0.5 / 51)


def test_with_many_sightings_the_best_rate_is_the_belief_s_own() -> None:
    assert best_rate(chances(50_000, 150_000, 100_000))[0] == pytest.approx(0.25, rel=1e-3)


@settings(max_examples=50)
@given(beliefs, st.integers(1, 200), st.integers(0, 200))
def test_a_wider_interval_holds_all_that_a_narrower_one_holds(
    belief: tuple[float, float], n: int, k: int
) -> None:
    held = covered(chances(*belief, n), [min(k, n)], [0.5, 0.8, 0.9])[0]

    assert sorted(held) == list(held)


def test_the_likeliest_count_is_always_held_and_an_unlikely_one_never() -> None:
    foretold = chances([20.5] * 2, [80.5] * 2, [100] * 2)

    assert covered(foretold, [20, 60], [0.5, 0.99]).tolist() == [[True, True], [False, False]]


def test_an_interval_takes_the_likeliest_counts_nearest_to_its_level() -> None:
    a, b, n = 2.5, 20.5, 30
    chance = stats.betabinom.pmf(np.arange(n + 1), n, a, b)
    order = np.argsort(-chance)
    size = np.abs(chance[order].cumsum() - 0.8).argmin() + 1
    expected = [k in set(order[:size].tolist()) for k in range(n + 1)]
    foretold = chances([a] * (n + 1), [b] * (n + 1), [n] * (n + 1))

    assert covered(foretold, np.arange(n + 1), [0.8])[:, 0].tolist() == expected


@pytest.mark.parametrize(("n", "coarse"), [(10, 0.04), (61, 0.02), (6_000, 0.02)])
def test_intervals_cover_what_they_say_also_where_counts_are_small(n: int, coarse: float) -> None:
    rng = np.random.default_rng(n)
    size = 6_000 if n < 1_000 else 1_000
    a, b = rng.uniform(0.5, 10, size), rng.uniform(2, 100, size)
    k = rng.binomial(n, rng.beta(a, b))
    held = covered(chances(a, b, np.full(size, n)), k, [0.5, 0.8, 0.9]).mean(0)

    # The nearest sets of counts miss each level to either side, and on average hardly, but where
    # zero alone has half of the chance; and 3 standard errors of the simulation.
    assert held == pytest.approx([0.5, 0.8, 0.9], abs=coarse + 3 * (0.25 / size) ** 0.5)


@pytest.mark.parametrize(("a", "b", "n"), [(3.5, 57.5, 61), (12.5, 199_988.5, 700_000)])
def test_predictive_intervals_are_beta_binomial_quantiles(a: float, b: float, n: int) -> None:
    expected = stats.betabinom.ppf([0.025, 0.975], n, a, b)

    assert predictive(Belief(a, b), n) == pytest.approx(expected, abs=1)
