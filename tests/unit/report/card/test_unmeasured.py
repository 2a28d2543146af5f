from dataclasses import replace

from foretaste.cards import Basis
from foretaste.findings import Grading, Study
from foretaste.records import Lane
from foretaste.report.card.beside import Beside
from foretaste.report.card.unmeasured import unmeasured
from unit.report.carded import beside
from unit.report.discovered import FOUND
from unit.report.studies import study, without_incumbent

NOTHING = Beside(basis=Basis(ledger_lines=0, ledger="", found=()))


def told(whole: Study, known: Beside = NOTHING) -> dict[str, str]:
    return {each.what: each.why for each in unmeasured(whole, known)}


def test_a_run_without_an_incumbent_says_that_change_and_fidelity_are_unknown() -> None:
    said = told(without_incumbent(study()))

    assert "was not replayed" in said["Change against the incumbent"]
    assert "was not replayed" in said["Fidelity of the replay"]
    assert "Change against the incumbent" not in told(study())


def test_what_was_looked_at_is_not_called_unmeasured() -> None:
    left = told(study()).keys() - told(study(), beside()).keys()

    assert left == {
        *("Behaviors that nobody listed", "Evaluation awareness", "Realism of simulated tools"),
        *("Error of this forecast", "Error of past forecasts"),
    }


def test_a_comparison_that_asked_no_model_is_no_search_for_behaviors() -> None:
    unasked = beside()._replace(discoveries=[replace(FOUND, audited=None)])

    assert "no model was asked" in told(study(), unasked)["Behaviors that nobody listed"]


def test_gaps_lost_turns_and_skipped_behaviors_are_counted() -> None:
    said = told(study())

    assert said["The log lacks: sampling settings"] == "100 % of the prefixes (60 of 60)"
    assert said["Turns without an answer, candidate"] == "1 of 60 prefixes"
    assert said["Part of the log"] == "3 records could not be read"
    assert said["Behaviors that were not graded: calculator-hacking"] == (
        "the log holds no tool schemas"
    )


def test_a_judge_that_nobody_checked_is_named() -> None:
    grading = Grading(judges=("j",), panel=1, reasoning={"flattery": False, "refusal": True},
                      ungraded={}, steering=())  # fmt: skip
    judged = replace(study(), grading=grading)

    assert "How often the judge is right of flattery and refusal" in told(judged)
    assert "How often the judge is right of flattery" in told(judged, beside())


def test_answers_that_are_the_log_s_own_are_said_to_measure_nothing() -> None:
    lanes = tuple(
        replace(each, repeats=each.rollouts) if each.lane is Lane.INCUMBENT else each
        for each in study().account.lanes
    )
    whole = replace(study(), account=replace(study().account, lanes=lanes, users=None))

    assert "word for word" in told(whole)["The incumbent's own answers"]
    assert "Users" in told(whole)
