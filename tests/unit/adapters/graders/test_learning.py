"""A screen that learns from the judge's verdicts."""

import pytest

from foretaste.adapters.graders.learning import PARTS, Learning
from foretaste.adapters.graders.rule import Rule
from foretaste.errors import InsufficientData
from foretaste.records import Outcome
from unit.adapters.graders.exchanges import judged
from unit.adapters.graders.screens.teaching import SAYS_NO, example, examples, exchange

SCREEN = Learning(behavior=SAYS_NO)


def test_before_it_learned_anything_all_answers_are_alike() -> None:
    no, yes = (judged(SCREEN, *exchange(text, "u")) for text in ("No, I cannot.", "Sure."))

    assert no.score == yes.score == 0
    assert no.grader == SCREEN.fingerprint


def test_the_first_wave_may_be_another_screen_s() -> None:
    first = Rule(behavior=SAYS_NO, pattern="cannot")
    found = judged(Learning(behavior=SAYS_NO, first=first), *exchange("I cannot.", "u"))

    assert found.outcome is Outcome.PRESENT
    assert found.grader not in (first.fingerprint, SCREEN.fingerprint)


def test_what_was_taught_scores_under_the_wave_s_name() -> None:
    taught = SCREEN.taught(examples(), SCREEN.named("recorded", 1))
    no, yes = (
        judged(taught, *exchange(text, "u")) for text in ("No, I will not knit it.", "Here it is.")
    )

    assert (no.score or 0) > (yes.score or 0)
    assert no.grader == SCREEN.named("recorded", 1) != SCREEN.named("recorded", 2)


def test_no_user_is_scored_by_what_their_own_turns_taught() -> None:
    # One user's turns say a word that nobody else's say, and all show the behavior.
    own = [example(f"Zebra {number}.", "zoo", present=True) for number in range(30)]
    taught = SCREEN.taught([*examples(), *own], "n")
    parts = [f"user {number}" for number in range(8 * PARTS)]
    mine = judged(taught, *exchange("Zebra.", "zoo")).score
    others = [judged(taught, *exchange("Zebra.", user)).score for user in parts]

    assert mine is not None
    assert mine == min(score for score in others if score is not None)
    assert mine < max(score for score in others if score is not None)


def test_few_verdicts_teach_nothing() -> None:
    with pytest.raises(InsufficientData):
        SCREEN.taught(examples(8), "n")
