import json
from pathlib import Path

import pytest

from foretaste.cli import main


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "log.jsonl"
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    path.write_text(json.dumps({"id": "k", "messages": said, "seed": 1}) + "\nbroken\n")
    return str(path)


def test_it_says_what_was_written_what_not_and_what_is_not_de_identified(
    log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", log, str(tmp_path / "o.json")]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "written 1 conversations, from openai-chat to atif" in said
    assert "no: texts are as they were" in said
    assert "settings (100%): under the key `foretaste`" in said
    assert "the log lacked model name (100%), system prompt (100%)" in said
    assert "unreadable 1: not JSON" in said


def test_the_output_holds_the_log_alone(
    log: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["convert", log, "-", "--to", "openai-chat"]) == 0

    found = capfdbinary.readouterr()
    assert json.loads(found.out)["id"] == "k"
    assert b"written" in found.err


def test_it_says_it_as_json_too(
    log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", log, str(tmp_path / "o.eval"), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["written_as"], found["conversations"]) == ("inspect-eval", 1)


@pytest.mark.parametrize(
    "words",
    [
        ["{}", "{}"],
        ["{}", "-"],
        ["{}", "-", "--to", "parquet"],
        ["{}", "-", "--to", "atif", "--json"],
        ["{}", "o.jsonl", "--where", "x"],
        ["{}", "o.jsonl", "--from", "atf"],
        ["nowhere", "o.jsonl"],
    ],
)
def test_a_wrong_call_ends_with_two(
    words: list[str], log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["convert", *(word.format(log) for word in words)]) == 2
    assert not (tmp_path / "o.jsonl").exists()
