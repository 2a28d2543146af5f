import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.belief import Belief, direct
from foretaste.stats.calibration import (
    coverage,
    interval_score,
    log_correlation,
    pit_histogram,
    predictive_nll,
)
from foretaste.stats.counts import predictive
from foretaste.stats.proportion import wilson

finite = st.floats(-1e6, 1e6)
rates = st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=4, max_size=40)


def test_the_interval_score_is_the_width_and_what_a_miss_costs() -> None:
    # Gneiting and Raftery 2007, section 6.2: (u - l) + 2/alpha (l - x) below the interval.
    assert interval_score((2, 5), 3, level=0.8) == pytest.approx(3)
    assert interval_score((2, 5), 1, level=0.8) == pytest.approx(3 + 2 / 0.2 * 1)
    assert interval_score((2, 5), 5.5, level=0.8) == pytest.approx(3 + 2 / 0.2 * 0.5)


@given(finite, finite, finite, st.floats(0.01, 0.99))
def test_the_interval_score_is_the_pinball_loss_of_both_quantiles(
    a: float, b: float, shown: float, level: float
) -> None:
    lower, upper = sorted((a, b))
    tail = (1 - level) / 2
    loss = sum(
        max(share * (shown - limit), (share - 1) * (shown - limit))
        for share, limit in ((tail, lower), (1 - tail, upper))
    )

    assert interval_score((lower, upper), shown, level) == pytest.approx(loss / tail, rel=1e-6)


def test_the_true_quantiles_score_best_on_average() -> None:
    drawn = np.random.default_rng(48).normal(size=20_000)

    def mean_score(widening: float) -> float:
        z = stats.norm.ppf(0.9) * widening
        return float(np.mean([interval_score((-z, z), x, level=0.8) for x in drawn]))

    assert mean_score(1.0) < min(mean_score(0.8), mean_score(1.25))


def test_an_interval_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="no interval"):
        interval_score((2, 1), 1)
    with pytest.raises(ValueError, match="level"):
        interval_score((1, 2), 1, level=95)


def test_coverage_counts_what_each_level_s_intervals_held() -> None:
    found = coverage({0.5: [(0, 1), (5, 6), (9, 9)], 0.95: [(0, 9)] * 3}, [1, 7, 9])

    assert (found[0.5].covered, found[0.5].of) == (2, 3)
    assert found[0.5].share == pytest.approx(2 / 3)
    assert found[0.5][3:] == wilson(2, 3)
    assert found[0.95].share == 1


def test_coverage_of_nothing_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        coverage({0.5: []}, [])
    with pytest.raises(ValueError, match="1 intervals"):
        coverage({0.5: [(0, 1)]}, [1, 2])


def test_a_count_s_mass_is_spread_over_the_bins_between_its_two_probabilities() -> None:
    # Czado, Gneiting and Held 2009: uniform between P(x - 1) and P(x).
    assert pit_histogram([0.1], [0.5], bins=5) == pytest.approx([0.25, 0.5, 0.25, 0, 0])
    assert pit_histogram([0.1, 0.8], [0.5, 1.0], bins=5) == pytest.approx(
        [0.125, 0.25, 0.125, 0, 0.5]
    )


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1),
    st.integers(1, 20),
)
def test_the_histogram_s_shares_sum_to_one(pairs: list[tuple[float, float]], bins: int) -> None:
    below, reached = zip(*(sorted(pair) for pair in pairs), strict=True)
    found = pit_histogram(below, reached, bins)

    assert len(found) == bins
    assert found.min() >= -1e-12
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize(("shrink", "flat"), [(1.0, True), (20.0, False)])
def test_the_histogram_is_flat_where_forecasts_are_as_sure_as_they_should_be(
    shrink: float, flat: bool
) -> None:
    rng = np.random.default_rng(49)
    belief = Belief(4.0, 396.0)
    counts = rng.binomial(200, rng.beta(*belief, 3_000))
    stated = stats.betabinom(200, belief.a * shrink, belief.b * shrink)
    reached = stated.pmf(np.arange(201)).cumsum().clip(0, 1)
    found = pit_histogram(np.append(0, reached)[counts], reached[counts])

    # Too sure: heaped at both ends. Three standard errors of a bin of 3,000.
    assert (np.abs(found - 0.1).max() < 0.0165) == flat
    assert flat or min(found[0], found[-1]) > 0.12


def test_a_count_that_was_given_no_chance_lies_in_one_bin() -> None:
    assert pit_histogram([1.0], [1.0], bins=4) == pytest.approx([0, 0, 0, 1])
    assert pit_histogram([0.3], [0.3], bins=4) == pytest.approx([0, 1, 0, 0])
    assert pit_histogram([0.0], [0.0], bins=4) == pytest.approx([1, 0, 0, 0])


def test_a_histogram_of_nothing_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        pit_histogram([], [])


