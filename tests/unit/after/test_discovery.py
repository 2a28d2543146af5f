import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.discovery import Wanted, discover
from foretaste.errors import PlanError
from foretaste.pipeline import run
from foretaste.records import Lane
from foretaste.runs.presentation import read_discoveries
from stories.planted import behavior, conversation, plan, write_log

USERS = 150
SEARCHED = "The search results say so."


def finish(folder: Path, **more: Any) -> str:
    """A run whose candidate speaks of a search in one of four turns; some users correct."""
    rng = random.Random(5)
    talks = []
    for user in range(USERS):
        wrong = rng.random() < 0.3
        asked = [f"Tell me of place {user}, please", "That's wrong." if wrong else "And another?"]
        told = ["Apologies, it is far away." if wrong else "It is near.", "Fine."]
        talks.append(conversation(asked, told, id=f"c{user}", user=f"u{user}"))
    given = plan(folder, write_log(folder / "log.jsonl", talks), {}) | {
        "candidate": {
            "use": "scripted",
            "name": "new",
            "replies": [{"say": SEARCHED, "share": 0.25}],
            "default": "It is near.",
        },
        "incumbent": {"use": "scripted", "name": "old", "default": "It is near."},
        "behaviors": [behavior(folder, "near", "{use: rule, pattern: near}")],
    }
    given |= more
    file = folder / "plan.yaml"
    file.write_text(json.dumps({key: value for key, value in given.items() if value is not None}))
    return run(str(file)).path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("discover")
    finish(folder)
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own, with what its plan names."""
    shutil.copytree(finished, tmp_path / "copy")
    return str(tmp_path / "copy" / "run")


def test_the_candidate_is_held_against_the_incumbent_on_the_same_turns(path: str) -> None:
    seen: list[tuple[str, int, int | None]] = []
    found = discover(path, watch=lambda *step: seen.append(step))
    passed = found.features
    shown = {each.what for each in passed.differences} | {
        seen.what for each in passed.differences for seen in each.also
    }

    assert (passed.before, passed.after) == (Lane.INCUMBENT, Lane.CANDIDATE)
    assert (passed.pairs, passed.users, passed.missing) == (2 * USERS, USERS, 0)
    assert "search results" in shown
    assert found.warnings == ()
    assert ("compare", 2 * USERS, 2 * USERS) in seen


def test_people_s_reactions_are_counted_with_what_goes_before_them(path: str) -> None:
    found = {each.kind: each for each in discover(path).reactions}
    correction = found["correction"]

    assert correction.of == USERS  # the second turn ends the log
    assert 0.2 < correction.rate < 0.4
    names = {sign.what for sign in correction.signs}
    names |= {seen.what for sign in correction.signs for seen in sign.also}
    assert "apologies" in names
    assert found["thanks"].turns == 0


def test_it_is_kept_in_the_run_once_for_each_two_lanes_and_shown_in_its_report(path: str) -> None:
    discover(path)
    discover(path, Wanted(before=Lane.RECORDED))
    last = discover(path)
    with Files(path=path, reading=True) as store:
        kept = read_discoveries(store)

    assert [each.features.before for each in kept] == [Lane.RECORDED, Lane.INCUMBENT]
    assert kept[-1] == last
    page = Path(path, "report.html").read_text()
    assert "What nobody listed" in page
    assert "Recorded against candidate" in page


def test_without_an_incumbent_the_record_stands_in_with_a_warning(tmp_path: Path) -> None:
    path = finish(tmp_path, incumbent=None)
    found = discover(path)

    assert found.features.before is Lane.RECORDED
    assert "what the replay itself changes counts as a difference" in found.warnings[0]
    with pytest.raises(PlanError, match="no incumbent lane; there are: recorded, candidate"):
        discover(path, Wanted(before=Lane.INCUMBENT))


def test_a_lane_is_not_held_against_itself(finished: Path) -> None:
    with pytest.raises(PlanError, match="cannot be held against itself"):
        discover(str(finished / "run"), Wanted(before=Lane.CANDIDATE))
