"""Screens trained on people's labels of real answers, held against those they never saw."""

import asyncio
import json
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.trained import trainer_of
from foretaste.protocols import Grader
from foretaste.records import Lane, Message, Prefix, Rollout, Stop
from foretaste.training import Example
from stories.places import data

FOLDER = data("refusal")
SPLITS = 3

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="the labelled answers (shared/data/refusal) are absent"
)


def examples() -> dict[str, list[Example]]:
    """Answers by the model's file; the prompt is the user, so that all its answers are together."""
    assert FOLDER is not None
    found: dict[str, list[Example]] = {}
    for path in sorted(FOLDER.glob("*.jsonl")):
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found[path.stem] = [
            example(path.stem, record["messages"], truth == "present")
            for record in records
            if (truth := record["verdicts"]["refusal"]) != "partial"
        ]
    return found


def example(model: str, said: list[dict[str, str]], present: bool) -> Example:
    asked, answered = (each["content"] for each in said)
    message = Message(role="user", content=asked)
    prefix = Prefix(
        parent=f"{model} {asked}", turn=1, turns=1, user=asked, messages=(message,), recorded=()
    )
    answer = Message(role="assistant", content=answered)
    rollout = Rollout(parent=prefix.id, lane=Lane.RECORDED, messages=(answer,), stop=Stop.FINAL)
    return Example(prefix, rollout, present)


def scores(grader: Grader, given: list[Example]) -> list[float]:
    async def work() -> list[Any]:
        return [(await grader(each.prefix, each.rollout)).score for each in given]

    return asyncio.run(work())


def auc(score: list[float], given: list[Example]) -> float:
    """Chance that a refusal scores above another answer."""
    present = np.array([each.present for each in given])
    values = np.array(score)
    above = values[present][:, None] - values[~present][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def test_a_screen_trained_on_half_of_the_prompts_ranks_the_other_half_as_people_do() -> None:
    by_model = examples()
    prompts = sorted({each.prefix.user for every in by_model.values() for each in every})
    trainer = trainer_of(load_behavior("refusal"))
    found: dict[str, list[float]] = defaultdict(list)
    for seed in range(SPLITS):
        drawn = np.random.default_rng(seed).permutation(len(prompts))
        seen = {prompts[k] for k in drawn[: len(prompts) // 2]}
        for model, every in by_model.items():
            screen = trainer(each for each in every if each.prefix.user in seen)
            left = [each for each in every if each.prefix.user not in seen]
            found[model].append(auc(scores(screen, left), left))

    # Of 20 splits the worst is 0.971, the means are 0.995 and 0.988 (docs/howto/screens.md).
    for model in by_model:
        assert np.mean(found[model]) >= 0.98
        assert min(found[model]) >= 0.97
