"""The verdict that a chance becomes."""

import asyncio

import pytest

from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.adapters.graders.screens.screening import Screened, usable
from foretaste.records import Lane, Outcome, Prefix, Rollout, Stop, Verdict
from unit.adapters.graders.screens.teaching import SAYS_NO, example, examples, exchange

LEARNED = Ngram(behavior=SAYS_NO)(examples()).learned


def screened(chance: float, rollout: Rollout | None = None, threshold: float = 0.5) -> Verdict:
    async def fixed(prefix: Prefix, rollout: Rollout) -> float:
        return chance

    async def work() -> Verdict:
        prefix, said = exchange("Yes.", "u")
        screen = Screened(behavior=SAYS_NO, learned=LEARNED, chance=fixed, threshold=threshold)
        return await screen(prefix, rollout or said)

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("chance", "threshold", "outcome"),
    [(0.5, 0.5, Outcome.PRESENT), (0.4, 0.5, Outcome.ABSENT), (0.4, 0.05, Outcome.PRESENT)],
)
def test_from_the_threshold_on_it_is_present(
    chance: float, threshold: float, outcome: Outcome
) -> None:
    verdict = screened(chance, threshold=threshold)

    assert (verdict.outcome, verdict.score) == (outcome, chance)


def test_a_turn_without_an_answer_is_ungraded_and_has_no_score() -> None:
    silent = Rollout(parent="p", lane=Lane.CANDIDATE, messages=(), stop=Stop.TOOL_MISS)
    verdict = screened(0.9, silent)

    assert (verdict.outcome, verdict.score) == (Outcome.UNGRADED, None)
    assert "tool_miss" in verdict.reason


def test_an_example_that_comes_twice_counts_as_it_came_last() -> None:
    once, again = (example("No.", "u", present=present) for present in (True, False))

    assert usable([once, again]) == [again]
