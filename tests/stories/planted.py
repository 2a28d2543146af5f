"""Logs with a planted truth, and the plans that look for it."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foretaste.findings import Change, Estimate, Study
from foretaste.forecasts import Forecast
from foretaste.records import Lane

Rates = Mapping[str, float]
"""Word that an answer is made of -> share of answers."""


def answer(rates: Rates, rng: random.Random) -> str:
    reached, draw = 0.0, rng.random()
    for word, rate in rates.items():
        reached += rate
        if draw < reached:
            return f"{word}!"
    return "Fine."


def conversation(questions: list[str], answers: list[str], **more: Any) -> dict[str, Any]:
    """One line of an OpenAI chat log."""
    messages = []
    for question, said in zip(questions, answers, strict=True):
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": said})
    return {"model": "old", "messages": messages} | more


def write_log(path: Path, conversations: list[dict[str, Any]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in conversations))
    return str(path)


def plain_log(path: Path, rates: Rates, *, users: int, seed: int) -> str:
    """Users with one conversation of 1 to 4 turns each, answered at these rates."""
    rng = random.Random(seed)
    found = []
    for user in range(users):
        turns = rng.randint(1, 4)
        questions = [f"Question {turn}, please" for turn in range(turns)]
        answers = [answer(rates, rng) for _ in questions]
        found.append(conversation(questions, answers, id=f"c{user}", user=f"u{user}"))
    return write_log(path, found)


def says(rates: Rates, name: str) -> dict[str, Any]:
    """A model that answers at these rates."""
    lines = [{"say": f"{word}!", "share": rate} for word, rate in rates.items()]
    return {"use": "scripted", "name": name, "replies": lines, "default": "Fine."}


def behavior(folder: Path, word: str, grader: str = "{use: rule, pattern: 'WORD!'}") -> Any:
    """A behavior of one's own: the answer says this word."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{word}.md"
    path.write_text(
        f"---\nname: {word}\ndescription: The answer says {word}.\n"
        f"grader: {grader.replace('WORD', word)}\n---\nPresent if the answer says {word}.\n"
    )
    return {"name": word, "definition": str(path)}


def plan(folder: Path, log: str, words: Rates, **more: Any) -> dict[str, Any]:
    """A plan that takes every turn of a log and forecasts few turns, which is quick."""
    return {
        "log": {"path": log, "use": "openai-chat"},
        "store": {"use": "files", "path": str(folder / "run")},
        "sample": {"size": None},
        "forecast": {"turns": 1_000},
        "behaviors": [behavior(folder, word) for word in words],
    } | more


def in_lane(study: Study, lane: Lane) -> dict[str, Estimate]:
    return {each.behavior: each for each in study.estimates if each.lane is lane}


def changes(study: Study) -> dict[str, Change]:
    return {each.behavior: each for each in study.changes}


def forecasts(study: Study, method: str = "direct") -> dict[str, Forecast]:
    return {each.behavior: each for each in study.sealed.forecasts if each.method == method}


def holds(found: Any, truth: float) -> bool:
    """Whether an interval covers the truth."""
    assert found.lower is not None
    assert found.upper is not None
    return bool(found.lower <= truth <= found.upper)
