"""Real successive releases of one assistant: forecast the next from the last, then score it."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.cli import main
from stories.chat import CHAT, needed

BEFORE, AFTER = "oasst-sft-2-pythia-12b", "oasst-sft-4-pythia-12b-epoch-3.5"
BEHAVIORS = [
    "ai-self-disclosure",
    "apology",
    "asks-back",
    "code-block",
    "cut-off",
    "eager-opening",
    "flattery",
    "hedging",
    "list-format",
    "refusal",
    "stock-conclusion",
    "very-long-answer",
    "very-short-answer",
]

pytestmark = needed


def answers(release: str, draw: int) -> dict[str, Any]:
    return {"use": "recorded", "path": f"{CHAT}/{release}.jsonl", "where": {"draw": draw}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chat")
    plan = {
        "log": {"path": f"{CHAT}/{BEFORE}.jsonl", "where": {"draw": 0}},
        "incumbent": answers(BEFORE, 1),
        "candidate": answers(AFTER, 0),
        "store": {"use": "files", "path": str(folder / "run")},
        "forecast": {"turns": 10_000},
        "behaviors": BEHAVIORS,
    }
    (folder / "plan.yaml").write_text(json.dumps(plan))
    assert main(["run", str(folder / "plan.yaml"), "--json"]) == 0
    return folder / "run"


def test_every_prompt_is_answered_in_every_lane(run: Path) -> None:
    study = json.loads((run / "study.json").read_text())

    assert len(study["behaviors"]) == len(BEHAVIORS) >= 10
    assert {each["lane"]: each["rollouts"] for each in study["account"]["lanes"]} == dict.fromkeys(
        ("recorded", "incumbent", "candidate"), 125
    )


def scored(run: Path, capsys: pytest.CaptureFixture[str], draw: int) -> dict[str, Any]:
    where = ["--where", f"draw={draw}"]
    assert main(["validate", str(run), "--log", f"{CHAT}/{AFTER}.jsonl", *where, "--json"]) == 0
    card: dict[str, Any] = json.loads(capsys.readouterr().out)
    return card


def test_the_scorecard_holds_every_field_that_is_promised(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = scored(run, capsys, draw=1)

    assert {each["behavior"] for each in card["behaviors"]} == set(BEHAVIORS)
    for each in card["behaviors"]:
        assert 0 <= each["lower"] <= each["forecast_rate"] <= each["upper"] <= 1
        assert each["realized_rate"] == pytest.approx(each["realized_count"] / each["realized_n"])
        assert each["realized_n"] + each["ungraded"] == 125
        assert each["multiplicative_error"] >= 1
        assert each["direction_correct"] in (True, False)
        assert each["covered"] in (True, False)
    assert card["median_multiplicative_error"] >= 1
    assert 0 <= card["directional_accuracy"] <= 1
    assert card["coverage"] == pytest.approx(
        sum(each["covered"] for each in card["behaviors"]) / len(BEHAVIORS)
    )


def test_another_draw_of_the_same_release_lies_within_the_intervals(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = scored(run, capsys, draw=1)

    # The candidate's answers are another draw of the released model: only luck is left. At 95 %
    # fewer than 10 of 13 come once in 300.
    assert card["coverage"] * len(BEHAVIORS) >= 10
    assert card["median_multiplicative_error"] < 1.2 * card["noise_multiplicative_error"]


def test_each_draw_is_scored_on_its_own_turns(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (
        [each["realized_count"] for each in scored(run, capsys, draw)["behaviors"]]
        for draw in (0, 1)
    )

    assert first != second
