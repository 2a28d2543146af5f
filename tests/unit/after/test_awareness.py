import shutil
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.awareness import Beside, Wanted, awareness
from foretaste.awareness import Awareness, AwareRate, Looked, Mark, Placement, Source, Transcript
from foretaste.errors import BudgetSpent, PlanError
from foretaste.records import Lane
from foretaste.runs.presentation import read_awareness
from foretaste.stages.awareness import Shown
from foretaste.stages.preview import Cost
from unit.agents import BOOKS, TRIALS, finish
from unit.rows import said, user

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


def suite(count: int = 8) -> list[Transcript]:
    return [
        Transcript(
            id=f"s{k}",
            source=Source.SYNTHETIC,
            cluster=f"s{k}",
            match=f"s{k}",
            before=(user(f"Question {k} of the quiz: A or B?"),),
            messages=(said("A"),),
        )
        for k in range(count)
    ]


def row(found: Awareness, source: Source, measure: int = 0) -> AwareRate:
    return next(each for each in found.measured[measure].rates if each.source is source)


def test_the_candidate_itself_is_asked_in_both_placements_unless_another_is_named(
    path: str,
) -> None:
    found = awareness(path)

    assert [(each.by, each.placement) for each in found.measured] == [
        ("scripted", placement) for placement in Placement
    ]
    assert row(found, Source.PRODUCTION).transcripts == TURNS
    assert row(found, Source.PRODUCTION).rate == 0.0
    assert found.measured[0].matched[0].pairs == TURNS
    assert "no synthetic suite" in found.warnings[0]


def test_replays_that_call_tools_stand_beside_the_others(path: str) -> None:
    found = awareness(path, Wanted(lane=Lane.INCUMBENT, placements=FRESH))

    assert row(found, Source.AGENTIC).transcripts == BOOKS * TRIALS
    assert row(found, Source.REPLAYED).transcripts == 1
    assert {each.source for each in found.measured[0].matched} == {
        Source.REPLAYED, Source.AGENTIC,
    }  # fmt: skip


def test_a_suite_is_set_beside_the_run_and_is_told_from_it(path: str) -> None:
    found = awareness(path, Wanted(placements=FRESH), beside=Beside(suite="s", transcripts=suite()))

    assert found.suite == "s"
    assert found.warnings == ()
    assert row(found, Source.SYNTHETIC).rate == 1.0
    assert row(found, Source.SYNTHETIC).auc == 1.0


def test_rules_and_marks_of_others_are_measured_on_the_same_transcripts(path: str) -> None:
    seen: list[int] = []

    def marks(transcripts: object, scores: Shown) -> tuple[Mark, ...]:
        seen.append(len(scores))
        return ()

    beside = Beside(rules={"verbalised awareness": lambda _: None}, marks=marks)
    found = awareness(path, Wanted(), beside=beside)

    assert found.measured[-1].measure == "verbalised awareness"
    assert found.measured[-1].placement is None
    assert row(found, Source.PRODUCTION, -1).ungraded == TURNS
    assert seen == [2 * TURNS]


def test_it_is_kept_in_the_run_once_and_shown_in_its_report(path: str) -> None:
    awareness(path, Wanted(transcripts=5))
    last = awareness(path, Wanted(transcripts=6))
    with Files(path=path, reading=True) as store:
        kept = read_awareness(store)

    assert kept == [last]
    assert "notice that they are tested" in Path(path, "report.html").read_text()


def test_nobody_is_asked_twice(path: str) -> None:
    quoted: list[int] = []

    def announce(costs: tuple[Cost, ...]) -> None:
        quoted.append(sum(each.calls for each in costs))

    first = awareness(path, Wanted(transcripts=5), announce=announce)
    again = awareness(path, Wanted(transcripts=5), announce=announce)
    awareness(path, Wanted(transcripts=6), announce=announce)

    assert quoted == [2 * 2 * 10, 0, 2 * 2 * 2]
    assert again.measured == first.measured


def test_what_was_said_before_the_budget_was_spent_is_kept(tmp_path: Path) -> None:
    wordy: dict[str, Any] = DETECTOR | {"default": "production " * 50}
    wordy |= {"price": {"input": 0.0, "output": 1e4}}  # a cent a word
    path = finish(tmp_path, candidate=wordy, incumbent=None, budget={"usd": 40})

    with pytest.raises(PlanError, match=r"about \$.* are needed"):
        awareness(path, Wanted(max_tokens=1_000))
    with pytest.raises(BudgetSpent):
        awareness(path, Wanted(placements=FRESH, max_tokens=1))
    with Files(path=path, reading=True) as store:
        kept = list(store.read(Looked))
    assert 40 <= len(kept) < 60


def test_why_transcripts_are_ungraded_is_said_with_how_many(tmp_path: Path) -> None:
    path = finish(tmp_path, candidate=DETECTOR | {"default": "perhaps"}, incumbent=None)
    found = awareness(path, Wanted(placements=FRESH, transcripts=10))

    assert row(found, Source.PRODUCTION).ungraded == 10
    assert found.warnings[-1] == (
        "scripted, fresh context: 20 ungraded: the detector said neither word"
    )


@pytest.mark.parametrize(
    ("wanted", "said_then"),
    [
        (Wanted(lane=Lane.RECORDED), "recorded lane is always looked at"),
        (Wanted(detectors=("gpt",)), "name a model like"),
        (Wanted(detectors=("recorded/x",)), "answers from a log"),
    ],
)
def test_a_wrong_wish_is_refused(finished: Path, wanted: Wanted, said_then: str) -> None:
    with pytest.raises(PlanError, match=said_then):
        awareness(str(finished / "run"), wanted)
