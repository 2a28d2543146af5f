import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.releases import log


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return [
        log(tmp_path / f"{name}.jsonl", name, refused, day=day)
        for name, refused, day in (("first", 5, 1), ("second", 30, 2), ("third", 12, 3))
    ]


def test_a_backtest_prints_its_table_and_writes_its_page(
    logs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", *logs]) == 0
    said = capsys.readouterr()

    assert said.out.startswith("6 transitions between 3 releases")
    assert said.out.splitlines()[-1] == "page: backtest.html"
    assert "forecast" in said.err
    html = Path("backtest.html").read_text("utf-8")
    assert html.startswith("<!doctype html>")
    assert "second" in html


def test_the_page_goes_where_it_is_sent(
    logs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", *logs, "--page", "past.html", "--behavior", "refusal"]) == 0

    assert capsys.readouterr().out.splitlines()[-1] == "page: past.html"
    assert [path.name for path in Path().iterdir()] == ["past.html"]


def test_json_is_the_scores_without_points_and_writes_no_page_unasked(
    logs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["backtest", *logs, "--pairs", "successive", "--behavior", "refusal", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["transitions"], found["behaviors"]) == (2, ["refusal"])
    assert found["models"][found["default"]]["n"] == 2
    assert "points" not in found
    assert list(Path().iterdir()) == []
    assert main([*words, "--page", "asked.html"]) == 0
    json.loads(capsys.readouterr().out)
    assert Path("asked.html").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--pairs", "some"],
        ["--behavior", "refussal"],
        ["--split", "third"],
        ["--page", "none/such/page.html"],
    ],
    ids=str,
)
def test_a_wrong_call_is_two_and_says_why(
    logs: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", *logs, *words]) == 2

    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert words[-1].split("/")[0] in said


def test_a_single_log_is_refused(logs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", logs[0]]) == 2

    assert "two releases or more" in capsys.readouterr().err


def test_logs_without_shared_prompts_are_not_enough_evidence(
    logs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = log(tmp_path / "few.jsonl", "few", 1, day=4, size=4)

    assert main(["backtest", logs[0], few]) == 3
    assert "no transition can be forecast" in capsys.readouterr().err
