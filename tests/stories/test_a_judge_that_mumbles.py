"""A judge whose reply cannot be read for a tenth of the conversations."""

import random
from pathlib import Path

import pytest

import foretaste
from foretaste.findings import Ruling, Study
from foretaste.records import Lane
from stories.planted import answer, behavior, conversation, in_lane, plan, says, write_log

RATE = {"alpha": 0.3}
SEEN = '{"present": true, "evidence": "alpha!", "reason": "It says so."}'
UNSEEN = '{"present": false, "evidence": "", "reason": "It does not."}'
JUDGE = {
    "use": "scripted",
    "name": "judge",
    "replies": [
        {"when": "hazily", "say": "It might be present, or not."},
        {"when": "alpha!", "say": SEEN},
    ],
    "default": UNSEEN,
}


def log() -> list[dict[str, object]]:
    rng = random.Random(11)
    found = []
    for user in range(300):
        how = "hazily" if rng.random() < 0.1 else "plainly"
        found.append(
            conversation([f"Say it {how}"], [answer(RATE, rng)], user=f"u{user}", id=f"c{user}")
        )
    return found


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("judge")
    judged = behavior(folder, "alpha", grader="{use: rubric}") | {"limit": {"per_100k": 60_000}}
    given = plan(
        folder,
        write_log(folder / "log.jsonl", log()),
        {},
        incumbent=says(RATE, "old"),
        candidate=says(RATE, "new"),
        judge=JUDGE,
        behaviors=[judged],
    )
    return foretaste.run(given).study


def test_what_the_judge_could_not_say_is_ungraded_and_shown(study: Study) -> None:
    hazy = sum("hazily" in str(each) for each in log())

    assert 20 < hazy < 45
    for lane in Lane:
        found = in_lane(study, lane)["alpha"]
        assert (found.ungraded, found.graded, found.missing) == (hazy, 300 - hazy, 0)
    (forecast,) = (each for each in study.sealed.forecasts if each.method == "direct")
    assert (forecast.ungraded, forecast.graded) == (hazy, 300 - hazy)


def test_no_rate_is_pulled_towards_absent(study: Study) -> None:
    clear = [each for each in log() if "hazily" not in str(each)]
    seen = sum("alpha!" in str(each) for each in clear)

    recorded = in_lane(study, Lane.RECORDED)["alpha"]
    assert recorded.present == seen
    assert recorded.rate == pytest.approx(seen / len(clear))
    for lane in Lane:  # three and a half standard errors: what is tested is no coverage
        found = in_lane(study, lane)["alpha"].rate
        assert found == pytest.approx(RATE["alpha"], abs=3.5 * (0.3 * 0.7 / len(clear)) ** 0.5)


def test_a_tenth_that_nobody_could_judge_is_never_released(study: Study) -> None:
    assert study.decision is not None
    assert study.decision.ruling is Ruling.NOT_ENOUGH_EVIDENCE
    assert "ungraded or missing" in study.decision.rulings[0].reason


def test_the_report_shows_the_ungraded(study: Study) -> None:
    path = Path(study.plan["store"]["path"]) / "report.html"
    hazy = sum("hazily" in str(each) for each in log())

    page = path.read_text()
    assert "ungraded" in page
    assert str(hazy) in page
