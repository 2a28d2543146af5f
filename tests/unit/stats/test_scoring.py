from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.scoring import (
    binomial_nll,
    direction,
    direction_chance,
    moved,
    multiplicative_error,
    nll_regret,
    noise_band,
    noise_error,
    ratio_error,
)

rates = st.floats(1e-9, 1)


def test_ten_and_fifteen_are_one_and_a_half_apart_either_way() -> None:
    assert ratio_error(10e-5, 15e-5) == pytest.approx(1.5)
    assert ratio_error(15e-5, 10e-5) == pytest.approx(1.5)


@given(rates, rates)
def test_the_error_is_symmetric_and_at_least_one(a: float, b: float) -> None:
    assert ratio_error(a, b) == ratio_error(b, a) >= 1


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_of_zero_has_no_ratio(rate: float) -> None:
    with pytest.raises(ValueError, match="no ratio"):
        ratio_error(rate, 0.1)


def test_the_multiplicative_error_is_smoothed() -> None:
    assert multiplicative_error(0, 999, 1, 1_999) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("events", "error"), [(3, 1.67), (5, 1.55), (10, 1.35), (20, 1.23), (50, 1.14), (100, 1.10)]
)
def test_luck_alone_gives_the_published_error(events: int, error: float) -> None:
    # method.md 4.4, which was simulated; 5 events are exactly 1.533.
    assert noise_error(events, 1e6, events, 1e6) == pytest.approx(error, abs=0.02)


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2"),
    [(4, 50_000, 30, 400_000), (60, 90, 70, 80), (0, 100, 3, 1_000), (900, 10_000, 80, 1_000)],
)
def test_the_noise_error_is_the_median_of_drawn_counts(k1: int, n1: int, k2: int, n2: int) -> None:
    rng = np.random.default_rng(31)
    rate = (k1 + k2) / (n1 + n2)
    first = (rng.binomial(n1, rate, 200_000) + 0.5) / (n1 + 1)
    second = (rng.binomial(n2, rate, 200_000) + 0.5) / (n2 + 1)

    assert noise_error(k1, n1, k2, n2) == pytest.approx(
        np.median(np.maximum(first / second, second / first)), rel=0.01
    )


@given(st.integers(0, 40), st.floats(40, 1e5), st.integers(0, 40), st.floats(40, 1e5))
def test_the_noise_error_takes_fractional_counts_in_either_order(
    k1: int, n1: float, k2: int, n2: float
) -> None:
    error = noise_error(k1 * 0.9, n1, k2 * 0.9, n2)

    assert 1 <= error < max(n1, n2) * 3
    assert noise_error(k2 * 0.9, n2, k1 * 0.9, n1) == pytest.approx(error, rel=1e-6)


def test_the_noise_error_between_two_whole_n_lies_between_theirs() -> None:
    low, middle, high = (noise_error(5, n, 5, 1_000) for n in (10, 10.5, 11))

    assert min(low, high) * 0.95 <= middle <= max(low, high) * 1.05


@pytest.mark.parametrize(("k", "n"), [(0, 1_000), (1_000, 1_000)])
def test_the_noise_error_of_none_or_all_is_one(k: int, n: int) -> None:
    assert noise_error(k, n, k, n) == pytest.approx(1)


def test_an_empty_arm_is_insufficient_data() -> None:
    for score in (noise_error, multiplicative_error):
        with pytest.raises(InsufficientData):
            score(0, 0, 1, 10)
    for loss in (binomial_nll, nll_regret):
        with pytest.raises(InsufficientData):
            loss(0.1, 0, 0)


@pytest.mark.parametrize(("events", "factor"), [(10, 2.09), (20, 1.68), (50, 1.39)])
def test_the_noise_band_is_the_published_factor(events: int, factor: float) -> None:
    # method.md 9.1.
    assert noise_band(events, events) == pytest.approx(factor, abs=0.005)


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6), st.floats(0.05, 0.99))
def test_the_noise_band_narrows_with_either_count(k1: float, k2: float, level: float) -> None:
    band = noise_band(k1, k2, level)

    assert band == noise_band(k2, k1, level) >= 1
    assert noise_band(2 * k1, k2, level) < band
    assert noise_band(k1, k2, min(0.999, level * 1.005)) > band


