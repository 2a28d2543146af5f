"""A grader of two: a screen and a judge."""

import asyncio

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.rule import Rule
from foretaste.adapters.graders.screened import Screened
from foretaste.errors import PlanError
from foretaste.records import Lane, Message, Outcome, Prefix, Rollout, Stop

BEHAVIOR = load_behavior("refusal")
SCREEN = Rule(behavior=BEHAVIOR, pattern="cannot")
JUDGE = Rule(behavior=BEHAVIOR, pattern="I will not")
PREFIX = Prefix(parent="c", turn=1, turns=1, user="u", messages=(), recorded=())


def test_asked_about_a_rollout_it_is_its_judge_under_its_own_name() -> None:
    both = Screened(behavior=BEHAVIOR, screen=SCREEN, judge=JUDGE)
    said = Message(role="assistant", content="I will not do that.")
    rollout = Rollout(parent=PREFIX.id, lane=Lane.CANDIDATE, messages=(said,), stop=Stop.FINAL)

    async def judged() -> Outcome:
        async with both:
            verdict = await both(PREFIX, rollout)
        assert verdict.grader == both.fingerprint
        return verdict.outcome

    assert asyncio.run(judged()) is Outcome.PRESENT


def test_screen_judge_and_calls_decide_its_fingerprint() -> None:
    made = [
        Screened(behavior=BEHAVIOR, screen=SCREEN, judge=JUDGE),
        Screened(behavior=BEHAVIOR, screen=JUDGE, judge=SCREEN),
        Screened(behavior=BEHAVIOR, screen=SCREEN, judge=JUDGE, calls=500),
    ]

    assert len({each.fingerprint for each in made}) == 3
    assert made[0].votes == 1


def test_a_handful_of_calls_is_refused() -> None:
    with pytest.raises(PlanError, match="tell nothing"):
        Screened(behavior=BEHAVIOR, screen=SCREEN, judge=JUDGE, calls=50)
