"""People's labels lead to the true rate where a judge read but some of what a screen scored."""

import json
import random
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


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("screened")
    rng = random.Random(11)
    log = [
        conversation([f"Question {user}"], [answer(OLD, rng)], user=f"u{user}", id=f"c{user}")
        for user in range(USERS)
    ]
    grader = "{use: screened, calls: 900, screen: {use: rule, pattern: 'alpha|gamma|delta'}}"
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


def label(path: str, folder: Path, size: int) -> None:
    """A person who knows the truth labels the drawn turns elsewhere."""
    turns, labels = folder / "turns.jsonl", folder / "labels.jsonl"
    assert main(["review", path, "--n", str(size), "--texts", str(turns)]) == 0
    lines = []
    for line in turns.read_text().splitlines():
        turn = json.loads(line)
        shows = turn["answer"][-1]["content"].rstrip("!") in SHOWS
        value = "present" if shows else "absent"
        lines.append({"rollout": turn["rollout"], "annotator": "ann", "value": value})
    labels.write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert main(["review", path, "--n", str(size), "--import", str(labels)]) == 0


def by_lane(path: str) -> dict[Lane, Reviewed]:
    return {each.lane: each for each in figures(path)[1]}


def test_the_corrected_rate_is_that_of_the_traffic(path: str, tmp_path: Path) -> None:
    label(path, tmp_path, 150)
    found = by_lane(path)

    for lane, rate in TRUE.items():
        one = found[lane]
        assert one.rate is not None
        assert one.lower is not None
        assert one.upper is not None
        assert one.lower <= rate <= one.upper
        assert abs(one.rate - rate) < 0.03
