import json
from pathlib import Path

import pytest

from foretaste.cli import main


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    records = [{"id": f"talk-{i}", "messages": [*said, *said[: 2 * i]]} for i in range(2)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    return "log.jsonl"


def test_it_keeps_lists_and_removes(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["save", log, "--id", "talk-0", "--note", "short"]) == 0
    assert "1 saved in cases" in capsys.readouterr().out
    assert main(["save", "--list", "--json"]) == 0
    (case,) = json.loads(capsys.readouterr().out)
    assert (case["note"], case["turns"]) == ("short", 1)

    assert main(["save", "--remove", case["id"]]) == 0
    assert main(["save", "--list"]) == 0
    assert "0 cases in cases" in capsys.readouterr().out


def test_it_shows_what_could_be_kept(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["save", log, "--show"]) == 0

    assert "2 newest that can be replayed" in capsys.readouterr().out
    assert not Path("cases").exists()


def test_it_says_how_to_replay_and_that_rules_miss_names(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["save", log]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "foretaste diff cases --model NEW" in said
    assert "look at the files before you share them" in said


@pytest.mark.parametrize(
    "words",
    [
        ["--list", "--remove", "123456"],
        ["log.jsonl", "--list"],
        ["log.jsonl", "--id", "talk-0", "--last", "2"],
        ["log.jsonl", "--last", "0"],
        ["nowhere"],
    ],
)
def test_a_call_that_makes_no_sense_keeps_nothing(log: str, words: list[str]) -> None:
    assert main(["save", *words]) == 2
    assert not Path("cases").exists()
