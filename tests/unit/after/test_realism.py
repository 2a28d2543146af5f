import json
import shutil
from pathlib import Path

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.realism import Wanted, realism
from foretaste.errors import PlanError
from foretaste.records import Lane
from foretaste.runs.presentation import read_realism
from foretaste.stages.preview import Cost
from unit.agents import BOOKS, TRIALS, finish


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agents")
    finish(folder)
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own, with what its plan names."""
    shutil.copytree(finished, tmp_path / "copy")
    return str(tmp_path / "copy" / "run")


def test_turns_are_told_by_layer_and_tool_and_those_without_calls_are_counted(path: str) -> None:
    found = realism(path, Wanted(group="task"))
    (trained,) = found.discriminators

    assert (found.pairs, found.without_calls, found.missing) == (BOOKS * TRIALS, 1, 0)
    assert trained.win.rate is not None
    assert trained.win.rate < 0.4  # `find` gives it away; what `look` gets is as recorded
    layers = {row.layer: row for row in trained.layers}
    assert layers.keys() == {"recorded", "older"}
    assert layers["older"].most.rate == pytest.approx(0, abs=0.1)
    assert layers["recorded"].call is not None
    assert layers["recorded"].call.rate == 0.5
    assert {row.tool for row in trained.tools} <= {"look", "find"}
    assert found.warnings == ()


def test_controls_stand_beside_the_finding(path: str) -> None:
    found = realism(path, Wanted(group="task", trials=True))
    controls = {each.name: each.win for each in found.discriminators[0].controls}

    assert controls["shuffled"].rate is not None
    assert controls["shuffled"].rate < 0.1
    assert controls["trials"].rate == 0.5  # all trials of a book are the same


def test_each_layer_is_left_out_and_left_alone_with_the_record_hidden(path: str) -> None:
    found = realism(path, Wanted(group="task", ablate=True))
    rows = {each.name: each for each in found.ablation}

    assert list(rows) == [
        "all layers", "without recorded", "without older", "recorded alone", "older alone",
    ]  # fmt: skip
    assert rows["all layers"].calls == BOOKS * TRIALS
    assert {each.answered for each in rows.values()} == {0}  # `look` is in no other log
    assert not any(each.error for each in rows.values())


def test_it_is_kept_in_the_run_once_for_each_lane_and_shown_in_its_report(path: str) -> None:
    realism(path)
    realism(path, Wanted(lane=Lane.CANDIDATE))
    last = realism(path)
    with Files(path=path, reading=True) as store:
        kept = read_realism(store)

    assert [each.lane for each in kept] == [Lane.CANDIDATE, Lane.INCUMBENT]
    assert kept[-1] == last
    assert "How real the simulated tools look" in Path(path, "report.html").read_text()


def test_the_candidate_s_lane_is_compared_on_request_with_a_warning(path: str) -> None:
    found = realism(path, Wanted(lane=Lane.CANDIDATE))

    assert "counts as unrealism" in found.warnings[0]


def test_without_an_incumbent_it_says_what_to_do(tmp_path: Path) -> None:
    path = finish(tmp_path, incumbent=None)

    with pytest.raises(PlanError, match=r"no incumbent lane .* give the plan an `incumbent`"):
        realism(path)
    assert realism(path, Wanted(lane=Lane.CANDIDATE)).pairs == BOOKS * TRIALS


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(group="tsk"), "no turn of the run has the tag 'tsk'"),
        (Wanted(margin=0.5), "between 0 and 0.5"),
        (Wanted(lane=Lane.RECORDED), "recorded lane is the real one"),
        (Wanted(judge="plan"), "the plan has no `judge`"),
        (Wanted(judge="gpt"), "name a model like"),
    ],
)
def test_a_wrong_wish_is_refused(finished: Path, wanted: Wanted, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        realism(str(finished / "run"), wanted)


def test_a_draw_of_the_pairs_is_the_same_each_time(path: str) -> None:
    first, again = (realism(path, Wanted(pairs=20)) for _ in range(2))

    assert first.pairs == 20
    assert first.discriminators == again.discriminators


def test_the_plan_s_judge_is_asked_and_what_it_costs_is_said_first(tmp_path: Path) -> None:
    judge = {
        "use": "scripted",
        "name": "referee",
        "default": json.dumps({"real": "A", "reason": "it came first"}),
    }
    path = finish(tmp_path, judge=judge)
    said: list[tuple[Cost, ...]] = []
    found = realism(path, Wanted(judge="plan", group="task"), announce=said.append)
    _, told = found.discriminators

    assert told.win.rate == 0.5
    assert told.win.position_bias is not None
    assert told.win.position_bias < -0.3  # ties of equal turns, which nobody was asked about
    assert [each.name for each in told.controls] == ["shuffled"]
    assert said[0][0].calls > 2 * BOOKS
    with pytest.raises(PlanError, match="calls are needed"):
        realism(finish(tmp_path / "poor", judge=judge, budget={"calls": 1}), Wanted(judge="plan"))


def test_a_judge_that_cannot_be_read_leaves_all_ungraded(tmp_path: Path) -> None:
    path = finish(tmp_path, judge={"use": "scripted", "default": "Perhaps A."})
    found = realism(path, Wanted(judge="plan")).discriminators[1].win

    assert found.ungraded + found.ties == BOOKS * TRIALS
    assert found.ungraded > 10
