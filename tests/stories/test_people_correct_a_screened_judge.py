"""People's labels lead to the true rate where a judge read but some of what a screen scored."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.after.review import figures
from foretaste.cli import main
from foretaste.records import Lane
from foretaste.reviews import Reviewed
from stories.planted import answer, behavior, conversation, plan, says, write_log

SEEN = '{"present": true, "evidence": "WORD", "reason": "It says so."}'
UNSEEN = '{"present": false, "evidence": "", "reason": "It does not."}'
# The judge finds alpha and omega, misses gamma, and takes delta for one; the screen misses omega.
JUDGE = {
    "use": "scripted",
    "name": "judge",
    "replies": [
        {"when": f"{word}!", "say": SEEN.replace("WORD", f"{word}!")}
        for word in ("alpha", "omega", "delta")
    ],
    "default": UNSEEN,
}
SHOWS = ("alpha", "omega", "gamma")
OLD = {"alpha": 0.03, "gamma": 0.02, "delta": 0.02, "omega": 0.01}
NEW = {"alpha": 0.04, "gamma": 0.06, "delta": 0.01, "omega": 0.01}
USERS = 1_500
TRUE = {Lane.INCUMBENT: 0.06, Lane.CANDIDATE: 0.11}


def given(folder: Path, screen: str, **more: Any) -> str:
    rng = random.Random(11)
    log = [
        conversation(
            [f"Question {user}"], [answer(OLD, rng)], user=f"u{user}", id=f"c{user}", **more
        )
        for user in range(USERS)
    ]
    grader = f"{{use: screened, calls: 900, screen: {screen}}}"
    planned: dict[str, Any] = plan(
        folder,
        write_log(folder / "log.jsonl", log),
        {},
        incumbent=says(OLD, "old"),
        candidate=says(NEW, "new"),
        judge=JUDGE,
        behaviors=[behavior(folder, "alpha", grader=grader)],
    )
    foretaste.run(planned)
    return str(planned["store"]["path"])


RULE = "{use: rule, pattern: 'alpha|gamma|delta'}"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> str:
    return given(tmp_path_factory.mktemp("screened"), RULE)


@pytest.fixture
def path(fresh: str, tmp_path: Path) -> str:
    return str(shutil.copytree(fresh, tmp_path / "run"))


def label(path: str, folder: Path, size: int, *, skips: bool = False) -> None:
    """A person who knows the truth labels the drawn turns elsewhere."""
    turns, labels = folder / "turns.jsonl", folder / "labels.jsonl"
    assert main(["review", path, "--n", str(size), "--texts", str(turns)]) == 0
    lines = []
    for number, line in enumerate(turns.read_text().splitlines()):
        turn = json.loads(line)
        shows = turn["answer"][-1]["content"].rstrip("!") in SHOWS
        value = "skipped" if skips and number % 8 == 0 else "present" if shows else "absent"
        lines.append({"rollout": turn["rollout"], "annotator": "ann", "value": value})
    labels.write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert main(["review", path, "--n", str(size), "--import", str(labels)]) == 0


def by_lane(path: str) -> dict[Lane, Reviewed]:
    return {each.lane: each for each in figures(path)[1]}


def holds(found: Reviewed, rate: float) -> bool:
    assert found.lower is not None
    assert found.upper is not None
    assert found.sure_lower is not None
    assert found.sure_upper is not None
    assert found.sure_lower <= found.lower < found.upper <= found.sure_upper
    return found.lower <= rate <= found.upper


def test_the_corrected_rate_is_that_of_the_traffic_and_not_of_the_judged_turns(
    path: str, tmp_path: Path
) -> None:
    label(path, tmp_path, 150)
    found = by_lane(path)

    for lane, rate in TRUE.items():
        one = found[lane]
        assert one.rate is not None
        assert abs(one.rate - rate) < 0.03
        assert holds(one, rate)
        assert one.present / one.labelled > 2 * rate
    assert found[Lane.CANDIDATE].scored == USERS
    assert found[Lane.CANDIDATE].judged == 300


def test_how_often_the_judge_is_right_is_of_the_traffic_too(path: str, tmp_path: Path) -> None:
    label(path, tmp_path, 150)
    one = by_lane(path)[Lane.CANDIDATE]

    assert one.sensitivity is not None
    assert one.specificity is not None
    assert one.sensitivity.lower <= 0.05 / 0.11 <= one.sensitivity.upper
    assert one.specificity.lower <= 0.88 / 0.89 <= one.specificity.upper
    assert one.specificity.value > 0.96


def test_a_sample_of_the_flagged_holds_the_rate_and_is_wider(path: str, tmp_path: Path) -> None:
    label(path, tmp_path, 60, skips=True)
    few = by_lane(path)
    label(path, tmp_path, 200)
    many = by_lane(path)

    for lane, rate in TRUE.items():
        assert few[lane].labelled < few[lane].drawn == 60
        assert holds(few[lane], rate)
        assert holds(many[lane], rate)
        assert width(few[lane]) > width(many[lane])


def width(found: Reviewed) -> float:
    assert found.lower is not None
    assert found.upper is not None
    return found.upper - found.lower


def test_page_and_json_say_both_intervals(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label(path, tmp_path, 100)
    capsys.readouterr()
    assert main(["review", path, "--json"]) == 0
    one = json.loads(capsys.readouterr().out)["reviewed"][0]
    page = (Path(path) / "report.html").read_text()

    assert one["sure_lower"] <= one["lower"] <= one["rate"] <= one["upper"] <= one["sure_upper"]
    assert "if the screen errs as screens do" in page
    assert "judged of 1,500 that a screen scored" in page


def test_a_screen_that_learned_is_corrected_by_its_own_waves(tmp_path: Path) -> None:
    path = given(tmp_path / "learned", f"{{use: learning, first: {RULE}}}")
    label(path, tmp_path, 150)
    found = by_lane(path)

    for lane, rate in TRUE.items():
        assert holds(found[lane], rate)


def test_labels_of_the_log_correct_no_screened_rate_and_the_run_says_so(tmp_path: Path) -> None:
    path = given(tmp_path / "labelled", RULE, verdicts={"alpha": "absent"})
    (found,) = figures(path)[1]

    assert found.lane is Lane.RECORDED
    assert found.rate is None
    assert "nobody knows by what chance" in found.why
