"""A finished run of one behavior, and logs of what came after it."""

from pathlib import Path
from typing import Any

from foretaste.pipeline import run
from stories.planted import behavior, conversation, plan, says, write_log

RATES = {"alpha": 0.3}


def log(folder: Path, name: str, answers: list[str], **more: Any) -> str:
    """A log of one conversation a user, each of one turn."""
    talks = [
        conversation(["Well?"], [said], user=f"u{n}", id=f"{name}{n}", **more)
        for n, said in enumerate(answers)
    ]
    return write_log(folder / f"{name}.jsonl", talks)


def finish(folder: Path, **more: Any) -> str:
    """A run of 40 turns, whose model says it in three of ten."""
    before = log(folder, "before", ["alpha!"] * 8 + ["Fine."] * 32)
    limited = behavior(folder, "alpha") | {"limit": {"per_100k": 90_000}}
    given = {"candidate": says(RATES, "new"), "behaviors": [limited]} | more
    return run(plan(folder, before, {}, **given)).path