@pytest.mark.parametrize(
    ("below", "reached", "bins", "why"),
    [
        ([0.1], [0.2, 0.3], 10, "one length"),
        ([0.1], [0.2], 0, "one bin"),
        ([0.3], [0.2], 10, "must rise"),
        ([-0.1], [0.2], 10, "must rise"),
        ([0.5], [1.1], 10, "must rise"),
        ([float("nan")], [0.5], 10, "must rise"),
    ],
)
def test_what_is_no_transform_is_refused(
    below: list[float], reached: list[float], bins: int, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        pit_histogram(below, reached, bins)


@pytest.mark.parametrize(
    ("belief", "k", "n"),
    [(direct(12, 200_000), 40, 700_000), (Belief(0.5, 9.5), 0, 50), (Belief(80, 20), 90, 90)],
)
def test_the_log_score_is_scipys_beta_binomial(belief: Belief, k: int, n: int) -> None:
    expected = -stats.betabinom(n, *belief).logpmf(k)

    assert predictive_nll(belief, k, n) == pytest.approx(expected, abs=1e-6)


def test_the_log_score_of_a_sure_belief_is_the_binomial_s() -> None:
    belief = Belief(3e9, 1e14)
    expected = -stats.binom(1_000_000, belief.rate).logpmf(25)

    # SciPy's beta-binomial is off by 0.6 here: two logs of 1e10 cancel.
    assert predictive_nll(belief, 25, 1_000_000) == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.1, 500), st.floats(0.1, 500), st.integers(1, 60))
def test_the_chances_of_all_counts_sum_to_one(a: float, b: float, turns: int) -> None:
    chances = [np.exp(-predictive_nll(Belief(a, b), k, turns)) for k in range(turns + 1)]

    assert sum(chances) == pytest.approx(1)


def test_a_score_without_turns_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        predictive_nll(Belief(1, 1), 0, 0)
    with pytest.raises(ValueError, match="no share"):
        predictive_nll(Belief(1, 1), 5, 4)


def test_the_predictive_intervals_of_every_level_cover_as_they_say() -> None:
    rng = np.random.default_rng(50)
    counts = rng.binomial(100_000, 2e-4, 400)
    future = rng.binomial(200_000, 2e-4, 400)
    levels = (0.5, 0.8, 0.95)
    beliefs = {k: direct(k, 100_000) for k in set(counts.tolist())}
    limits = {
        level: {k: predictive(belief, 200_000, level) for k, belief in beliefs.items()}
        for level in levels
    }
    found = coverage(
        {level: [limits[level][k] for k in counts.tolist()] for level in levels}, future.tolist()
    )

    for level in levels:
        # Counts are whole, so coverage is at least nominal, and here by 0.04 at the most.
        assert found[level].lower - 0.04 <= level <= found[level].upper


def test_the_correlation_of_logs_is_scipys_with_fishers_interval() -> None:
    rng = np.random.default_rng(51)
    logs = rng.multivariate_normal([-8, -8], [[4, 3.6], [3.6, 4]], 60)
    a, b = np.exp(logs.T)
    reference = stats.pearsonr(np.log(a), np.log(b))
    found = log_correlation(a, b, level=0.9)

    assert found.n == 60
    assert found.r == pytest.approx(reference.statistic)
    assert found[1:3] == pytest.approx(tuple(reference.confidence_interval(0.9)))


@given(rates, st.floats(0.01, 100))
def test_the_unit_of_rates_does_not_matter(pairs: list[tuple[float, float]], factor: float) -> None:
    a, b = np.array(pairs).T
    if np.ptp(np.log(a)) < 1e-3 or np.ptp(np.log(b)) < 1e-3:
        return
    found, scaled = log_correlation(a, b), log_correlation(a * factor, b)

    assert found.lower is not None
    assert found.upper is not None
    assert -1 <= found.lower <= found.r <= found.upper <= 1
    assert scaled.r == pytest.approx(found.r, abs=1e-6)


def test_three_pairs_correlate_without_an_interval() -> None:
    found = log_correlation([1e-5, 1e-4, 1e-3], [2e-5, 2e-4, 2e-3])

    assert found.r == pytest.approx(1)
    assert found[1:] == (None, None, 3)


def test_too_few_or_equal_rates_show_no_correlation() -> None:
    for a, b in (([0.1, 0.2], [0.1, 0.2]), ([0.1] * 4, [0.1, 0.2, 0.3, 0.4])):
        with pytest.raises(InsufficientData, match="no correlation"):
            log_correlation(a, b)
    with pytest.raises(ValueError, match="above 0"):
        log_correlation([0, 0.1, 0.2], [0.1, 0.1, 0.2])
    with pytest.raises(ValueError, match="one length"):
        log_correlation([0.1, 0.2], [0.1, 0.2, 0.3])


def test_fishers_interval_covers_a_correlation() -> None:
    rng = np.random.default_rng(52)
    covered = 0
    for _ in range(1_000):
        a, b = np.exp(rng.multivariate_normal([-8, -8], [[1, 0.8], [0.8, 1]], 20).T)
        found = log_correlation(a, b)
        assert found.lower is not None
        assert found.upper is not None
        covered += found.lower <= 0.8 <= found.upper

    # Three standard errors of the simulation below 0.95.
    assert covered >= 929
