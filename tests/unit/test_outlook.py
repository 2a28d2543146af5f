from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import LogError, PlanError
from foretaste.outlook import preview, scan
from stories.planted import behavior, conversation, plain_log, plan, says, write_log

RATES = {"alpha": 0.3}
SERVER = {"use": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1"}


def given(folder: Path, **more: Any) -> dict[str, Any]:
    log = plain_log(folder / "log.jsonl", RATES, users=30, seed=1)
    return plan(folder, log, RATES, candidate=says(RATES, "new")) | more


def test_a_scan_names_the_format_and_what_the_log_holds(tmp_path: Path) -> None:
    found = scan(plain_log(tmp_path / "log.jsonl", RATES, users=30, seed=1))

    assert found.format == "openai-chat"
    assert (found.log.conversations, found.log.users) == (30, 30)


def test_a_scan_can_be_narrowed_to_a_tag(tmp_path: Path) -> None:
    talks = [conversation(["?"], ["!"], id=f"{n}", metadata={"draw": n % 3}) for n in range(9)]

    found = scan(write_log(tmp_path / "log.jsonl", talks), where={"draw": "1"})

    assert found.log.conversations == 3


def test_a_scan_of_nothing_is_an_error_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(LogError):
        scan(str(tmp_path / "none.jsonl"))


def test_a_preview_asks_nobody_and_leaves_nothing_behind(tmp_path: Path) -> None:
    wanted = given(tmp_path, candidate=SERVER)
    before = sorted(tmp_path.iterdir())

    found = preview(wanted)

    assert sorted(tmp_path.iterdir()) == before
    assert [(each.what, each.model) for each in found.costs] == [("candidate", "openai/m")]


def test_a_preview_draws_the_sample_that_a_run_would_draw(tmp_path: Path) -> None:
    found = preview(given(tmp_path, sample={"size": 20}))

    assert found.conversations == 30
    assert found.population > 30
    assert (found.power.prefixes, found.costs[0].calls) == (20, 20)
    assert 0 < (found.power.users or 0) <= 20


def test_a_preview_of_a_log_without_users_knows_none(tmp_path: Path) -> None:
    log = write_log(tmp_path / "bare.jsonl", [conversation(["?"], ["!"])] * 5)

    assert preview(given(tmp_path, log={"path": log})).power.users is None


def test_models_without_a_bill_cost_nothing_and_an_unknown_price_is_no_price(
    tmp_path: Path,
) -> None:
    assert preview(given(tmp_path)).usd == 0
    assert preview(given(tmp_path, candidate=SERVER)).usd is None
    priced = SERVER | {"price": {"input": 2.0, "output": 8.0}}
    assert (preview(given(tmp_path, candidate=priced)).usd or 0) > 0


def test_a_judge_is_priced_for_each_judged_behavior_and_lane(tmp_path: Path) -> None:
    judged = behavior(tmp_path / "judged", "bravo", grader="{use: rubric}")
    wanted = given(tmp_path, judge=SERVER, incumbent=says(RATES, "old"))
    wanted["behaviors"] = [*wanted["behaviors"], judged]

    costs = {each.what: each for each in preview(wanted).costs}

    assert costs["judge"].calls == 3 * costs["candidate"].calls
    assert (costs["judge"].usd, costs["candidate"].usd) == (None, 0)


def test_what_will_not_be_graded_is_said_before_anything_is_spent(tmp_path: Path) -> None:
    wanted = given(tmp_path)
    wanted["behaviors"] = [*wanted["behaviors"], "sycophancy"]

    found = preview(wanted)

    assert found.behaviors == ("alpha",)
    assert "judge" in found.skipped["sycophancy"]


def test_standard_input_cannot_be_previewed(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="only once"):
        preview(given(tmp_path, log={"path": "-", "use": "openai-chat"}))


def test_a_preview_says_what_weights_for_other_traffic_leave_of_the_sample(tmp_path: Path) -> None:
    talks = [
        conversation(["?"], ["!"], id=f"{n}", metadata={"surface": "web" if n % 4 else "app"})
        for n in range(100)
    ]
    log = write_log(tmp_path / "log.jsonl", talks)
    shares = {"by": "surface", "shares": {"web": 0.25, "app": 0.75}}
    found = preview(plan(tmp_path, log, RATES, candidate=SERVER, forecast={"traffic": shares}))

    assert found.traffic is not None
    assert found.traffic.effective_n == pytest.approx(100 / (0.25**2 / 0.75 + 0.75**2 / 0.25))
