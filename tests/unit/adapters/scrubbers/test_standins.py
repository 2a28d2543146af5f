import re

import pytest

from foretaste.adapters.scrubbers.detectors import Detector
from foretaste.adapters.scrubbers.draws import Draw
from foretaste.adapters.scrubbers.standins import StandIns
from foretaste.errors import ItemFailed

ANY = re.compile("(?P<it>.+)")


def digit(_: str, draw: Draw, __: int) -> str:
    return draw.digits(1)


def test_stand_ins_never_collide_and_never_equal_an_original() -> None:
    detector = Detector(kind="letter", pattern=ANY, make=digit)
    give = StandIns("key", "salt")
    made = [give(detector, letter) for letter in "abcdefgh"]

    assert len(set(made)) == 8
    assert [give(detector, letter) for letter in "abcdefgh"] == made


def test_when_stand_ins_run_out_the_conversation_fails_and_nothing_is_quoted() -> None:
    detector = Detector(kind="letter", pattern=ANY, make=digit)
    give = StandIns("key", "salt")

    with pytest.raises(ItemFailed, match=r"^no stand-in is left .* kind letter$"):
        [give(detector, letter) for letter in "abcdefghijk"]


def test_what_identifies_nobody_stands_for_itself_and_for_nobody_else() -> None:
    detector = Detector(kind="letter", pattern=ANY, make=digit, reserved=str.isdigit)
    give = StandIns("key", "salt")
    kept = [give(detector, digit) for digit in "012345678"]

    assert kept == list("012345678")
    assert give(detector, "a") == "9"
