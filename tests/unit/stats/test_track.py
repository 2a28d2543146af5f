from dataclasses import fields, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.counts import best_rate, chances
from foretaste.stats.track import Forecasts, TrackRecord, named_rates, track_record


def forecasts(*rows: tuple[float, float, float, int, int]) -> Forecasts:
    """Rows of a, b, today, k and n."""
    return Forecasts(**dict(zip(("a", "b", "today", "k", "n"), np.array(rows).T, strict=True)))


SOME = forecasts(
    (3.5, 57.5, 0.10, 3, 60),
    (10.5, 50.5, 0.05, 15, 60),
    (0.5, 60.5, 0.30, 0, 61),
    (30.5, 30.5, 0.50, 40, 60),
    (5.5, 55.5, 0.09, 5, 60),
)


def drawn(size: int, seed: int) -> Forecasts:
    """Forecasts whose beliefs are right."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.5, 20, size), rng.uniform(10, 80, size)
    n = rng.integers(20, 100, size).astype(float)
    k = rng.binomial(n.astype(int), rng.beta(a, b)).astype(float)
    return Forecasts(a=a, b=b, today=rng.uniform(0.01, 0.5, size), k=k, n=n)


def test_errors_are_those_of_the_beliefs_means() -> None:
    rate, realized = SOME.a / (SOME.a + SOME.b), (SOME.k + 0.5) / (SOME.n + 1)
    error = np.maximum(rate / realized, realized / rate)
    record = track_record(SOME)

    assert record.median_multiplicative_error == pytest.approx(np.median(error))
    assert record.mean_multiplicative_error == pytest.approx(np.mean(error))
    assert record.n == 5


def test_named_rates_are_scored_in_the_place_of_means() -> None:
    named = named_rates(SOME)
    realized = (SOME.k + 0.5) / (SOME.n + 1)

    np.testing.assert_allclose(named, best_rate(chances(SOME.a, SOME.b, SOME.n)))
    assert track_record(SOME, named).mean_multiplicative_error == pytest.approx(
        np.maximum(named / realized, realized / named).mean()
    )
    assert track_record(SOME, named).nll == track_record(SOME).nll


def test_named_rates_have_the_smaller_mean_error_where_beliefs_are_right() -> None:
    many = drawn(4_000, 3)

    assert (
        track_record(many, named_rates(many)).mean_multiplicative_error
        < track_record(many).mean_multiplicative_error
    )


def test_likelihoods_are_those_of_scipy() -> None:
    rate = SOME.a / (SOME.a + SOME.b)
    point = stats.binom.logpmf(SOME.k, SOME.n, rate)
    whole = stats.betabinom.logpmf(SOME.k, SOME.n, SOME.a, SOME.b)
    record = track_record(SOME)

    assert record.nll == pytest.approx(-point.mean())
    assert record.log_score == pytest.approx(-whole.mean())


def test_the_log_score_of_a_large_sample_is_that_of_each_count() -> None:
    large = forecasts((40.5, 960.5, 0.04, 4_321, 100_000))
    expected = -stats.betabinom.logpmf(4_321, 100_000, 40.5, 960.5)

    assert track_record(large).log_score == pytest.approx(expected, abs=0.01)


def test_directions_are_judged_where_production_moved() -> None:
    # Of SOME: 0.10 -> 0.057 down, forecast 0.057 down, right; 0.05 -> 0.25 up, right;
    # 0.30 -> 0.008 down, right; 0.50 -> 0.66 and 0.09 -> 0.09 moved by less than 1.5x.
    record = track_record(SOME)

    assert (record.directional_accuracy, record.direction_n) == (1.0, 3)
    assert track_record(replace(SOME, today=SOME.today[::-1])).direction_n == 4


def test_a_tie_is_wrong_and_rounding_does_not_decide_it() -> None:
    k, n = 7.3, 61.7
    today = (k + 0.5) / (n + 1)
    tie = forecasts((k + 0.5, n - k + 0.5, np.nextafter(today, 1), 40, 60))

    assert track_record(tie).directional_accuracy == 0.0


def test_an_unknown_rate_before_has_no_direction() -> None:
    record = track_record(replace(SOME, today=np.full(5, np.nan)))

    assert (record.directional_accuracy, record.direction_n) == (None, 0)


def test_the_correlation_is_that_of_log_rates() -> None:
    rate, realized = SOME.a / (SOME.a + SOME.b), (SOME.k + 0.5) / (SOME.n + 1)

    assert track_record(SOME).log_rate_correlation == pytest.approx(
        stats.pearsonr(np.log(rate), np.log(realized)).statistic
    )
    assert (
        track_record(forecasts((1, 2, 0.1, 1, 5), (1, 2, 0.1, 2, 5))).log_rate_correlation is None
    )


def test_the_pit_of_one_forecast_spreads_over_the_count_s_own_part() -> None:
    a, b, k, n = 3.5, 57.5, 4, 60
    low, high = stats.betabinom.cdf([k - 1, k], n, a, b)
    edges = np.linspace(0, 1, 11)
    expected = np.diff(np.clip((edges - low) / (high - low), 0, 1))

    assert track_record(forecasts((a, b, 0.1, k, n))).pit == pytest.approx(expected)


def test_right_beliefs_have_a_flat_pit_and_cover_what_they_say() -> None:
    record = track_record(drawn(6_000, 5))

    # 6,000 forecasts: a tenth has a standard error of 0.004, 90 % one of 0.004.
    assert record.pit == pytest.approx([0.1] * 10, abs=0.016)
    assert record.coverage_50 == pytest.approx(0.5, abs=0.03)
    assert record.coverage_80 == pytest.approx(0.8, abs=0.025)
    assert record.coverage_90 == pytest.approx(0.9, abs=0.02)


def test_beliefs_that_are_too_sure_show_at_both_ends_of_the_pit() -> None:
    many = drawn(3_000, 7)
    record = track_record(replace(many, a=many.a * 20, b=many.b * 20))

    assert record.pit[0] + record.pit[-1] > 0.3
    assert record.coverage_90 < 0.8


def test_no_forecast_has_no_record() -> None:
    empty = Forecasts(**{field.name: np.zeros(0) for field in fields(Forecasts)})

    assert len(named_rates(empty)) == 0
    with pytest.raises(InsufficientData):
        track_record(empty)


rows = st.tuples(
    st.floats(0.2, 300), st.floats(0.2, 300), st.floats(0.001, 0.999), st.integers(1, 80)
)


@settings(max_examples=50)
@given(st.lists(rows, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_every_number_is_within_its_bounds(
    given_rows: list[tuple[float, float, float, int]], random: Random
) -> None:
    whole = forecasts(*((a, b, t, random.randint(0, n), n) for a, b, t, n in given_rows))
    record: TrackRecord = track_record(whole)

    assert sum(record.pit) == pytest.approx(1)
    assert min(record.pit) >= 0
    assert record.median_multiplicative_error >= 1
    assert 0 <= record.coverage_50 <= record.coverage_80 <= record.coverage_90 <= 1
    assert record.log_score >= 0
    assert record.direction_n <= record.n == len(given_rows)


def test_a_record_does_not_depend_on_how_many_are_scored_at_once() -> None:
    many = drawn(5_000, 9)
    halves = [
        Forecasts(**{f.name: getattr(many, f.name)[part] for f in fields(Forecasts)})
        for part in (slice(0, 2_500), slice(2_500, None))
    ]
    first, second = map(track_record, halves)

    assert track_record(many).nll == pytest.approx((first.nll + second.nll) / 2)
    assert track_record(many).pit == pytest.approx(
        [(x + y) / 2 for x, y in zip(first.pit, second.pit, strict=True)]
    )
