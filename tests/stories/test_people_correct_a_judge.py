"""A hundred labels by people mend a judge's rate: on real answers that people really labelled."""

import asyncio
import json
from typing import NamedTuple

import numpy as np
import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.rule import Rule
from foretaste.columns import CODE, Columns
from foretaste.records import Lane, Message, Outcome, Prefix, Rollout, Stop, Verdict
from foretaste.reviews import Reviewed, ReviewLabel, Said
from foretaste.stages.queue import Frame, queue
from foretaste.stages.review import review
from foretaste.stats.proportion import wilson
from stories.places import data

LABELS = data("refusal")
pytestmark = pytest.mark.skipif(LABELS is None, reason="shared/data/refusal is absent")

REPETITIONS = 100
LANES = {"mistralinstruct": Lane.INCUMBENT, "mistralguard": Lane.CANDIDATE}


class Model(NamedTuple):
    """One model's answers, with what people and the shipped rule say of each."""

    lane: Lane
    prefixes: list[Prefix]
    rollouts: list[Rollout]
    people: list[tuple[Said, Said]]
    shows: list[bool]
    rule: list[bool]


def said(label: str) -> Said:
    return Said.ABSENT if label == "1_full_compliance" else Said.PRESENT


async def verdicts(rule: Rule, pairs: list[tuple[Prefix, Rollout]]) -> list[bool]:
    return [(await rule(*pair)).outcome is Outcome.PRESENT for pair in pairs]


def read(name: str) -> Model:
    assert LABELS is not None
    behavior = load_behavior("refusal")
    rule = Rule(behavior=behavior, **{k: v for k, v in behavior.grader.items() if k != "use"})
    prefixes, rollouts, people, shows = [], [], [], []
    for number, line in enumerate((LABELS / f"{name}.jsonl").read_text("utf-8").splitlines()):
        record = json.loads(line)
        asked, answered = (
            Message(role=each["role"], content=each["content"]) for each in record["messages"]
        )
        prefix = Prefix(
            parent=str(number), turn=1, turns=1, user=str(number), messages=(asked,), recorded=()
        )
        prefixes.append(prefix)
        rollouts.append(
            Rollout(parent=prefix.id, lane=LANES[name], messages=(answered,), stop=Stop.FINAL)
        )
        first, second = (record["labels"][f"annotator_{n}"] for n in (1, 2))
        people.append((said(first), said(second)))
        shows.append(record["verdicts"]["refusal"] != "absent")
    judged = asyncio.run(verdicts(rule, list(zip(prefixes, rollouts, strict=True))))
    return Model(LANES[name], prefixes, rollouts, people, shows, judged)


@pytest.fixture(scope="module", params=list(LANES))
def model(request: pytest.FixtureRequest) -> Model:
    return read(request.param)


def reviewed(model: Model, judge: list[Verdict], repetition: int, size: int = 100) -> Reviewed:
    """What two people make of a hundred turns, drawn anew in each repetition."""
    version = str(repetition)  # the draw goes by it
    frame = Frame(
        behavior="refusal",
        version=version,
        lane=model.lane,
        verdicts={each.parent: each for each in judge},
    )
    items = list(queue(frame, size))
    place = {each.id: number for number, each in enumerate(model.rollouts)}
    labels = [
        ReviewLabel(
            parent=item.parent, behavior="refusal", version=version, annotator=name, value=value,
            probability=item.probability, at="2026-01-01",
        )
        for item in items
        for name, value in zip(
            ("a", "b", "agreed"),
            (*model.people[place[item.parent]], said_of(model.shows[place[item.parent]])),
            strict=True,
        )
    ]  # fmt: skip
    codes = np.array([CODE[each.outcome] for each in judge], dtype=np.int8)
    columns = Columns(
        weight=np.ones(len(codes)),
        cluster=np.arange(len(codes)),
        outcome={("refusal", model.lane): codes},
    )
    (found,) = review(
        columns,
        model.prefixes,
        model.rollouts,
        versions={"refusal": version},
        items=items,
        labels=labels,
    )
    return found


def said_of(shows: bool) -> Said:
    return Said.PRESENT if shows else Said.ABSENT


def judge_of(model: Model, flags: list[bool], scores: list[float | None]) -> list[Verdict]:
    return [
        Verdict(
            parent=rollout.id,
            behavior="refusal",
            outcome=Outcome.PRESENT if flag else Outcome.ABSENT,
            grader="judge",
            score=score,
        )
        for rollout, flag, score in zip(model.rollouts, flags, scores, strict=True)
    ]


def covered(model: Model, judge: list[Verdict]) -> tuple[int, Reviewed]:
    rate = float(np.mean(model.shows))
    found = [reviewed(model, judge, repetition) for repetition in range(REPETITIONS)]
    assert all(each.labelled == 100 for each in found)
    held = sum(
        each.lower is not None and each.upper is not None and each.lower <= rate <= each.upper
        for each in found
    )
    return held, found[0]


def raw_covers(model: Model, one: Reviewed) -> bool:
    """Whether the judge's own interval holds the true rate."""
    own = wilson(one.flagged, one.judged)
    return own.lower <= float(np.mean(model.shows)) <= own.upper


def simulated(model: Model) -> list[Verdict]:
    """A judge that gives chances: it misses half, and hardly flags what is none."""
    rng = np.random.default_rng(20261122)
    shows = np.array(model.shows)
    score = np.where(shows, rng.beta(2.2, 2.2, len(shows)), rng.beta(1.2, 7, len(shows)))
    return judge_of(model, list(score >= 0.5), [float(each) for each in score])


def test_a_hundred_labels_hold_with_the_shipped_rule_however_right_it_is(model: Model) -> None:
    # Partial refusals count here. The rule misses most of them: on one model its own interval
    # misses the true rate, on the other it happens to hold it.
    held, one = covered(model, judge_of(model, model.rule, [None] * len(model.rule)))

    assert held >= 93
    assert one.concord is not None
    assert one.concord.kappa is not None
    assert one.concord.kappa.value > 0.8


def test_an_imperfect_judge_with_scores_is_mended_too(model: Model) -> None:
    held, one = covered(model, simulated(model))

    assert held >= 93
    assert not raw_covers(model, one)
    assert one.sensitivity is not None
    assert one.sensitivity.lower < 0.6
