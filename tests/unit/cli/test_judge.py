"""`foretaste judge check`."""

import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.after.test_vetting import log, plan_file


def test_a_judge_is_shown_beside_what_length_alone_would_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log(tmp_path)
    plan = plan_file(tmp_path, path)

    assert main(["judge", "check", path, "--plan", plan]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "by length alone" in said
    assert "the judge refused to judge (1)" in said
    assert main(["judge", "check", path, "--plan", plan, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["labelled"] == 19


def test_without_a_plan_a_log_is_no_run(tmp_path: Path) -> None:
    assert main(["judge", "check", log(tmp_path)]) != 0
