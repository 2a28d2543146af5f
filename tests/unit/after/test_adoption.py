"""A proposed behavior becomes one's own."""

from pathlib import Path

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.after.adoption import adopt
from foretaste.discoveries import Proposal
from foretaste.errors import PlanError
from foretaste.records import Lane
from foretaste.runs.drafting import draft, file_of
from foretaste.stages.gather import Kind


@pytest.fixture
def run(tmp_path: Path) -> str:
    proposal = Proposal(
        name="odd",
        description="It is odd.",
        lanes=(Lane.CANDIDATE,),
        quote="Odd.",
        other="Even.",
        severity=2,
    )
    file = tmp_path / "run" / file_of("odd")
    file.parent.mkdir(parents=True)
    file.write_text(draft(Kind("odd", "It is odd.", "", (("p", proposal),), 1)))
    return str(tmp_path / "run")


def test_a_draft_is_copied_checked_and_given_as_a_line_for_the_plan(
    run: str, tmp_path: Path
) -> None:
    folder = tmp_path / "mine" / "behaviors"
    found = adopt(run, "odd", str(folder))

    assert load_behavior(found.file).name == "odd"
    assert not [each for each in found.flaws if each.kind == "error"]
    assert found.line == f"- {{name: odd, definition: {folder.as_posix()}/odd.md}}"
    assert adopt(run, "odd", str(folder)) == found  # the same file again does no harm


def test_a_file_that_differs_is_never_overwritten(run: str, tmp_path: Path) -> None:
    (tmp_path / "odd.md").write_text("mine")

    with pytest.raises(PlanError, match="exists and differs"):
        adopt(run, "odd", str(tmp_path))
    assert (tmp_path / "odd.md").read_text() == "mine"


def test_a_draft_that_somebody_broke_is_copied_with_its_errors(run: str, tmp_path: Path) -> None:
    Path(run, file_of("odd")).write_text("---\nname: odd\n---\nx")

    assert [each.kind for each in adopt(run, "odd", str(tmp_path / "to")).flaws] == ["error"]


def test_what_ships_needs_no_file_and_what_is_not_there_is_said(run: str, tmp_path: Path) -> None:
    assert adopt(run, "flattery", str(tmp_path)) == ("", [], "- flattery")
    with pytest.raises(PlanError, match=r"no draft of 'other'; it has odd"):
        adopt(run, "other", str(tmp_path))
    with pytest.raises(PlanError, match="a name is small letters"):
        adopt(run, "../odd", str(tmp_path))
    with pytest.raises(PlanError, match="cannot copy"):
        adopt(run, "odd", str(Path(run, file_of("odd"))))
