"""A screened grading that is killed in the middle of a wave goes on with the same draws."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.findings import Study
from foretaste.pipeline import run
from foretaste.records import Verdict
from foretaste.screenings import Asked, Screening
from stories.planted import behavior, conversation, write_log
from stories.test_a_killed_run import CONCURRENCY, RUN, killed, name_of, serving

USERS, CALLS = 300, 300
FIXED = "{use: rule, pattern: 'alpha|beta'}"
LEARNING = f"{{use: 'foretaste.adapters.graders.learning:Learning', first: {FIXED}}}"


def verdict(_: str, asked: str) -> str:
    shows = "alpha!" in asked
    return json.dumps({"present": shows, "evidence": "alpha!" if shows else "", "reason": "."})


def plan(folder: Path, url: str, screen: str) -> dict[str, Any]:
    said = ["alpha!", "alpha!", "beta.", *["Fine."] * 7]
    log = [
        conversation([f"Question {name_of(n)}?"], [said[n % 10]], user=f"u{n}", id=f"c{n}")
        for n in range(USERS)
    ]
    screened = f"{{use: screened, calls: {CALLS}, screen: {screen}}}"
    scripted = {
        "use": "scripted",
        "replies": [{"say": "So alpha!", "share": 0.2}],
        "default": "Well.",
    }
    return {
        "log": {"path": write_log(folder / "log.jsonl", log)},
        "store": {"use": "files", "path": str(folder / "run")},
        "engine": {"use": "local", "concurrency": CONCURRENCY},
        "candidate": scripted,
        "judge": {"use": "openai", "base_url": url, "model": "judge", "retries": 0},
        "sample": {"size": None},
        "forecast": {"turns": 1_000},
        "behaviors": [behavior(folder, "alpha", grader=screened)],
    }


def drawn(folder: Path) -> tuple[set[Asked], set[str]]:
    with Files(path=str(folder / "run"), reading=True) as store:
        return set(store.read(Asked)), {each.parent for each in store.read(Verdict)}


def screens(folder: Path) -> set[str]:
    with Files(path=str(folder / "run"), reading=True) as store:
        return {each.grader for each in store.read(Screening)}


def whole(folder: Path, screen: str) -> tuple[Study, tuple[set[Asked], set[str]]]:
    with serving(verdict) as server:
        return run(plan(folder, server.url, screen)).study, drawn(folder)


@pytest.mark.parametrize(("screen", "after"), [(FIXED, (60, 130)), (LEARNING, (60, 130))])
def test_a_wave_killed_in_its_middle_goes_on_with_the_same_draws_and_pays_for_nothing_twice(
    tmp_path: Path, screen: str, after: tuple[int, ...]
) -> None:
    for name in ("untouched", "killed"):
        (tmp_path / name).mkdir()
    untouched, wanted = whole(tmp_path / "untouched", screen)
    folder = tmp_path / "killed"
    with serving(verdict) as server:
        (folder / "plan.json").write_text(json.dumps(plan(folder, server.url, screen)))
        command = [sys.executable, "-c", RUN, str(folder / "plan.json")]
        for many in after:
            killed(command, server, after=many)
        study = run(str(folder / "plan.json")).study

        assert len(server.answered) == CALLS
        assert server.more_than_once <= len(after) * 2 * CONCURRENCY
    assert drawn(folder) == wanted
    assert len(screens(folder)) == (1 if screen == FIXED else 5)  # the first, and two of each lane
    assert (study.estimates, study.screened) == (untouched.estimates, untouched.screened)
