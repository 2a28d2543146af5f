import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.after.test_discovery import USERS, finish


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("discover"))


def test_json_is_the_whole_finding(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", path, "--before", "recorded", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    kept = json.loads(Path(path, "discovery.json").read_text())

    assert found in kept
    assert found["features"]["pairs"] == 2 * USERS
    assert "{" not in said.err


def test_the_table_goes_to_the_output(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", path]) == 0
    said = capsys.readouterr().out

    assert "Incumbent against candidate" in said
    assert "search" in said
    assert "corrected the model" in said
    assert "report.html" in said


@pytest.mark.parametrize("words", [["--before", "candidate"], ["--after", "next"]])
def test_a_wrong_call_is_two(
    path: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discover", path, *words]) == 2
    assert "Traceback" not in capsys.readouterr().err
