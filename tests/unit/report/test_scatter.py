import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.report.scatter import MOST_DOTS, SIDE, SQUARE, Floats, agreement, funnel
from foretaste.stats.scoring import noise_band


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path)]


def rates(*values: float) -> Floats:
    return np.array(values)


def test_a_forecast_that_came_lies_on_the_diagonal() -> None:
    picture = agreement(rates(0.01, 0.5), rates(0.01, 0.5), title="t", across="forecast")

    for x, y in places(picture.dots):
        assert x + y == pytest.approx(SIDE, abs=0.2)


def test_more_than_was_forecast_lies_above_the_diagonal() -> None:
    ((x, y),) = places(agreement(rates(0.01), rates(0.1), title="t", across="f").dots)

    assert y < SIDE - x


def test_axes_are_whole_decades_per_100_000_and_the_same_both_ways() -> None:
    picture = agreement(rates(0.003), rates(0.2), title="t", across="f")

    assert [tick.label for tick in picture.columns] == ["100", "1,000", "10,000", "100,000"]
    assert [tick.at for tick in picture.columns] == [0, 100, 200, 300]
    assert [tick.at for tick in picture.rows] == [300, 200, 100, 0]


def test_pictures_can_share_their_axes() -> None:
    other = rates(0.00002)
    picture = agreement(rates(0.3), rates(0.2), title="t", across="f", around=[other])

    assert picture.columns[0].label == "1.0"


def test_bands_hold_what_is_off_by_their_factor() -> None:
    picture = agreement(rates(0.01, 0.01), rates(0.0201, 0.0149), title="t", across="f")
    wide, narrow = (SIDE - x - y for x, y in places(picture.dots))
    twice, half_more = (places(band)[0][1] - SIDE for band in picture.bands)

    assert wide > twice > half_more > narrow > 0


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=1, max_size=30))
def test_every_dot_lies_within_the_picture(pairs: list[tuple[float, float]]) -> None:
    forecast, realized = np.array(pairs).T
    dots = places(agreement(forecast, realized, title="t", across="f").dots)

    assert len(dots) == len(pairs)
    assert all(0 <= value <= SIDE for dot in dots for value in dot)


def test_many_points_are_counted_in_squares_and_none_is_lost() -> None:
    rng = np.random.default_rng(2)
    number = MOST_DOTS + 1
    values = 10 ** rng.uniform(-3, -1, number)
    picture = agreement(values, values, title="t", across="f")
    squares = [shade.path.count("M") for shade in picture.shades]
    few = [int(shade.label.split(" ", 1)[0]) for shade in picture.shades]

    assert picture.dots == ""
    assert sum(squares) <= SIDE / SQUARE * 2
    assert sum(a * b for a, b in zip(squares, few, strict=True)) <= number
    assert picture.shades[-1].opacity == 1
    assert [shade.opacity for shade in picture.shades] == sorted(
        shade.opacity for shade in picture.shades
    )


def test_the_heaviest_shade_stands_for_the_fullest_square() -> None:
    ratio = np.r_[np.full(3_000, 1.0), np.full(10, 2.0), 4.0]
    picture = funnel(ratio, np.full(len(ratio), 5.0), level=0.9, title="t")

    assert [shade.label for shade in picture.shades] == ["1 to 3", "4 to 15", "1,024 or more"]


def test_the_funnel_s_band_is_the_noise_band() -> None:
    picture = funnel(rates(1, 8, 1 / 8), rates(0.1, 10, 100), level=0.9, title="t")
    ends = places(picture.bands[0])
    half = len(ends) // 2
    upper, lower = ends[:half], ends[half:][::-1]
    x, y = upper[-1]

    assert x == SIDE
    assert (SIDE / 2 - y) / (SIDE / 6) == pytest.approx(np.log2(noise_band(200, 200)), abs=0.01)
    assert [a + b for (_, a), (_, b) in zip(upper, lower, strict=True)] == pytest.approx(
        [SIDE] * half, abs=0.2
    )


def test_a_funnel_is_even_around_one() -> None:
    picture = funnel(rates(1, 4, 1 / 4), rates(1, 10, 100), level=0.9, title="t")
    (_, one), (_, up), (_, down) = places(picture.dots)

    assert (one, up, down) == (SIDE / 2, 0, SIDE)
    assert [tick.label for tick in picture.rows] == ["1/4x", "1/2x", "1x", "2x", "4x"]
    assert picture.rows[-1].at == 0


def test_one_point_without_any_miss_can_be_drawn() -> None:
    picture = funnel(rates(1), rates(1), level=0.9, title="t")

    assert places(picture.dots) == [(0, SIDE / 2)]
