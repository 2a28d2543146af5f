from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import (
    Interval,
    clopper_pearson,
    detection_floor,
    jeffreys,
    jeffreys_rate,
    wilson,
    zero_event_bound,
)

Method = Callable[[float, float, float], Interval]
every_method = pytest.mark.parametrize("method", [wilson, clopper_pearson, jeffreys])
counts = st.tuples(st.integers(0, 500), st.integers(1, 500)).filter(lambda c: c[0] <= c[1])


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (81, 263), (148, 148), (12, 200_000)])
def test_wilson_and_clopper_pearson_agree_with_scipy(k: int, n: int) -> None:
    reference = stats.binomtest(k, n)

    assert wilson(k, n) == pytest.approx(reference.proportion_ci(method="wilson"), abs=1e-12)
    assert clopper_pearson(k, n) == pytest.approx(reference.proportion_ci(method="exact"), abs=1e-9)


def test_wilson_gives_newcombes_published_limits() -> None:
    # Newcombe 1998, table I: 81 of 263 and 1 of 29, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_jeffreys_limits_are_quantiles_of_the_posterior() -> None:
    posterior = stats.beta(3.5, 20.5)

    assert jeffreys(3, 23) == pytest.approx(posterior.ppf([0.025, 0.975]))


@every_method
@given(counts=counts, level=st.floats(0.5, 0.99))
def test_an_interval_holds_the_rate_and_stays_within_zero_and_one(
    method: Method, counts: tuple[int, int], level: float
) -> None:
    k, n = counts
    lower, upper = method(k, n, level)

    assert 0 <= lower <= k / n <= upper <= 1


@every_method
@given(counts=counts)
def test_presence_and_absence_have_mirrored_intervals(
    method: Method, counts: tuple[int, int]
) -> None:
    k, n = counts
    lower, upper = method(k, n, 0.95)

    assert method(n - k, n, 0.95) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


@every_method
@given(n=st.floats(1, 1e6), parts=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)))
def test_limits_rise_with_a_fractional_count(
    method: Method, n: float, parts: tuple[int, int]
) -> None:
    few, many = (method(n * part / 1_000, n, 0.95) for part in sorted(parts))

    assert few.lower <= many.lower + 1e-12
    assert few.upper <= many.upper + 1e-12


@every_method
def test_no_observation_is_insufficient_data(method: Method) -> None:
    for n in (0.0, -1.0, float("nan")):
        with pytest.raises(InsufficientData):
            method(0, n, 0.95)


@every_method
@pytest.mark.parametrize(("k", "level"), [(-1, 0.95), (11, 0.95), (float("nan"), 0.95), (3, 95)])
def test_an_impossible_share_or_level_is_refused(method: Method, k: float, level: float) -> None:
    with pytest.raises(ValueError, match=r"no share|confidence level"):
        method(k, 10, level)


def test_a_count_past_n_by_rounding_is_taken_as_n() -> None:
    n = 0.1 + 0.2

    assert wilson(n * (1 + 1e-15), n).upper == 1.0


def test_the_smoothed_rate_is_never_zero() -> None:
    assert jeffreys_rate(0, 4) == 0.1


@pytest.mark.parametrize(("n", "bound"), [(100_000, 3.0), (200_000, 1.5), (700_000, 0.43)])
def test_zero_events_are_bounded_by_the_rule_of_three(n: int, bound: float) -> None:
    assert zero_event_bound(n) * 100_000 == pytest.approx(bound, abs=0.005)


@pytest.mark.parametrize(("sightings", "events"), [(1, 3.0), (3, 6.3), (10, 15.7)])
def test_the_detection_floor_is_the_published_number_of_events(
    sightings: int, events: float
) -> None:
    n = 100_000

    assert detection_floor(n, sightings) * n == pytest.approx(events, abs=0.05)


@given(n=st.integers(10, 10**6), sightings=st.integers(1, 9), chance=st.floats(0.1, 0.99))
def test_at_the_floor_the_sightings_have_just_that_chance(
    n: int, sightings: int, chance: float
) -> None:
    floor = detection_floor(n, sightings, chance)

    assert stats.binom.sf(sightings - 1, n, floor) == pytest.approx(chance, rel=1e-6)


def test_the_floor_of_one_sighting_takes_a_fractional_n() -> None:
    assert detection_floor(12.5) == pytest.approx(1 - 0.05 ** (1 / 12.5))


def test_more_sightings_than_turns_have_no_floor() -> None:
    with pytest.raises(InsufficientData, match="2 turns cannot show 3 sightings"):
        detection_floor(2, sightings=3)
    with pytest.raises(ValueError, match="no floor"):
        detection_floor(2, sightings=0)


@pytest.mark.parametrize("n", [20, 100])
def test_clopper_and_pearson_cover_any_rate_on_either_side(n: int) -> None:
    limits = np.array([clopper_pearson(k, n) for k in range(n + 1)])
    rates = np.linspace(0.001, 0.999, 400)[:, None]
    chance = stats.binom.pmf(np.arange(n + 1), n, rates)

    assert (chance * (limits[:, 0] > rates)).sum(axis=1).max() <= 0.025
    assert (chance * (limits[:, 1] < rates)).sum(axis=1).max() <= 0.025


@pytest.mark.parametrize("method", [wilson, jeffreys])
@pytest.mark.parametrize("n", [20, 100])
def test_wilson_and_jeffreys_cover_on_average_what_they_say(method: Method, n: int) -> None:
    # As Brown, Cai and DasGupta 2001 found: close to nominal on average, no deep dips.
    limits = np.array([method(k, n, 0.95) for k in range(n + 1)])
    rates = np.linspace(0.001, 0.999, 999)[:, None]
    chance = stats.binom.pmf(np.arange(n + 1), n, rates)
    covered = (chance * ((limits[:, 0] <= rates) & (rates <= limits[:, 1]))).sum(axis=1)

    assert covered.mean() == pytest.approx(0.95, abs=0.006)
    assert covered.min() > 0.83


@pytest.mark.parametrize("n", [1, 30, 10_000])
def test_a_rate_at_the_zero_event_bound_hides_as_often_as_stated(n: int) -> None:
    assert (1 - zero_event_bound(n, 0.9)) ** n == pytest.approx(0.1)
