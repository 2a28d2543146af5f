"""A screen scores every answer, and the judge reads some of them."""

import random
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.findings import Study
from foretaste.records import Lane, Verdict
from foretaste.registry import build
from foretaste.screenings import Asked, Screening
from stories.planted import (
    answer,
    behavior,
    changes,
    conversation,
    holds,
    in_lane,
    plan,
    says,
    write_log,
)

RATE = {"alpha": 0.02}
UNSEEN = '{"present": false, "evidence": "", "reason": "It does not."}'
SEEN = '{"present": true, "evidence": "alpha!", "reason": "It says so."}'
JUDGE = {
    "use": "scripted",
    "name": "judge",
    "replies": [{"when": "alpha!", "say": SEEN}],
    "default": UNSEEN,
}
CALLS = 900
USERS = 1_500


def given(folder: Path) -> dict[str, Any]:
    rng = random.Random(4)
    log = [
        conversation([f"Question {user}"], [answer(RATE, rng)], user=f"u{user}", id=f"c{user}")
        for user in range(USERS)
    ]
    screened = f"{{use: screened, calls: {CALLS}, screen: {{use: rule, pattern: 'alpha'}}}}"
    return plan(
        folder,
        write_log(folder / "log.jsonl", log),
        {},
        incumbent=says(RATE, "old"),
        candidate=says({"alpha": 0.1}, "new"),
        judge=JUDGE,
        behaviors=[behavior(folder, "alpha", grader=screened)],
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return foretaste.run(given(tmp_path_factory.mktemp("screened"))).study


def kept(study: Study, kind: type[Any]) -> list[Any]:
    path = study.plan["store"]["path"]
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return list(store.read(kind))


def test_the_judge_reads_as_many_as_the_plan_says(study: Study) -> None:
    assert len(kept(study, Screening)) == 3 * USERS
    assert len(kept(study, Verdict)) == CALLS
    assert {each.parent for each in kept(study, Asked)} == {v.parent for v in kept(study, Verdict)}
    assert all(0 < each.probability <= 1 for each in kept(study, Asked))


def test_every_lane_s_rate_is_held(study: Study) -> None:
    for lane, rate in ((Lane.RECORDED, 0.02), (Lane.INCUMBENT, 0.02), (Lane.CANDIDATE, 0.1)):
        assert holds(in_lane(study, lane)["alpha"], rate)
    for each in study.screened:
        assert each.sure_lower <= each.lower <= each.rate <= each.upper <= each.sure_upper


def test_a_change_is_told_without_a_test_over_pairs(study: Study) -> None:
    found = changes(study)["alpha"]

    assert holds(found, 0.08)
    assert found.q_value is None


def test_the_report_says_what_was_read(study: Study) -> None:
    page = (Path(study.plan["store"]["path"]) / "report.html").read_text()

    assert "How screened behaviors were graded" in page
    assert "the screen scored 1,500, the judge read 300" in page


def test_a_finished_run_asks_nobody_again(tmp_path: Path) -> None:
    first = foretaste.run(given(tmp_path)).study
    again = foretaste.run(given(tmp_path), retry=True).study

    assert len(kept(again, Verdict)) == CALLS
    assert again.screened == first.screened


def test_the_quote_counts_the_judge_s_calls_only(tmp_path: Path) -> None:
    quoted: list[Any] = []
    foretaste.run(given(tmp_path), announce=quoted.append)

    (judge,) = (each for each in quoted[0] if each.what == "judge")
    assert judge.calls == CALLS
