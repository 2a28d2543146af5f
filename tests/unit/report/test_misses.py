import pytest

from foretaste.report.misses import direct, misses, named, outside, worst
from foretaste.stats.scoring import noise_band
from unit.report.backtested import POINTS, point


def test_a_miss_is_the_ratio_of_happened_to_forecast() -> None:
    (found,) = misses([point(replayed=20, realized=40)], direct)

    assert found.ratio == pytest.approx(40.5 / 20.5)
    assert found.events == pytest.approx(1 / (1 / 20.5 + 1 / 40.5))


def test_a_miss_is_outside_where_luck_gives_it_in_less_than_a_tenth() -> None:
    band = noise_band(20.5, 40.5)
    inside, beyond = misses([point(replayed=20, realized=k) for k in (22, 40)], direct)

    assert (inside.outside, beyond.outside) == (False, True)
    assert beyond.excess > 1
    assert beyond.ratio > band


def test_counts_of_zero_have_a_place_and_no_miss() -> None:
    (found,) = misses([point(replayed=0, realized=0)], named)

    assert found.ratio == pytest.approx(1)
    assert found.excess == pytest.approx(0)


def test_the_worst_are_one_of_each_behavior_the_least_likely_first() -> None:
    found = worst(misses(POINTS, named), 3)

    assert [each.point.behavior for each in found] == ["flattery", "emoji", "refusal"]
    assert found[0].point.realized_count == 80


def test_a_small_miss_of_many_events_is_worse_than_a_large_one_of_few() -> None:
    rich = point("rich", replayed=1_000, realized=1_300, turns=10_000)
    poor = point("poor", replayed=0, realized=2, turns=10_000)

    assert worst(misses([poor, rich], named), 2)[0].point.behavior == "rich"


def test_behaviors_outside_of_the_band_are_counted() -> None:
    found = outside(misses(POINTS, direct))

    assert [(name, count, whole) for name, count, whole, _ in found] == [
        ("emoji", 1, 1),
        ("flattery", 1, 2),
    ]
    assert found[1][3].point.realized_count == 80
