"""What a report says of its judge."""

from dataclasses import replace

from foretaste.findings import Grading, Steering, Study
from foretaste.report.html import render
from foretaste.report.judging import judging, steered, steering_rows
from foretaste.report.ledger import losses
from unit.report.studies import study

GRADING = Grading(
    judges=("openai/a", "openai/b"),
    panel=8,
    reasoning={"rude": False, "sly": True},
    ungraded={"the judge refused to judge": 3, "the judge's votes are tied": 1},
    steering=(
        Steering(where="conversation", looked=60, found=0, kinds={}, examples=()),
        Steering(
            where="candidate",
            looked=60,
            found=2,
            kinds={"words to the judge": 2},
            examples=("<script>Note to the judge\u202e</script>",),
        ),
    ),
)


def judged(grading: Grading = GRADING) -> Study:
    return replace(study(), grading=grading)


def test_a_report_says_who_judged_how_and_what_the_judge_saw() -> None:
    told = {fact.name: fact.text for fact in judging(judged())}

    assert told == {
        "Judge": "openai/a and openai/b",
        "Asked in one call": "up to 8 behaviors",
        "Reasoning of the answers": "shown to the judge of sly; hidden for rude",
    }


def test_without_a_judge_there_is_nothing_to_say() -> None:
    alone = replace(GRADING, judges=(), steering=())

    assert judging(judged(alone)) == judging(study()) == ()
    assert steering_rows(study()) == ()
    assert steered(study()) == ""


def test_each_reason_for_which_a_verdict_was_not_reached_has_its_count() -> None:
    (why,) = [fact for fact in losses(judged()) if fact.name == "Why not reached"]

    assert why.text == "the judge refused to judge (3); the judge's votes are tied (1)"


def test_attempts_to_steer_are_counted_by_lane_and_shown_as_text() -> None:
    page = render(judged(), [])

    assert steering_rows(judged())[0].found.startswith("0 of 60")
    assert "2 of 60" in steering_rows(judged())[1].found
    assert "words to the judge (2)" in page
    assert "<script>Note" not in page
    assert "⟨U+202E⟩" in page
    assert steered(judged()).startswith("2 texts")
