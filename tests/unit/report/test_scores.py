from dataclasses import replace

from foretaste.forecasts import Scorecard
from foretaste.report.scores import loud_error, medians, score_rows, score_view, silent_line
from unit.report.studies import error, scorecard, study


def with_insult(count: int) -> Scorecard:
    """A card in which the behavior that the run never saw is scored too, and got right by rote."""
    easy = replace(error("insult", count), multiplicative_error=1.0, noise_error=1.0)
    return replace(scorecard(), behaviors=(*scorecard().behaviors, easy))


def test_rows_follow_the_order_of_the_report() -> None:
    backward = replace(scorecard(), behaviors=scorecard().behaviors[::-1])

    assert [r.behavior for r in score_rows(backward, study())] == ["refusal", "flattery"]


def test_a_forecast_from_no_sighting_is_told_with_what_it_may_be() -> None:
    row = score_rows(with_insult(3), study())[-1]

    assert (row.behavior, row.reading) == ("insult", "none seen; up to 1,900")
    assert row.ahead is not None
    assert row.ahead.rate is None


def test_what_neither_side_showed_is_gathered() -> None:
    card = with_insult(0)

    assert [r.behavior for r in score_rows(card, study())] == ["refusal", "flattery"]
    assert silent_line(card, study()).startswith("Seen neither in the run nor after: insult (at m")


def test_what_production_showed_is_never_gathered() -> None:
    assert silent_line(with_insult(1), study()) == ""


def test_what_production_was_never_graded_for_is_unknown_not_silent() -> None:
    card = with_insult(0)
    blind = replace(card.behaviors[-1], realized_n=0, realized_rate=None)
    card = replace(card, behaviors=(*card.behaviors[:-1], blind))
    row = score_rows(card, study())[-1]

    assert silent_line(card, study()) == ""
    assert (row.realized, row.counts, row.really) == ("unknown", "unknown", None)


def test_a_behavior_that_the_study_does_not_know_is_unknown_not_seen_nowhere() -> None:
    card = replace(scorecard(), behaviors=(error("something-new", 3),))
    (row,) = score_rows(card, study())

    assert (row.forecast, row.today, row.ahead) == ("unknown", "unknown", None)


def test_easy_zeros_do_not_flatter_the_median_unseen() -> None:
    names = [fact.name for fact in medians(with_insult(0), study())]

    assert "Median error of the 2 behaviors seen" in names
    assert loud_error(with_insult(0), study()) == "1.4x (chance alone: 1.2x)"


def test_a_small_move_has_no_direction_to_judge() -> None:
    small = replace(error("refusal", 33, right=False), moved=False)

    assert score_rows(replace(scorecard(), behaviors=(small,)), study())[0].direction == "small"


def test_the_picture_sets_the_forecast_against_what_happened() -> None:
    view = score_view("november", scorecard(), study())
    first = view.plot.bars[0]

    assert first.title == (
        "refusal: forecast 1,200 (800 to 1,900), happened 1,600, per 100,000 turns"
    )
    assert first.now is not None
    assert first.now.low == first.now.high == first.now.x


def test_none_that_happened_lies_on_the_low_end() -> None:
    bar = score_view("november", replace(scorecard(), behaviors=(error("refusal", 0),)), study())
    drawn = bar.plot.bars[0].now

    assert drawn is not None
    assert drawn.open_low
    assert drawn.x == drawn.low


def test_a_card_without_scores_says_so() -> None:
    card = replace(scorecard(), median_multiplicative_error=None)

    assert "unknown" in score_view("november", card, study()).sentence


def test_the_sentence_tells_the_median_without_the_easy_zeros() -> None:
    view = score_view("november", with_insult(0), study())

    assert "Over the 2 behaviors seen, the forecast was off by 1.4x" in view.sentence
    assert "over all 3, by" in view.sentence
