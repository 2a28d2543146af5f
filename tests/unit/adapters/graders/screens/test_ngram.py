"""A screen that goes by words."""

import asyncio
from dataclasses import replace

import pytest

from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.errors import InsufficientData, PlanError
from foretaste.records import Outcome, Verdict
from unit.adapters.graders.screens.teaching import SAYS_NO, example, examples, exchange

TRAINER = Ngram(behavior=SAYS_NO)
SCREEN = TRAINER(examples())


def verdict(text: str) -> Verdict:
    async def work() -> Verdict:
        return await SCREEN(*exchange(text, "another user"))

    return asyncio.run(work())


def test_it_finds_what_was_taught_in_new_answers() -> None:
    no, yes = verdict("I am sorry, I will not knit it."), verdict("Here is how you knit that.")

    assert (no.outcome, yes.outcome) == (Outcome.PRESENT, Outcome.ABSENT)
    assert no.score is not None
    assert yes.score is not None
    assert 0 <= yes.score < 0.5 <= no.score <= 1


def test_the_order_of_the_examples_does_not_matter() -> None:
    assert TRAINER(reversed(examples())).fingerprint == SCREEN.fingerprint


def test_a_screen_comes_back_from_its_document_the_same() -> None:
    loaded = TRAINER.load(SCREEN.document)

    assert loaded.fingerprint == SCREEN.fingerprint
    given = exchange("I decline to do that, sorry.", "u")
    assert asyncio.run(_score(loaded, given)) == asyncio.run(_score(SCREEN, given))


async def _score(screen: object, given: object) -> float | None:
    return (await screen(*given)).score  # type: ignore[operator, misc, no-any-return]


def test_a_screen_holds_no_text_of_its_examples() -> None:
    assert b"decline" not in SCREEN.document


def test_examples_without_an_answer_are_left_out() -> None:
    silent = example("", "somebody", present=True)
    cut = replace(silent.rollout, messages=(), id="")

    learned = TRAINER([*examples(), silent._replace(rollout=cut)]).learned

    assert learned.present == 60


def test_too_few_examples_are_not_enough_evidence() -> None:
    with pytest.raises(InsufficientData, match="a screen needs 10 of each"):
        TRAINER(examples(8))


def test_no_examples_are_not_enough_evidence() -> None:
    with pytest.raises(InsufficientData):
        TRAINER([])


@pytest.mark.parametrize("option", [{"strength": 0.0}, {"threshold": 1.5}])
def test_an_impossible_option_is_refused(option: dict[str, float]) -> None:
    with pytest.raises(PlanError):
        Ngram(behavior=SAYS_NO, **option)
