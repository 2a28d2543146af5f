from foretaste.report.rows import Spread, forecast_rows
from foretaste.report.svg import LEFT, RIGHT, Axis, axis, forest
from unit.report.studies import study


def test_a_decade_is_the_same_distance_everywhere() -> None:
    scale = Axis(1, 5)
    steps = [scale.place(10.0**e / 100_000) for e in range(1, 6)]

    assert steps == [LEFT, 26.5, 50.0, 73.5, RIGHT]


def test_what_lies_beyond_the_axis_is_drawn_on_its_end() -> None:
    scale = Axis(2, 4)

    assert [scale.place(rate) for rate in (0.0, 1e-9, 1.0)] == [LEFT, LEFT, RIGHT]


def test_none_seen_is_an_open_line_without_a_mark() -> None:
    drawn = Axis(1, 5).range(Spread(rate=None, lower=0.0, upper=0.01))

    assert (drawn.x, drawn.low, drawn.open_low) == (None, LEFT, True)


def test_an_axis_needs_a_rate() -> None:
    assert axis([]) is None


def test_equal_rates_still_give_an_axis_with_two_ends() -> None:
    scale = axis([Spread(rate=1.0, lower=1.0, upper=1.0)])

    assert scale == Axis(4, 5)


def test_twelve_decades_do_not_crowd_the_ticks() -> None:
    assert len(Axis(-6, 5).ticks()) <= 6


def test_each_behavior_has_a_bar_that_says_what_it_shows() -> None:
    bars = forest(forecast_rows(study())).bars

    assert len(bars) == 12
    assert bars[0].title == (
        "refusal: forecast 42,000 (29,000 to 54,000), today 10,000, per 100,000 turns"
    )


def test_a_plot_of_nothing_has_no_ticks() -> None:
    assert forest(()).ticks == ()
