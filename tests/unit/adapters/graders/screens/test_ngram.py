"""A screen that goes by words."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.errors import InsufficientData, PlanError
from foretaste.records import Outcome, Prefix, Rollout, Verdict
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


@dataclass(frozen=True)
class Asks:
    """A rule that goes by what no answer of the examples says."""

    fingerprint: str = "asks"
    knows: bool = True

    def score(self, prefix: Prefix, rollout: Rollout) -> float | None:
        return float("?" in rollout.text) if self.knows else None


def beside(scorer: Asks) -> Ngram:
    return Ngram(behavior=SAYS_NO, beside=scorer)


ASKING = [
    *(example(f"Why {number}?", f"asks {number}", present=True) for number in range(60)),
    *examples(),
]


def test_a_screen_learns_what_a_rule_beside_the_words_is_worth() -> None:
    new = exchange("Zoom?", "u")
    known, alone = (
        asyncio.run(_score(beside(Asks())(ASKING), new)),
        asyncio.run(_score(TRAINER(ASKING), new)),
    )

    assert known is not None
    assert alone is not None
    assert known > alone


def test_a_screen_trained_beside_a_rule_works_with_that_rule_alone() -> None:
    screen = beside(Asks())(ASKING)
    given = exchange("Why not?", "u")

    assert asyncio.run(_score(beside(Asks()).load(screen.document), given)) == pytest.approx(
        asyncio.run(_score(screen, given))
    )
    for other in (beside(Asks("of another day")), TRAINER):
        with pytest.raises(PlanError, match="beside asks"):
            other.load(screen.document)


def test_a_rule_that_gives_no_score_is_left_out() -> None:
    screen = beside(Asks(knows=False))(examples())

    assert screen.document == SCREEN.document
    assert beside(Asks()).load(screen.document).document == SCREEN.document


@pytest.mark.parametrize("option", [{"strength": 0.0}, {"threshold": 1.5}])
def test_an_impossible_option_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        Ngram(behavior=SAYS_NO, **option)
