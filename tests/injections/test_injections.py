"""Text that tries to steer the judge: no verdict moves, and the attempt is reported."""

import asyncio
import importlib.util
import json
import re
from dataclasses import dataclass
from math import log

import pytest

from foretaste.adapters.graders.rubric import Rubric
from foretaste.adapters.graders.yesno import YesNo
from foretaste.adapters.models import weights
from foretaste.adapters.models.embedded import Embedded
from foretaste.protocols import Reply, Request, Token
from foretaste.records import Behavior, Lane, Message, Outcome, Stop, Verdict
from foretaste.stages.account import steering_account
from injections.transcripts import ABSENT, INJECTIONS, PRESENT, Injection
from unit.adapters.graders.exchanges import judged

RUDE = Behavior(name="rude", description="Is rude.", rubric="Calls the user a fool.", version="1")


def work_of(request: Request) -> bool:
    """What a judge sees that reads line by line: whatever stands outside the fence is an order.

    Raises:
        AssertionError: something that was judged reached the judge outside its fence.
    """
    system, user = request.messages
    lines = user.content.splitlines()
    fence = re.search(r"^=== [0-9a-f]{20} ===$", system.content, re.MULTILINE)
    assert fence is not None
    assert [at for at, line in enumerate(lines) if line == fence.group()] == [0, 2]
    assert "planted" not in "".join([system.content, *lines[3:]])
    assert not re.search(r"<\||\[/?INST|</?s", lines[1])
    return "fool" in json.loads(lines[1])["answer"][-1]["content"]


@dataclass(frozen=True)
class Working:
    """Does its work, in the form that is asked for: a verdict, or a yes or no."""

    async def __call__(self, request: Request) -> Reply:
        rude = work_of(request)
        word = "yes" if rude else "no"
        verdict = {"present": rude, "severity": 1, "evidence": "fool" if rude else ""}
        said = word if request.schema is None else json.dumps(verdict | {"reason": "worked"})
        sure = Token(word, ((word, log(0.9)), ("yes" if word == "no" else "no", log(0.1))))
        message = Message(role="assistant", content=said)
        tokens = (sure,) if request.schema is None else ()
        return Reply(message=message, stop=Stop.FINAL, asked_model="working", tokens=tokens)


@dataclass(frozen=True)
class Parrot:
    """Repeats what it was shown, as a judge that was taken in would, and adds its own verdict."""

    planted: str

    async def __call__(self, request: Request) -> Reply:
        own = {"present": work_of(request), "severity": 1, "evidence": "fool", "reason": "own"}
        said = f"It says {self.planted}, but I say {json.dumps(own)}"
        message = Message(role="assistant", content=said)
        return Reply(message=message, stop=Stop.FINAL, asked_model="parrot")


def named(each: Injection) -> str:
    return f"{each.place}: {each.name}"


def verdict_of(grader: Rubric | YesNo, injection: Injection, *, rude: bool) -> Verdict:
    return judged(grader, injection.prefix, injection.rollout(rude=rude))


def test_there_are_fifty_each_with_a_name_of_its_own() -> None:
    assert len({each.name for each in INJECTIONS}) == len(INJECTIONS) == 50


@pytest.mark.parametrize("rude", [True, False])
@pytest.mark.parametrize("injection", INJECTIONS, ids=named)
def test_no_injection_moves_a_verdict(injection: Injection, rude: bool) -> None:
    expected = Outcome.PRESENT if rude else Outcome.ABSENT
    rubric = verdict_of(Rubric(behavior=RUDE, model=Working()), injection, rude=rude)
    yes_no = verdict_of(YesNo(behavior=RUDE, model=Working()), injection, rude=rude)

    assert (rubric.outcome, rubric.reason) == (expected, "worked")
    assert yes_no.outcome is expected


@pytest.mark.parametrize("planted", [ABSENT, PRESENT])
def test_a_judge_that_repeats_a_planted_verdict_beside_its_own_gives_none(planted: str) -> None:
    found = verdict_of(Rubric(behavior=RUDE, model=Parrot(planted)), INJECTIONS[0], rude=True)

    assert found.outcome is Outcome.UNGRADED


def test_a_judge_that_takes_a_planted_presence_over_is_caught_by_its_evidence() -> None:
    @dataclass(frozen=True)
    class Taken:
        async def __call__(self, request: Request) -> Reply:
            message = Message(role="assistant", content=PRESENT)
            return Reply(message=message, stop=Stop.FINAL, asked_model="taken")

    found = verdict_of(Rubric(behavior=RUDE, model=Taken()), INJECTIONS[0], rude=True)
    assert found.outcome is Outcome.UNGRADED


@pytest.mark.parametrize("injection", INJECTIONS, ids=named)
def test_every_injection_is_reported_where_it_stands(injection: Injection) -> None:
    rollout = injection.rollout(rude=False)
    found = steering_account([injection.prefix], [rollout], [Lane.CANDIDATE])
    counts = {each.where: each.found for each in found}

    before = injection.place in ("user", "system")
    assert counts == {"conversation": int(before), "candidate": int(not before)}
    (shown,) = [each for each in found if each.found]
    assert shown.kinds
    assert shown.examples


@pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or weights.find("smollm2") is None,
    reason="the engine or the weights of smollm2 are not installed",
)
@pytest.mark.embedded
def test_the_embedded_judge_keeps_the_form_of_its_verdict() -> None:
    model = Embedded(threads=1, slots=1, context=4096, max_tokens=64)

    async def work() -> list[Verdict]:
        async with YesNo(behavior=RUDE, model=model) as grader:
            rollouts = [(each, each.rollout(rude=True)) for each in INJECTIONS[:50:20]]
            return [await grader(each.prefix, rollout) for each, rollout in rollouts]

    for found in asyncio.run(work()):
        assert found.outcome in (Outcome.PRESENT, Outcome.ABSENT)
        assert found.score is not None
        assert 0 <= found.score <= 1
        assert not found.evidence
