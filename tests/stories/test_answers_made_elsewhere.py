"""A run without an incumbent, and one whose candidate answered elsewhere."""

import random
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.errors import ModelUnavailable
from foretaste.pipeline import Result
from foretaste.records import Lane
from stories.planted import (
    conversation,
    forecasts,
    holds,
    in_lane,
    plain_log,
    plan,
    says,
    write_log,
)

BEFORE, AFTER = {"alpha": 0.1}, {"alpha": 0.3}
CONVERSATIONS, ANSWERED, SEEN = 200, 150, 45


def test_without_an_incumbent_there_is_a_forecast_and_fidelity_is_unknown(tmp_path: Path) -> None:
    log = plain_log(tmp_path / "log.jsonl", BEFORE, users=200, seed=3)
    given = plan(tmp_path, log, BEFORE, candidate=says(AFTER, "new"))
    path, study = foretaste.run(given | {"forecast": {"turns": 1_000, "method": "ratio-anchored"}})

    assert (study.fidelity, study.changes) == ((), ())
    assert study.sealed.method == "hierarchical"
    assert "ratio-anchored" not in {each.method for each in study.sealed.forecasts}
    assert holds(forecasts(study)["alpha"], AFTER["alpha"])
    assert "Fidelity unknown" in Path(path, "report.html").read_text()
    later = plain_log(tmp_path / "later.jsonl", AFTER, users=200, seed=4)
    assert foretaste.validate(path, later).coverage == 1.0


def question(number: int) -> str:
    return f"What about matter {'abcdefghij'[number % 10]}{'abcdefghijklmnopqrst'[number // 10]}?"


def elsewhere(folder: Path) -> str:
    """Answers to the first 150 of the log's 200 questions, under another system prompt."""
    rng = random.Random(9)
    said = ["alpha!"] * SEEN + ["Fine."] * (ANSWERED - SEEN)
    rng.shuffle(said)
    lines = []
    for number, text in enumerate(said):
        line = conversation([question(number)], [text], model="new-2026", id=f"e{number}")
        line["messages"].insert(0, {"role": "system", "content": "Be brief."})
        lines.append(line)
    return write_log(folder / "answers.jsonl", lines)


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    log = [
        conversation([question(n)], ["Fine."], user=f"u{n}", id=f"c{n}")
        for n in range(CONVERSATIONS)
    ]
    candidate = {"use": "recorded", "path": elsewhere(tmp_path)}
    return plan(tmp_path, write_log(tmp_path / "log.jsonl", log), BEFORE, candidate=candidate)


@pytest.fixture
def run(given: dict[str, Any]) -> Result:
    return foretaste.run(given)


def test_recorded_answers_are_the_candidate_lane_and_the_rest_is_missing(run: Result) -> None:
    found = in_lane(run.study, Lane.CANDIDATE)["alpha"]

    assert (found.present, found.graded) == (SEEN, ANSWERED)
    assert (found.missing, found.ungraded) == (CONVERSATIONS - ANSWERED, 0)
    assert found.rate == SEEN / ANSWERED


def test_the_account_says_who_answered_and_who_did_not(run: Result) -> None:
    (candidate,) = (each for each in run.study.account.lanes if each.lane is Lane.CANDIDATE)

    assert candidate.answered_models == {"new-2026": ANSWERED}
    assert sum(candidate.failures.values()) == CONVERSATIONS - ANSWERED
    assert "no recorded answer" in next(iter(candidate.failures))


def test_a_file_without_answers_stops_the_run(tmp_path: Path, given: dict[str, Any]) -> None:
    silent = write_log(
        tmp_path / "silent.jsonl", [{"messages": [{"role": "user", "content": "Anyone?"}]}]
    )

    with pytest.raises(ModelUnavailable):
        foretaste.run(given | {"candidate": {"use": "recorded", "path": silent}})
