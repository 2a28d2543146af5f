import json
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.bridging import bridge, bridged, read_bridges
from foretaste.after.release import open_study
from foretaste.after.validation import validate
from foretaste.errors import PlanError, SealBroken, StoreUnavailable
from foretaste.findings import Direction
from foretaste.provenance import code_hash
from foretaste.records import Lane, Rollout
from foretaste.sealing import close, seal
from foretaste.stages.preview import Cost
from stories.planted import behavior, says
from unit.released import finish, log


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with an incumbent."""
    folder = tmp_path_factory.mktemp("finished")
    finish(folder, incumbent=says({"alpha": 0.2}, "old"))
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own; `alpha.md` lies where its plan says."""
    shutil.copytree(finished / "run", tmp_path / "run")
    behavior(finished, "alpha")
    return str(tmp_path / "run")


def sealed_by_other_code(path: str) -> None:
    study = open_study(path)
    changed = replace(study, sealed=seal(replace(study.sealed, code="other code")))
    Path(path, "study.json").write_bytes(msgspec.json.encode(changed))


def test_where_nothing_changed_every_verdict_is_as_sealed(path: str) -> None:
    found = bridge(path)

    assert [each.before for each in found.changes] == list(Lane)
    assert all(each.before is each.after for each in found.changes)
    assert all(each.only_before + each.only_after == 0 for each in found.changes)
    assert all(each.ratio == 1 and each.pairs == 40 for each in found.changes)
    assert (found.regraders, found.absent) == ((), ())


def test_a_grader_that_changed_is_found_in_every_lane(path: str, finished: Path) -> None:
    behavior(finished, "alpha", grader="{use: rule, pattern: 'alpha!|Fine'}")
    found = bridge(path, grade_only=True)

    assert found.regraders == ("alpha",)
    assert {each.direction for each in found.changes} == {Direction.UP}
    assert [each.both + each.only_after for each in found.changes] == [40, 40, 40]


def test_grading_alone_asks_no_model_and_takes_the_sealed_answers(path: str) -> None:
    said: list[tuple[Cost, ...]] = []
    found = bridge(path, grade_only=True, announce=said.append)

    assert said == [()]
    with (
        Files(path=path, reading=True) as old,
        Files(path=f"{path}/bridge/{found.pipeline[:8]}", reading=True) as new,
    ):
        assert list(old.read(Rollout)) == list(new.read(Rollout))


def test_what_it_costs_is_said_first_and_held_to_the_budget(path: str) -> None:
    said: list[tuple[Cost, ...]] = []
    bridge(path, announce=said.append)

    assert [(each.what, each.calls) for each in said[0]] == [("incumbent", 40), ("candidate", 40)]
    study = open_study(path)
    poor = replace(study, plan=study.plan | {"budget": {"calls": 79}})
    Path(path, "study.json").write_bytes(msgspec.json.encode(close(poor)))
    with pytest.raises(PlanError, match="80 calls are needed"):
        bridge(path)


def test_it_goes_on_from_what_is_there_and_is_kept_once(path: str) -> None:
    first = bridge(path)
    folder = Path(path, "bridge", first.pipeline[:8], "segments")
    before = {file.name: file.stat().st_size for file in folder.iterdir()}
    second = bridge(path)

    assert {file.name: file.stat().st_size for file in folder.iterdir()} == before
    assert read_bridges(path) == [second]
    bridge(path, grade_only=True)
    assert [each.regraded for each in read_bridges(path)] == [False, True]


def test_the_log_is_not_needed_anymore(path: str, finished: Path) -> None:
    (finished / "before.jsonl").rename(finished / "gone.jsonl")
    try:
        assert len(bridge(path).changes) == 3
    finally:
        (finished / "gone.jsonl").rename(finished / "before.jsonl")


def test_a_validation_by_other_code_names_the_bridge_and_shows_it_once_it_is_there(
    path: str, tmp_path: Path
) -> None:
    later = log(tmp_path, "later", ["Fine."] * 9)
    sealed_by_other_code(path)
    before = validate(path, later)
    bridge(path)
    after = validate(path, later)

    assert (before.pipeline_changed, before.bridge) == (True, None)
    assert "foretaste bridge" in Path(path, "report.html").read_text() or after.bridge
    assert after.bridge == {"alpha": 1.0}
    assert "bridge 1.0x" in Path(path, "report.html").read_text()


def test_a_bridge_over_another_grader_says_nothing_of_the_replay(path: str, finished: Path) -> None:
    sealed_by_other_code(path)
    behavior(finished, "alpha", grader="{use: rule, pattern: 'Fine'}")
    bridge(path)

    assert bridged(path, open_study(path).sealed) == {"alpha": None}


def test_a_bridge_to_other_code_than_the_present_is_not_shown(path: str) -> None:
    bridge(path)
    sealed = open_study(path).sealed
    kept = read_bridges(path)[0]
    Path(path, "bridges.json").write_bytes(msgspec.json.encode([replace(kept, code="older")]))

    assert sealed.code == code_hash()
    assert bridged(path, sealed) is None


def test_bridges_that_cannot_be_read_are_not_taken_for_none(path: str) -> None:
    Path(path, "bridges.json").write_text("[{]")

    with pytest.raises(StoreUnavailable, match=r"bridges\.json cannot be read"):
        read_bridges(path)


def test_a_run_whose_seal_is_broken_gets_no_bridge(path: str) -> None:
    study = json.loads(Path(path, "study.json").read_text())
    study["sealed"]["method"] = "direct"
    Path(path, "study.json").write_text(json.dumps(study))

    with pytest.raises(SealBroken):
        bridge(path)
