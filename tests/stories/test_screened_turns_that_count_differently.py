"""Screened behaviors that are not defined for every turn, and for traffic unlike the log's."""

from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.findings import Study
from foretaste.records import Lane
from stories.planted import behavior, conversation, forecasts, holds, in_lane, plan, write_log
from stories.test_a_screened_judge import SEEN, UNSEEN

USERS, CALLS = 1_200, 600
SCREENED = f"{{use: screened, calls: {CALLS}, screen: {{use: rule, pattern: 'WORD'}}}}"
JUDGE = {
    "use": "scripted",
    "name": "judge",
    "replies": [{"when": "alpha!", "say": SEEN}],
    "default": UNSEEN,
}
CANDIDATE = {
    "use": "scripted",
    "name": "new",
    "replies": [
        {"when": "App", "say": "alpha!", "share": 0.4},
        {"when": "Web", "say": "alpha!", "share": 0.05},
    ],
    "default": "Fine.",
}


def given(folder: Path, scope: str = "", **more: Any) -> dict[str, Any]:
    log = [
        conversation(
            [f"{name} question {user}"],
            ["Fine."],
            user=f"u{user}",
            id=f"c{user}",
            metadata={"surface": name},
        )
        for user in range(USERS)
        for name in ("App" if user % 3 == 0 else "Web",)
    ]
    own = behavior(folder, "alpha", grader=SCREENED + scope)
    path = write_log(folder / "log.jsonl", log)
    return plan(folder, path, {}, candidate=CANDIDATE, judge=JUDGE, behaviors=[own], **more)


def ran(folder: Path, *, scope: str = "", **more: Any) -> Study:
    return foretaste.run(given(folder, scope, **more)).study


def test_turns_outside_are_left_out_before_the_judge_is_asked(tmp_path: Path) -> None:
    found = in_lane(ran(tmp_path, scope="\napplies: [surface=App]"), Lane.CANDIDATE)["alpha"]

    assert found.outside == 800
    assert found.outside_share == pytest.approx(2 / 3)
    assert found.graded == CALLS // 2
    assert holds(found, 0.4)


def test_a_forecast_is_for_the_traffic_that_the_plan_names(tmp_path: Path) -> None:
    traffic = {"by": ["surface"], "shares": {"App": 0.9, "Web": 0.1}}
    study = ran(tmp_path, forecast={"turns": 1_000, "traffic": traffic})
    drawn = in_lane(study, Lane.CANDIDATE)["alpha"]
    target = forecasts(study)["alpha"]

    assert holds(drawn, 1 / 3 * 0.4 + 2 / 3 * 0.05)
    assert holds(target, 0.9 * 0.4 + 0.1 * 0.05)
    assert not holds(drawn, target.rate or 0.0)
