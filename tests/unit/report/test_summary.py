from dataclasses import replace

from foretaste.report.summary import closing_line
from unit.report.studies import scorecard, study


def test_one_line_says_what_was_found_how_right_it_was_and_where_to_read() -> None:
    assert closing_line(study(), scorecard(), "runs/report.html") == (
        "2 of 12 behaviors change; the forecast was off by 1.4x (chance alone: 1.2x; previous "
        "deployment: 2.4x) in the median; direction right: 1 of 2 that moved by "
        "1.5x; report: runs/report.html"
    )


def test_an_unscored_forecast_is_not_called_right() -> None:
    assert "sealed and not scored yet" in closing_line(study(), None, "report.html")


def test_a_score_without_a_number_is_unknown() -> None:
    card = replace(scorecard(), median_multiplicative_error=None)

    assert "how right the forecast was is unknown" in closing_line(study(), card, "report.html")


def test_a_direction_nobody_could_judge_is_unknown() -> None:
    card = replace(scorecard(), directional_accuracy=None, direction_n=0)

    assert "direction right: unknown as no rate moved by 1.5x" in closing_line(
        study(), card, "r.html"
    )
