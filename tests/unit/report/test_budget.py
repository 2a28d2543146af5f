from dataclasses import replace

import pytest

from foretaste.findings import Study
from foretaste.forecasts import ErrorBudget, Pull
from foretaste.report.budget import NOT_MEASURED, PARTS, advice, budget_view, leaning
from unit.report.studies import study, weighted, without_incumbent


def with_budget(whole: Study, **parts: float | None) -> Study:
    """Every behavior with this one budget."""
    made = ErrorBudget(**({"sampling": 0.01, "judge": None, "fidelity": 0.01} | parts))  # type: ignore[arg-type]
    found = tuple(replace(each, budget=made) for each in whole.sealed.forecasts)
    return replace(whole, sealed=replace(whole.sealed, forecasts=found))


def mostly(part: str, whole: Study | None = None) -> Study:
    parts = dict.fromkeys(PARTS, 0.01) | {"judge": None} | {part: 0.5}
    return with_budget(whole or weighted(study()), **parts)


def test_a_bar_is_cut_into_parts_that_fill_it() -> None:
    view = budget_view(mostly("traffic"))

    assert view is not None
    for row in view.rows:
        assert sum(each.width for each in row.segments) == pytest.approx(100, abs=0.1)
        ends = [each.x + each.width for each in row.segments]
        assert [each.x for each in row.segments[1:]] == pytest.approx(ends[:-1], abs=0.02)
        assert [each.part for each in row.segments] == ["sampling", "fidelity", "traffic", "model"]


def test_a_judge_that_was_never_measured_is_not_a_judge_without_errors() -> None:
    view = budget_view(weighted(study()))
    measured = budget_view(mostly("judge"))

    assert view is not None
    assert measured is not None
    assert {row.shares[1] for row in view.rows} == {NOT_MEASURED}
    assert all("judge not measured" in row.title for row in view.rows)
    assert [key.meaning for key in view.keys if key.part == "judge"] == [NOT_MEASURED]
    assert {row.shares[1] for row in measured.rows} == {"93 %"}


def test_only_behaviors_that_were_seen_have_a_bar() -> None:
    view = budget_view(weighted(study()))

    assert view is not None
    assert {"insult", "medical-instruction"} & {row.behavior for row in view.rows} == set()
    assert len(view.rows) == 10


def test_without_a_budget_there_is_nothing_to_draw_and_no_advice() -> None:
    assert budget_view(study()) is None
    assert advice(study()) == ""


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("sampling", "sampling makes 94 % of the variance, and about 60 more would halve"),
        ("fidelity", "the log lacks sampling settings (100 % of the prefixes) and system prompt"),
        ("traffic", "Take newer prefixes"),
        ("model", "`foretaste validate`"),
        ("judge", "Label more of the judge's verdicts"),
    ],
)
def test_what_would_help_most_follows_from_the_largest_part(part: str, said: str) -> None:
    assert said in advice(mostly(part))


def test_more_prefixes_than_the_log_holds_need_a_longer_log() -> None:
    whole = mostly("sampling")
    small = replace(whole, account=replace(whole.account, population=70))
    spent = replace(whole, account=replace(whole.account, population=60))

    assert "longer" not in advice(whole)
    assert "the log holds only 10 more: take a longer one" in advice(small)
    assert "the log holds no more" in advice(spent)


def test_a_replay_without_incumbent_is_told_to_have_one() -> None:
    assert "Replay the incumbent too" in advice(mostly("fidelity", without_incumbent(study())))


def test_a_log_without_gaps_leaves_the_set_up_of_the_models() -> None:
    whole = mostly("fidelity")

    bare = replace(whole, account=replace(whole.account, gaps={}))
    assert "the log names no gap" in advice(bare)


def test_a_pull_is_told_in_words_the_strongest_first() -> None:
    assert (
        leaning(Pull(simulation=0.15, anchor=0.02, today=0.8)) == "leans 0.8 on today's rate, "
        "0.1 on the replay"
    )
    assert "what all behaviors share" in leaning(Pull(simulation=0.5, anchor=0.1, today=0.1))
    assert leaning(None) == ""
