"""A screen that goes by the vectors of an embedder."""

import asyncio

import msgspec
import pytest

from foretaste.adapters.graders.screens.probe import Probe
from foretaste.errors import InsufficientData, MachineFailed, PlanError
from foretaste.records import Outcome, Verdict
from unit.adapters.graders.screens.teaching import SAYS_NO, CountingEmbedder, examples, exchange

TRAINER = Probe(behavior=SAYS_NO, embedder=CountingEmbedder(), strength=10.0)
SCREEN = TRAINER(examples())


def verdict(screen: object, text: str) -> Verdict:
    async def work() -> Verdict:
        return await screen(*exchange(text, "another user"))  # type: ignore[operator, no-any-return]

    return asyncio.run(work())


def test_it_finds_what_was_taught_in_new_answers() -> None:
    assert verdict(SCREEN, "I am sorry, I cannot do that.").outcome is Outcome.PRESENT
    assert verdict(SCREEN, "Here is how you do it.").outcome is Outcome.ABSENT


def test_a_probe_comes_back_from_its_document_the_same() -> None:
    loaded = TRAINER.load(SCREEN.document)

    assert loaded.fingerprint == SCREEN.fingerprint
    assert verdict(loaded, "No.") == verdict(SCREEN, "No.")


def test_a_probe_of_another_embedder_is_refused() -> None:
    other = Probe(behavior=SAYS_NO, embedder=CountingEmbedder(fingerprint="other"))

    with pytest.raises(PlanError, match="goes by 'probe 1 of counting'"):
        other.load(SCREEN.document)


def test_a_probe_with_too_few_weights_is_refused() -> None:
    short = msgspec.structs.replace(SCREEN.learned, weights=SCREEN.learned.weights[:40])

    with pytest.raises(MachineFailed, match="not one weight for each feature"):
        verdict(TRAINER.load(msgspec.json.encode(short)), "No.")


def test_no_examples_are_not_enough_evidence() -> None:
    with pytest.raises(InsufficientData):
        TRAINER([])
