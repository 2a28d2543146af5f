from dataclasses import replace

from rich.console import Console

from foretaste.records import Lane
from foretaste.report.html import render
from foretaste.report.review import NOT_ENOUGH, review_rows, review_table
from foretaste.reviews import Concord, Measured, Reviewed
from unit.report.dialogues import HOSTILE
from unit.report.studies import study

FOUND = Reviewed(
    behavior="refusal",
    lane=Lane.CANDIDATE,
    judged=58,
    flagged=24,
    drawn=40,
    labelled=38,
    present=20,
    open=1,
    skipped=1,
    from_log=0,
    raw=0.4,
    rate=0.5,
    lower=0.4,
    upper=0.62,
    why="",
    at_random=False,
    sensitivity=Measured(value=0.8, lower=0.7, upper=0.9),
    specificity=None,
    concord=Concord(
        items=30, annotators=2, same=27, kappa=Measured(value=0.8, lower=-0.1, upper=1), alpha=None
    ),
)


def test_a_corrected_rate_stands_beside_the_judge_s_own() -> None:
    (row,) = review_rows(study(), [FOUND])

    assert (row.raw, row.rate, row.interval) == ("40,000", "50,000", "40,000 to 62,000")
    assert row.labels == "38 of 40"
    assert row.more == "20 present; 1 disputed or unsure; 1 skipped"
    assert row.sensitivity == "80 % [70 to 90]"
    assert row.specificity == NOT_ENOUGH
    assert row.agreement == "kappa 0.80 [\N{MINUS SIGN}0.10 to 1.00]"


def test_what_is_missing_is_a_word() -> None:
    few = replace(FOUND, rate=None, lower=None, upper=None, why="3 labels; it takes 20")
    one_sided = replace(FOUND, upper=None, at_random=True, from_log=5)
    rows = review_rows(study(), [few, one_sided])

    assert (rows[0].rate, rows[0].interval) == (NOT_ENOUGH, "3 labels; it takes 20")
    assert rows[1].interval == "from 40,000; misses are unknown"
    assert "taken as drawn at random" in rows[1].more


def test_both_surfaces_draw_it_and_a_hostile_name_is_text() -> None:
    page = render(study(), reviewed=[replace(FOUND, behavior=HOSTILE)])
    console = Console(width=80)
    with console.capture() as said:
        console.print(review_table(study(), [FOUND]))

    assert "What people say of the judge" in page
    assert "<script" not in page
    assert "50,000" in said.get()
