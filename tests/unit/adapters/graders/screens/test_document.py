"""A screen's file, which may come from anybody."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from foretaste.adapters.graders.screens.document import ScreenDocument, packed
from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.errors import PlanError
from unit.adapters.graders.screens.teaching import SAYS_NO, examples

TRAINER = Ngram(behavior=SAYS_NO)
LEARNED = TRAINER(examples()).learned


def changed(**fields: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(LEARNED, **fields))


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "no trained screen"),
        (b"\x80\x04c__main__\nx", "no trained screen"),
        (b"[" * 100_000, "no trained screen"),
        (b"{}", "no trained screen"),
        (changed(format="2"), "format"),
        (changed(behavior="other"), "trained for 'other'"),
        (changed(definition="0"), "other words"),
        (changed(features="words 9"), "goes by"),
        (changed(slope=-1.0), "damaged"),
        (changed(present=10**15), "no trained screen"),
        (changed(weights=LEARNED.weights[:-4]), "weights of another length"),
        (changed(weights=LEARNED.weights[:-4] + packed(np.array([np.nan]))), "no numbers"),
        (changed(cells=LEARNED.cells[::-1]), "not in order"),
        (changed(cells=packed(np.array([2**30]), "<i4")), "not in order"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_screen_of_this_behavior_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(PlanError, match=why):
        TRAINER.load(document)


def test_an_unknown_field_is_refused() -> None:
    document = msgspec.json.decode(msgspec.json.encode(LEARNED)) | {"run": "rm"}

    with pytest.raises(PlanError, match="unknown field"):
        ScreenDocument.read(msgspec.json.encode(document), SAYS_NO, LEARNED.features)


def test_another_grader_in_the_behavior_is_no_other_definition() -> None:
    moved = replace(SAYS_NO, grader={"use": "rule"}, version="2")

    assert Ngram(behavior=moved).load(msgspec.json.encode(LEARNED)).learned == LEARNED
