import json
from pathlib import Path

import pytest

from foretaste.cli import main
from stories.planted import conversation, write_log
from stories.test_a_killed_run import serving


def log_of(folder: Path) -> str:
    said = [conversation([f"Question {n}?"], ["Fine."], id=n) for n in ("one", "two")]
    return write_log(folder / "log.jsonl", said)


def said_by(model: str, _: str) -> str:
    return "Fine." if model == "old" else "Fine, says Anna."


def test_a_summary_names_what_is_different_and_json_is_the_whole_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["diff", log_of(tmp_path), "--model", "next", "--out", str(tmp_path / "run")]
    with serving(said_by) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert main([*words, "--yes"]) == 0
        plain = capsys.readouterr()
        asked = server.total
        assert main([*words, "--json"]) == 0  # all is there: there is nothing to consent to
        assert server.total == asked == 4

    assert "openai/next beside old: 2 of 2 turns answered" in plain.out
    assert "1. Question" in plain.out
    assert "Names “Anna”" in " ".join(plain.out.split())
    assert "2 calls of openai/old" in plain.err
    assert (tmp_path / "run" / "diff.html").exists()
    found = json.loads(capsys.readouterr().out)
    assert (found["new"], len(found["pairs"])) == ("openai/next", 2)


def test_without_a_terminal_money_is_spent_only_with_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["diff", log_of(tmp_path), "--model", "openai/next", "--out", str(tmp_path / "run")]

    assert main(words) == 2
    said = capsys.readouterr()
    assert "say --yes" in said.err
    assert "2 calls of openai/next" in said.err


def test_without_a_log_the_sessions_on_this_machine_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path))

    assert main(["diff", "--model", "smollm2"]) == 2
    assert "Export your own" in capsys.readouterr().err


def test_a_model_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "log.jsonl"]) == 2
    assert "--model" in capsys.readouterr().err
