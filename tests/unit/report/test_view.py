from dataclasses import replace

from foretaste.records import Lane
from foretaste.report.view import page, passages
from unit.report.dialogues import example, examples
from unit.report.studies import study


def test_the_page_follows_one_order_everywhere() -> None:
    whole = page(study(), examples())

    names = [row.behavior for row in whole.forecasts]
    seen = [behavior.name for behavior in whole.behaviors if not behavior.silent]
    assert [behavior.name for behavior in whole.behaviors] == names
    assert [bar.behavior for bar in whole.plot.bars] == seen
    assert [row.behavior for row in whole.changes] == seen


def test_the_title_names_the_two_models() -> None:
    assert page(study(), []).title == "next-2026-10-01 against current-2026-10-01"


def test_a_behavior_says_how_many_of_its_examples_are_shown() -> None:
    made = [example("refusal", i, (Lane.CANDIDATE,)) for i in range(45)]

    assert page(study(), made).behaviors[0].showing == "Showing 40 of 45 examples."


def test_a_skipped_behavior_is_told_with_its_reason_and_not_forecast() -> None:
    why = dict.fromkeys(["insult", "flattery"], "no grader")
    skipped = page(replace(study(), skipped=why), []).skipped

    assert [(fact.name, fact.text) for fact in skipped] == [("no grader", "flattery and insult")]


def test_a_definition_is_cut_at_its_headings() -> None:
    cut = passages("Intro.\n\n## Counts\n\n- This.\n- That.\n")

    assert [(p.heading, p.text) for p in cut] == [("", "Intro."), ("Counts", "- This.\n- That.")]


def test_examples_of_an_unknown_behavior_are_not_lost() -> None:
    whole = page(study(), [example("something-new", 1, (Lane.CANDIDATE,))])

    assert whole.behaviors[-1].name == "something-new"
    assert len(whole.behaviors[-1].examples) == 1


def test_the_seal_and_the_filled_plan_are_shown() -> None:
    whole = page(study(), [])

    assert whole.seals[0].text == "0f" * 16
    assert '"seed": 20261121' in whole.plan
