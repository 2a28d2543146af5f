"""Users of whom each always or never shows a behavior: few independent turns, many turns."""

import random
from pathlib import Path

import foretaste
from foretaste.findings import Estimate
from foretaste.records import Lane
from stories.planted import conversation, holds, in_lane, plan, write_log

REPETITIONS = 20
USERS, TURNS, RATE = 40, 6, 0.25

# The model says it to everyone of the one kind, and to nobody of the other.
MODEL = {
    "use": "scripted",
    "replies": [{"when": "kindly", "say": "alpha!"}],
    "default": "Fine.",
}


def candidate_lane(folder: Path, seed: int) -> Estimate:
    rng = random.Random(seed)
    log = []
    for user in range(USERS):
        kind = "kindly" if rng.random() < RATE else "plainly"
        questions = [f"Tell me {kind} about point {turn}" for turn in range(TURNS)]
        log.append(conversation(questions, ["Fine."] * TURNS, user=f"u{user}", id=f"c{user}"))
    given = plan(folder, write_log(folder / "log.jsonl", log), {"alpha": RATE}, candidate=MODEL)
    return in_lane(foretaste.run(given).study, Lane.CANDIDATE)["alpha"]


def test_intervals_by_user_cover_where_intervals_by_turn_do_not(tmp_path: Path) -> None:
    found = [candidate_lane(tmp_path / str(seed), seed) for seed in range(REPETITIONS)]

    by_user = sum(holds(each, RATE) for each in found)
    by_turn = sum(
        each.simple_lower <= RATE <= each.simple_upper
        for each in found
        if each.simple_lower is not None and each.simple_upper is not None
    )
    # At 95 % fewer than 16 of 20 come once in 400; by turn, theory says 58 %: 16 or more come
    # once in 25.
    assert by_user >= 16
    assert by_turn < 16
    assert all(each.users == USERS for each in found)
    assert all(abs(each.effective_n - USERS) < 8 for each in found)
