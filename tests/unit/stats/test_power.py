from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.paired import paired_ratio
from foretaste.stats.power import (
    events_needed,
    minimum_detectable_ratio,
    paired_minimum_difference,
    rate_for_equal,
    releasable_rate,
    turns_for_floor,
    turns_without_sighting,
)
from foretaste.stats.proportion import clopper_pearson, detection_floor


@pytest.mark.parametrize(("ratio", "events"), [(1.2, 433), (1.5, 80), (2, 25), (3, 9)])
def test_the_published_numbers_of_events_are_needed(ratio: float, events: int) -> None:
    # method.md 11.6, which rounds.
    assert events_needed(ratio) == pytest.approx(events, abs=0.6)


def test_eighty_events_find_one_and_a_half_times_as_often_as_stated() -> None:
    # method.md 11.6: the exact conditional test has power 0.79 there.
    first, second = np.arange(300)[:, None], np.arange(300)[None, :]
    chance = stats.poisson.pmf(first, 80) * stats.poisson.pmf(second, 120)
    tail = stats.binom.cdf(np.minimum(first, second), first + second, 0.5)

    assert chance[2 * tail <= 0.05].sum() == pytest.approx(0.79, abs=0.01)
    assert minimum_detectable_ratio(events_needed(1.5)) == pytest.approx(1.5)


@given(ratio=st.floats(1.01, 50), power=st.floats(0.55, 0.99), level=st.floats(0.001, 0.3))
def test_the_detectable_ratio_is_the_inverse_of_the_events_needed(
    ratio: float, power: float, level: float
) -> None:
    events = events_needed(ratio, power, level)

    assert minimum_detectable_ratio(events, None, power, level) == pytest.approx(ratio)
    assert minimum_detectable_ratio(events, ratio * events, power, level) == pytest.approx(ratio)


def test_more_events_detect_smaller_ratios() -> None:
    ratios = [minimum_detectable_ratio(events) for events in (0.1, 1, 10, 100, 1e6)]

    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] > 1


@pytest.mark.parametrize("events", [(0, None), (-1, 5), (5, 0), (float("nan"), None)])
def test_without_events_no_ratio_is_detectable(events: tuple[float, float | None]) -> None:
    with pytest.raises(InsufficientData):
        minimum_detectable_ratio(*events)


@pytest.mark.parametrize("ratio", [1, 0, -2, float("inf"), float("nan")])
def test_no_change_needs_no_number_of_events(ratio: float) -> None:
    with pytest.raises(ValueError, match="ratio above 0"):
        events_needed(ratio)


@pytest.mark.parametrize(("power", "level"), [(0, 0.05), (1, 0.05), (0.8, 0), (0.8, 1)])
def test_impossible_power_and_level_are_refused(power: float, level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        events_needed(2, power, level)
    with pytest.raises(ValueError, match="between 0 and 1"):
        paired_minimum_difference(100, 0.2, power, level)


@given(pairs=st.integers(200, 10**6), share=st.floats(0.1, 1), power=st.floats(0.3, 0.95))
def test_the_paired_difference_solves_connors_sample_size(
    pairs: int, share: float, power: float
) -> None:
    d = paired_minimum_difference(pairs, share, power)
    z_level, z_power = stats.norm.ppf([0.975, power])

    assert d * sqrt(pairs) == pytest.approx(
        z_level * sqrt(share) + z_power * sqrt(share - d * d), rel=1e-9
    )


def test_mcnemars_test_finds_that_difference_as_often_as_stated() -> None:
    rng = np.random.default_rng(8)
    pairs, share = 2_000, 0.15
    d = paired_minimum_difference(pairs, share)
    drawn = rng.multinomial(pairs, [(share - d) / 2, (share + d) / 2, 1 - share], 20_000)
    b, c = drawn[:, 0], drawn[:, 1]

    assert ((c - b) ** 2 / (b + c) > 1.96**2).mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("pairs", "share"), [(0, 0.1), (1, 0.5), (20, 0.05)])
def test_too_few_pairs_find_no_difference(pairs: int, share: float) -> None:
    with pytest.raises(InsufficientData, match="show no difference"):
        paired_minimum_difference(pairs, share)


def test_no_discordant_share_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        paired_minimum_difference(100, 0)


@given(st.integers(1, 9), st.floats(1e-7, 0.5), st.floats(0.05, 0.99))
def test_the_turns_are_the_fewest_that_reach_the_floor(
    sightings: int, rate: float, chance: float
) -> None:
    turns = turns_for_floor(rate, sightings, chance)

    assert detection_floor(turns, sightings, chance) <= rate * (1 + 1e-6)
    assert turns == sightings or detection_floor(turns - 1, sightings, chance) >= rate * (1 - 1e-6)


@pytest.mark.parametrize(
    ("rate", "sightings", "chance"), [(0, 1, 0.9), (1, 1, 0.9), (0.1, 0, 0.9), (0.1, 1, 1)]
)
def test_a_floor_out_of_reach_is_refused(rate: float, sightings: int, chance: float) -> None:
    with pytest.raises(ValueError, match="no floor"):
        turns_for_floor(rate, sightings, chance)


@pytest.mark.parametrize(("limit", "turns"), [(0.01, 1_000), (0.2, 300), (0.0125, 300)])
def test_a_rate_that_is_released_is_so_in_95_of_100(limit: float, turns: int) -> None:
    rate = releasable_rate(limit, turns)
    seen = np.random.default_rng(4).binomial(turns, rate, 4_000)
    kept = np.mean([clopper_pearson(k, turns).upper <= limit for k in seen.tolist()])

    assert kept == pytest.approx(0.95, abs=0.012)


def test_too_few_turns_release_no_rate_at_all() -> None:
    needed = turns_without_sighting(0.005)

    with pytest.raises(InsufficientData):
        releasable_rate(0.005, needed - 1)
    assert releasable_rate(0.005, needed) > 0


@pytest.mark.parametrize(("ratio", "pairs"), [(1.5, 1_000), (2, 400)])
def test_an_equal_model_keeps_an_increase_from_that_rate_on(ratio: float, pairs: int) -> None:
    rate = rate_for_equal(ratio, pairs)
    both = rate * rate
    drawn = np.random.default_rng(6).multinomial(
        pairs, [both, rate - both, rate - both, 1 - 2 * rate + both], 1_500
    )
    kept = np.mean([paired_ratio(*table[:3]).upper <= ratio for table in drawn.tolist()])

    # The interval is exact where it can be, so a little wider than the formula has it.
    assert 0.91 <= kept <= 0.97


def test_no_sample_keeps_an_equal_model_within_no_increase() -> None:
    with pytest.raises(InsufficientData):
        rate_for_equal(1.0, 10**6)
