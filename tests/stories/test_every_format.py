"""Whatever format a log is in: the same summary, and a replay with the scripted model."""

import json
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.cli import main
from foretaste.records import Lane
from formats import CASES
from formats.case import Case
from stories.planted import in_lane, plan, says

LOG = 6  # records
every = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@pytest.fixture
def log(case: Case, tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.write_bytes(case.dump([case.record(n) for n in range(LOG)]))
    return path


@every
def test_scan_prints_the_same_summary(
    case: Case, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(log), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)

    assert found["format"] == case.format
    assert found["log"]["conversations"] == found["log"]["replayable"] == LOG
    assert found["log"]["failures"] == {}
    assert (found["log"]["user_turns"], found["log"]["assistant_turns"]) == (LOG, LOG)


@every
def test_a_scripted_model_is_replayed_on_it(case: Case, log: Path, tmp_path: Path) -> None:
    given = plan(tmp_path, str(log), {"alpha": 1.0}, candidate=says({"alpha": 1.0}, "new"))
    path, study = foretaste.run(given | {"log": {"path": str(log)}})

    old, new = in_lane(study, Lane.RECORDED)["alpha"], in_lane(study, Lane.CANDIDATE)["alpha"]
    assert (old.present, old.graded, old.ungraded) == (0, LOG, 0)
    assert (new.present, new.graded, new.missing) == (LOG, LOG, 0)
    assert "What the log lacks" in Path(path, "report.html").read_text()