def test_no_sighting_has_no_noise_band() -> None:
    for counts in ((0, 10), (10, 0)):
        with pytest.raises(InsufficientData, match="both sides"):
            noise_band(*counts)
    with pytest.raises(ValueError, match="level"):
        noise_band(1, 1, 0)


@pytest.mark.parametrize(("events", "least"), [(5, 0.87), (10, 0.88), (50, 0.89)])
def test_equal_rates_stay_in_the_noise_band_about_as_often_as_it_says(
    events: int, least: float
) -> None:
    k = np.arange(1, 160)
    chance = stats.poisson.pmf(k, events)
    band = np.array([[noise_band(a, b) for b in k.tolist()] for a in k.tolist()])
    inside = np.maximum(k[:, None] / k, k / k[:, None]) <= band

    assert least <= (chance[:, None] * chance * inside).sum() / chance.sum() ** 2 <= 0.96


@pytest.mark.parametrize(("events", "chance"), [(5, 0.72), (10, 0.82), (20, 0.91), (50, 0.99)])
def test_the_direction_of_a_change_by_one_half_shows_as_often_as_published(
    events: int, chance: float
) -> None:
    # method.md 4.4, which was simulated; 5 events are exactly 0.714.
    assert direction_chance(events, 1.5) == pytest.approx(chance, abs=0.007)


@pytest.mark.parametrize("ratio", [0.2, 0.8, 1.1, 4.0])
@pytest.mark.parametrize("turns", [0.3, 1.0, 10.0])
def test_the_chance_of_a_direction_is_the_sum_over_all_counts(ratio: float, turns: float) -> None:
    first, second = np.arange(120)[:, None], np.arange(900)
    right = second / turns > first if ratio > 1 else second / turns < first
    chance = stats.poisson.pmf(first, 7) * stats.poisson.pmf(second, 7 * ratio * turns)

    assert direction_chance(7, ratio, turns) == pytest.approx(chance[right].sum(), abs=1e-9)


@given(st.floats(0.01, 2_000), st.floats(1.01, 20), st.floats(1.01, 3))
def test_more_events_show_a_direction_better_and_either_way_alike(
    events: float, ratio: float, more: float
) -> None:
    chance = direction_chance(events, ratio)

    assert 0 <= chance <= 1 + 1e-9
    assert direction_chance(events * ratio, 1 / ratio) == pytest.approx(chance, abs=1e-9)
    assert direction_chance(events * more, ratio) >= chance - 1e-9


@pytest.mark.parametrize("wrong", [(0, 2, 1), (5, 1, 1), (5, -1, 1), (5, 2, 0), (inf, 2, 1)])
def test_no_change_has_no_direction(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no direction"):
        direction_chance(*wrong)


def test_a_direction_is_up_down_or_neither() -> None:
    assert [direction(1, 2), direction(2, 1), direction(2, 2)] == [1, -1, 0]


def test_a_rate_moved_when_it_changed_by_the_factor_either_way() -> None:
    assert moved(0.2, 0.3 + 1e-12)
    assert moved(0.3, 0.1)
    assert not moved(0.2, 0.25)
    assert moved(0.2, 0.25, factor=1.2)


@pytest.mark.parametrize(("p", "k", "n"), [(0.1, 3, 20), (3e-5, 12, 200_000), (0.9, 20, 20)])
def test_the_nll_is_scipys(p: float, k: int, n: int) -> None:
    assert binomial_nll(p, k, n) == pytest.approx(-stats.binom.logpmf(k, n, p), rel=1e-8)


def test_a_forecast_that_ruled_out_what_came_loses_everything() -> None:
    assert binomial_nll(0, 1, 10) == inf
    assert nll_regret(1, 9, 10) == inf
    assert binomial_nll(0, 0, 10) == pytest.approx(0, abs=1e-12)


@given(p=st.floats(1e-6, 1 - 1e-6), n=st.integers(1, 10**5), share=st.floats(0, 1))
def test_regret_is_what_the_best_rate_would_have_saved(p: float, n: int, share: float) -> None:
    k = round(n * share)
    regret = nll_regret(p, k, n)

    assert regret >= 0
    assert regret == pytest.approx(
        binomial_nll(p, k, n) - binomial_nll(k / n, k, n), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_rate_cannot_be_scored(p: float) -> None:
    for loss in (binomial_nll, nll_regret):
        with pytest.raises(ValueError, match="no rate"):
            loss(p, 1, 10)
