import json
from dataclasses import replace
from pathlib import Path

import pytest

from foretaste.cli import main
from foretaste.cli.watch import _code
from unit.report.compared import comparison


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    Path("log.jsonl").write_text(json.dumps({"messages": said, "model": "old-1"}) + "\n")
    return "log.jsonl"


def test_a_look_at_which_nothing_is_new_says_nothing_and_passes(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["watch", log, "--model", "openai/old-1", "--state", "state.json"]

    assert (main(words), main(words)) == (0, 0)
    assert capsys.readouterr().out == ""
    assert json.loads(Path("state.json").read_text())["model"] == "openai/old-1"


def test_it_says_it_as_json_too(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("settings.json").write_text('{"model": "claude-x-1"}')
    words = ["watch", log, "--settings", "settings.json", "--state", "state.json", "--json"]

    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["comparison"], told["state"]) == ("claude-x-1", None, "state.json")


@pytest.mark.parametrize(
    "words", [[], ["--model", "a", "--settings", "b"], ["--settings", "nowhere.json"]]
)
def test_a_call_that_names_no_one_model_is_wrong(log: str, words: list[str]) -> None:
    assert main(["watch", log, *words]) == 2


@pytest.mark.parametrize(("larger", "code"), [(True, 1), (False, 0), (None, 3)])
def test_the_exit_code_says_whether_it_differs(larger: bool | None, code: int) -> None:
    found = comparison()
    assert found.noise is not None

    assert _code(replace(found, noise=replace(found.noise, larger=larger))) == code


def test_without_a_replay_of_the_old_model_it_is_not_known() -> None:
    assert _code(replace(comparison(), noise=None)) == 3
