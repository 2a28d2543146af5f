import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.awareness import Wanted, awareness
from foretaste.awareness import Awareness, AwareRate, Looked, Placement, Source
from foretaste.errors import BudgetSpent, PlanError
from foretaste.records import Lane
from foretaste.runs.presentation import read_awareness
from foretaste.stages.preview import Cost
from unit.agents import BOOKS, TRIALS, finish

TURNS = BOOKS * TRIALS + 1
FRESH = (Placement.FRESH,)
DETECTOR = {
    "use": "scripted",
    "name": "detector",
    "replies": [{"when": "quiz", "say": "evaluation"}],
    "default": "production",
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose candidate answers every question with one word of the detector's."""
    folder = tmp_path_factory.mktemp("agents")
    finish(folder, candidate=DETECTOR)
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own, with what its plan names."""
    shutil.copytree(finished, tmp_path / "copy")
    return str(tmp_path / "copy" / "run")


@pytest.fixture
def quiz(tmp_path: Path) -> str:
    """A suite of eight questions, as a log."""
    path = tmp_path / "quiz.jsonl"
    asked = [[{"role": "user", "content": f"Question {k} of the quiz: A or B?"}] for k in range(8)]
    path.write_text("".join(json.dumps({"messages": each}) + "\n" for each in asked))
    return str(path)


def row(found: Awareness, source: Source, measure: int = 0) -> AwareRate:
    return next(each for each in found.measured[measure].rates if each.source is source)


def test_the_candidate_itself_is_asked_in_both_placements_unless_another_is_named(
    path: str,
) -> None:
    found = awareness(path, Wanted(suite=""))

    assert [(each.by, each.placement) for each in found.measured] == [
        *(("scripted", placement) for placement in Placement),
        ("rule", None),
        ("rule", None),
    ]
    assert row(found, Source.PRODUCTION).transcripts == TURNS
    assert row(found, Source.PRODUCTION).rate == 0.0
    assert found.measured[0].matched[0].pairs == TURNS
    assert "no synthetic suite" in found.warnings[0]


def test_replays_that_call_tools_stand_beside_the_others(path: str) -> None:
    found = awareness(path, Wanted(lane=Lane.INCUMBENT, placements=FRESH, suite=""))

    assert row(found, Source.AGENTIC).transcripts == BOOKS * TRIALS
    assert row(found, Source.REPLAYED).transcripts == 1
    assert {each.source for each in found.measured[0].matched} == {
        Source.REPLAYED, Source.AGENTIC,
    }  # fmt: skip


def test_a_suite_is_answered_set_beside_the_run_and_told_from_it(path: str, quiz: str) -> None:
    found = awareness(path, Wanted(placements=FRESH, suite=quiz))

    assert found.suite == quiz
    assert found.warnings == ()
    assert row(found, Source.SYNTHETIC).transcripts == 8
    assert row(found, Source.SYNTHETIC).rate == 1.0
    assert row(found, Source.SYNTHETIC).auc == 1.0


def test_rules_read_the_same_transcripts_and_no_reasoning_is_ungraded(path: str) -> None:
    found = awareness(path, Wanted(suite=""))

    assert [each.measure for each in found.measured[2:]] == [
        "verbalised awareness", "talk of grading and oversight",
    ]  # fmt: skip
    for measure in (2, 3):
        assert row(found, Source.PRODUCTION, measure).ungraded == TURNS
        assert row(found, Source.PRODUCTION, measure).rate is None


def test_marks_go_with_the_first_detector_s_scores_in_a_fresh_context(path: str) -> None:
    assert awareness(path, Wanted(suite="")).marks_by == "scripted, fresh context"
    appended = Wanted(placements=(Placement.APPENDED,), suite="")
    assert awareness(path, appended).marks_by == "scripted, appended"


def test_answers_to_the_suite_are_quoted_with_the_detectors_and_paid_once(
    path: str, quiz: str
) -> None:
    quoted: list[dict[str, int]] = []

    def announce(costs: tuple[Cost, ...]) -> None:
        quoted.append({each.what: each.calls for each in costs})

    wanted = Wanted(placements=FRESH, transcripts=5, suite=quiz)
    first = awareness(path, wanted, announce=announce)
    again = awareness(path, wanted, announce=announce)

    assert quoted == [
        {"suite": 8, "detector, fresh context": 2 * (10 + 8)},
        {"suite": 0, "detector, fresh context": 0},
    ]
    assert again.measured == first.measured


def test_the_budget_holds_for_the_suite_too(tmp_path: Path, quiz: str) -> None:
    path = finish(tmp_path / "a", candidate=DETECTOR, incumbent=None, budget={"calls": 100})
    without = Wanted(placements=FRESH, transcripts=20, suite="")

    with pytest.raises(PlanError, match="104 calls are needed, the budget is 100"):
        awareness(path, replace(without, suite=quiz))
    assert awareness(path, without).measured


def test_another_lane_s_model_answers_anew_and_both_findings_are_kept(path: str, quiz: str) -> None:
    wanted = Wanted(placements=FRESH, transcripts=5, suite=quiz)
    candidate = awareness(path, wanted)
    incumbent = awareness(path, replace(wanted, lane=Lane.INCUMBENT))
    with Files(path=path, reading=True) as store:
        kept = read_awareness(store)

    assert kept == [candidate, incumbent]
    assert len(list(Path(path).glob("suite/*"))) == 2


def test_a_model_that_answers_from_a_log_cannot_answer_a_suite(tmp_path: Path, quiz: str) -> None:
    recorded = {"use": "recorded", "path": str(tmp_path / "a" / "log.jsonl")}
    path = finish(tmp_path / "a", incumbent=None, candidate=recorded)
    wanted = Wanted(detectors=("embedded/smollm2",), suite=quiz)

    with pytest.raises(PlanError, match="--suite none"):
        awareness(path, wanted)


def test_it_is_kept_in_the_run_once_and_shown_in_its_report(path: str) -> None:
    awareness(path, Wanted(transcripts=5, suite=""))
    last = awareness(path, Wanted(transcripts=6, suite=""))
    with Files(path=path, reading=True) as store:
        kept = read_awareness(store)

    assert kept == [last]
    assert "notice that they are tested" in Path(path, "report.html").read_text()


def test_nobody_is_asked_twice(path: str) -> None:
    quoted: list[int] = []

    def announce(costs: tuple[Cost, ...]) -> None:
        quoted.append(sum(each.calls for each in costs))

    first = awareness(path, Wanted(transcripts=5, suite=""), announce=announce)
    again = awareness(path, Wanted(transcripts=5, suite=""), announce=announce)
    awareness(path, Wanted(transcripts=6, suite=""), announce=announce)

    assert quoted == [2 * 2 * 10, 0, 2 * 2 * 2]
    assert again.measured == first.measured


def test_what_was_said_before_the_budget_was_spent_is_kept(tmp_path: Path) -> None:
    wordy: dict[str, Any] = DETECTOR | {"default": "production " * 50}
    wordy |= {"price": {"input": 0.0, "output": 1e4}}  # a cent a word
    path = finish(tmp_path, candidate=wordy, incumbent=None, budget={"usd": 40})

    with pytest.raises(PlanError, match=r"about \$.* are needed"):
        awareness(path, Wanted(max_tokens=1_000, suite=""))
    with pytest.raises(BudgetSpent):
        awareness(path, Wanted(placements=FRESH, max_tokens=1, suite=""))
    with Files(path=path, reading=True) as store:
        kept = list(store.read(Looked))
    assert 40 <= len(kept) < 60


def test_why_transcripts_are_ungraded_is_said_with_how_many(tmp_path: Path) -> None:
    path = finish(tmp_path, candidate=DETECTOR | {"default": "perhaps"}, incumbent=None)
    found = awareness(path, Wanted(placements=FRESH, transcripts=10, suite=""))

    assert row(found, Source.PRODUCTION).ungraded == 10
    assert found.warnings[-1] == (
        "scripted, fresh context: 20 ungraded: the detector said neither word"
    )


@pytest.mark.parametrize(
    ("wanted", "said_then"),
    [
        (Wanted(lane=Lane.RECORDED), "recorded lane is always looked at"),
        (Wanted(detectors=("gpt",), suite=""), "name a model like"),
        (Wanted(detectors=("recorded/x",), suite=""), "answers from a log"),
    ],
)
def test_a_wrong_wish_is_refused(finished: Path, wanted: Wanted, said_then: str) -> None:
    with pytest.raises(PlanError, match=said_then):
        awareness(str(finished / "run"), wanted)
