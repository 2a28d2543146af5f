"""Two releases in a row, from the command line: forecast, seal, release, score, learn.

Each replay shows `beta` three times as often as production, whatever the model: a planted error of
the replay itself. The first forecast cannot know that from its candidate's lane alone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from foretaste.after.release import open_study
from foretaste.cli import main
from foretaste.ledger import open_ledger
from stories.planted import behavior, forecasts, plain_log, plan, says

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon")
FIRST = dict(zip(WORDS, (0.20, 0.04, 0.03, 0.12, 0.06), strict=True))
SECOND = dict(zip(WORDS, (0.30, 0.04, 0.06, 0.05, 0.06), strict=True))
THIRD = dict(zip(WORDS, (0.18, 0.04, 0.12, 0.05, 0.10), strict=True))


def replayed(rates: dict[str, float], name: str) -> dict[str, Any]:
    """A model as the replay shows it: three times too much of beta."""
    return says(rates | {"beta": 3 * rates["beta"]}, name)


class Told(NamedTuple):
    """Where it all is."""

    folder: Path
    first: str
    second: str


def command(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out or "null")


def written(folder: Path, name: str, log: str, **lanes: Any) -> str:
    given = plan(folder, log, {}, behaviors=[behavior(folder, word) for word in WORDS], **lanes)
    del given["store"]
    (folder / f"{name}.yaml").write_text(json.dumps(given))
    return str(folder / f"{name}.yaml")


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("releases")
    logs = [
        plain_log(folder / f"{number}.jsonl", rates, users=300, seed=number)
        for number, rates in enumerate((FIRST, SECOND, THIRD), start=1)
    ]
    one = written(
        folder, "one", logs[0], incumbent=replayed(FIRST, "m1"), candidate=replayed(SECOND, "m2")
    )
    two = written(
        folder, "two", logs[1], incumbent=replayed(SECOND, "m2"), candidate=replayed(THIRD, "m3")
    )
    with standing_in(folder):
        assert main(["run", one]) == 0
        first = str(next((folder / "runs").glob("one-*")))
        assert main(["seal", first]) == 0
        assert main(["validate", first, "--log", logs[1], "--replay"]) == 0
        assert main(["run", two]) == 0
        second = str(next((folder / "runs").glob("two-*")))
        assert main(["validate", second, "--log", logs[2]]) == 0
    return Told(folder, first, second)


def test_the_second_forecast_learns_from_the_first_and_says_so(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = open_study(told.first), open_study(told.second)

    assert first.sealed.learned.forecasts == 0
    assert (second.sealed.learned.forecasts, second.sealed.learned.lines) == (1, 2)
    main(["report", told.second])
    assert "Learned from: 1 scored forecast" in capsys.readouterr().out
    assert "1 scored forecast" in Path(told.second, "report.html").read_text()


def test_what_was_learned_moves_the_numbers_and_the_ledger_of_then_gives_them_again(
    told: Told, tmp_path: Path
) -> None:
    given = json.loads((told.folder / "two.yaml").read_text())
    lines = open_study(told.second).sealed.learned.lines
    ledger = (told.folder / "runs" / "ledger.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "then.jsonl").write_text("".join(ledger[:lines]))
    (tmp_path / "never.jsonl").write_text("")
    rates = []
    for name in ("then", "never"):
        place = {"turns": 1_000, "ledger": str(tmp_path / f"{name}.jsonl")}
        again = given | {"forecast": place, "store": {"use": "files", "path": str(tmp_path / name)}}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(again))
        assert main(["run", str(tmp_path / f"{name}.yaml")]) == 0
        found = forecasts(open_study(str(tmp_path / name)), "hierarchical")
        rates.append({word: (each.rate, each.upper) for word, each in found.items()})
    then, never = rates

    sealed = forecasts(open_study(told.second), "hierarchical")
    assert then == {word: (each.rate, each.upper) for word, each in sealed.items()}
    assert then != never


def test_the_ledger_lists_both_with_their_scores(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = command(["ledger", str(told.folder / "runs")], capsys)

    assert (code, found["whole"]) == (0, True)
    one, two = found["forecasts"]
    assert [each["models"]["candidate"] for each in (one, two)] == ["m2", "m3"]
    assert (one["learned"], two["learned"]) == (0, 1)
    assert [score["log"] for each in (one, two) for score in each["scores"]] == [
        "2.jsonl",
        "3.jsonl",
    ]
    assert found["totals"]["behaviors"] == 10
    assert 1 <= found["totals"]["median_error"] <= found["totals"]["mean_error"]


def test_tampering_is_seen(told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = (told.folder / "runs" / "ledger.jsonl").read_text()
    copy = tmp_path / "ledger.jsonl"
    copy.write_text(written.replace('"median', '"median').replace("0.", "0.0", 1))

    assert main(["ledger", str(copy)]) == 2
    said = capsys.readouterr()
    assert "Chain: NOT WHOLE" in said.out
    assert "line 1: it is not what was written" in said.err
    assert open_ledger(str(copy)).faults


def test_the_split_finds_that_the_replay_itself_erred(told: Told) -> None:
    kept = json.loads(Path(told.first, "validations.json").read_text())
    split = {each["behavior"]: each for each in kept[0]["scorecard"]["split"]["behaviors"]}
    beta = split["beta"]

    assert beta["fidelity"]["lower"] > 1.5
    assert beta["fidelity"]["lower"] <= 3 <= beta["fidelity"]["upper"]
    assert beta["shift"]["lower"] <= 1 <= beta["shift"]["upper"]
    for word in ("alpha", "gamma", "epsilon"):
        assert split[word]["fidelity"]["lower"] <= 1 <= split[word]["fidelity"]["upper"]


def test_the_split_is_drawn(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", told.first, "--log", str(told.folder / "2.jsonl"), "--replay"]) == 0
    said = capsys.readouterr().out

    assert "Where the error came from" in said
    assert "The replay itself:" in said
    assert "Where the error came from" in Path(told.first, "report.html").read_text()


MODEL = """
from dataclasses import dataclass

from foretaste.protocols import Reply
from foretaste.records import Message, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    async def __call__(self, request):
        odd = request.seed % 10 < {share}
        message = Message(role="assistant", content="alpha!" if odd else "Fine.")
        return Reply(message=message, stop=Stop.FINAL, asked_model="mine")
"""


def foretaste(folder: Path, *words: str) -> Any:
    """The command in a process of its own, which finds the plug-in in this folder."""
    done = subprocess.run(
        [sys.executable, "-m", "foretaste", *words, "--json"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        check=True,
    )
    return json.loads(done.stdout)


def test_a_model_plug_in_that_changed_is_found_by_the_bridge(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODEL.format(share=2))
    log = plain_log(tmp_path / "log.jsonl", FIRST, users=60, seed=9)
    given = plan(tmp_path, log, {}, behaviors=[behavior(tmp_path, "alpha")])
    given |= {"incumbent": says({"alpha": 0.2}, "m1"), "candidate": {"use": "mine:Mine"}}
    (tmp_path / "plan.yaml").write_text(json.dumps(given))
    run = foretaste(tmp_path, "run", "plan.yaml")["run"]
    same = foretaste(tmp_path, "bridge", run)
    (tmp_path / "mine.py").write_text(MODEL.format(share=5))
    other = foretaste(tmp_path, "bridge", run)

    assert {each["direction"] for each in same["changes"]} == {"not enough evidence"}
    assert {each["before"]: each["direction"] for each in other["changes"]} == {
        "recorded": "not enough evidence",
        "incumbent": "not enough evidence",
        "candidate": "up",
    }
    assert same["pipeline"] != other["pipeline"]
