import pytest

from foretaste.report.backtest_page import backtest_page
from unit.report.backtested import backtested, many, record


def test_the_headline_holds_the_error_the_luck_and_the_direction_with_its_count() -> None:
    page = backtest_page(backtested())

    assert page.headline == (
        "Off by 1.4x in the median; chance alone gives 1.4x. Direction right in 83 % of 6"
    )
    unknown = backtested(models={"hierarchical": record(directional_accuracy=None, direction_n=0)})
    assert "Direction" not in backtest_page(unknown).headline


def test_the_reader_is_told_how_much_luck_is_in_the_numbers() -> None:
    assert "about 4 behaviors, not that of 12 forecasts" in backtest_page(backtested()).luck


def test_the_shares_within_the_bands_are_counted_for_forecast_and_baseline() -> None:
    # Of 5 forecasts 24/20, 0/0 and 12/10 lie within 1.5x. Before it was 5 % of 200 each time:
    # of 24, 80, 0, 12 and 9 two lie within 1.5x.
    assert backtest_page(backtested()).agreement == (
        "60 % of the forecasts lie within 1.5x of what happened, 60 % within 2x; 40 % of the rates "
        "before lie within 1.5x of what happened, 40 % within 2x."
    )


def test_dots_outside_of_the_band_are_counted_and_their_behaviors_named() -> None:
    page = backtest_page(backtested())

    assert page.beyond.startswith("2 of 5 dots (40 %) lie outside")
    assert [(name, count) for name, count, _ in page.outside] == [
        ("emoji", "1 of 1"),
        ("flattery", "1 of 2"),
    ]


def test_few_points_are_dots_and_many_are_squares_and_the_page_says_which() -> None:
    few, lots = backtest_page(backtested()), backtest_page(backtested(points=many(3_000)))

    assert few.drawn == "Each of the 5 dots is one behavior in one transition."
    assert lots.drawn.startswith("3,000 points are too many to draw one by one")
    assert lots.funnel.shades
    assert not lots.funnel.dots
    assert few.funnel.dots


def test_both_scatters_share_their_axes() -> None:
    (first, _), (second, _) = backtest_page(backtested()).scatters

    assert first.columns == second.columns
    assert first.dots != second.dots


def test_calibration_is_drawn_on_one_scale_with_a_line_where_all_should_be() -> None:
    skew = (0.4, *(0.05,) * 8, 0.2)
    found = backtested(models={"hierarchical": record(), "direct": record(pit=skew)})
    flat, bent = backtest_page(found).calibration

    assert flat.level == bent.level == 60.0
    assert {bar.y for bar in flat.bars} == {60.0}
    assert bent.bars[0].y == 0
    assert bent.bars[0].height == pytest.approx(80)
    assert flat.held == (("50 %", "50 %"), ("80 %", "83 %"), ("90 %", "92 %"))
    assert bent.title.endswith("40, 5, 5, 5, 5, 5, 5, 5, 5, 20")


def test_the_worst_misses_stand_with_their_counts() -> None:
    first = backtest_page(backtested()).misses[0]

    assert (first.behavior, first.transition) == ("flattery", "new, from old")
    assert first.counts == "replay 10 of 200, after 80 of 200"
    assert (first.forecast, first.realized, first.error) == ("5.2 %", "40 %", "7.7x")
