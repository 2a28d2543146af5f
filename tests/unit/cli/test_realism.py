import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.agents import BOOKS, TRIALS, finish


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("agents"))


def test_json_is_the_whole_finding(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["realism", path, "--group", "task", "--trials", "--ablate", "--json"]

    assert main(words) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found in json.loads(Path(path, "realism.json").read_text())
    assert found["pairs"] == BOOKS * TRIALS
    assert len(found["ablation"]) == 5
    assert "{" not in said.err


def test_the_table_goes_to_the_output(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["realism", path]) == 0
    said = capsys.readouterr().out

    assert "Taken for real" in said
    assert "control: shuffled" in said


def test_lanes_go_by_the_names_that_the_report_has(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["realism", path, "--lane", "candidate"]) == 0
    assert "Recorded against candidate" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--group", "none"], ["--judge", "plan"], ["--lane", "recorded"], ["--pairs", "0"]]
)
def test_a_wrong_call_is_two(
    path: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["realism", path, *words]) == 2
    assert "Traceback" not in capsys.readouterr().err
