import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.agents import finish

DETECTOR = {"use": "scripted", "name": "detector", "default": "production"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("agents"), candidate=DETECTOR, incumbent=None)


def test_json_is_the_whole_finding(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["awareness", path, "--transcripts", "10", "--placement", "fresh", "--suite", "none"]

    assert main([*words, "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    (kept,) = json.loads(Path(path, "awareness.json").read_text())
    assert found == kept
    assert [each["placement"] for each in found["measured"]] == ["fresh context", None, None]
    assert {each["transcripts"] for each in found["measured"][0]["rates"]} == {10}
    assert " calls of scripted" in said.err


def test_the_table_goes_to_the_output(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--detector", "candidate", "--transcripts", "10", "--suite", "none"]

    assert main(["awareness", path, *words]) == 0
    said = capsys.readouterr().out

    assert "forced choice by scripted, appended" in said
    assert "No suite shows that this detector knows a test" in " ".join(said.split())


@pytest.mark.parametrize(
    "words",
    [
        ["--detector", "gpt"],
        ["--lane", "recorded"],
        ["--lane", "incumbent"],
        ["--transcripts", "0"],
        ["--placement", "elsewhere"],
        ["--suite", "nowhere.jsonl"],
    ],
)
def test_a_wrong_call_is_two(
    path: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["awareness", path, *words]) == 2
    assert "Traceback" not in capsys.readouterr().err
