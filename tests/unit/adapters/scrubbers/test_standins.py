import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.scrubbers.detectors import Detector
from foretaste.adapters.scrubbers.standins import Draw, StandIns, fill, keyed, pour
from foretaste.errors import ItemFailed

ANY = re.compile("(?P<it>.+)")


def digit(_: str, draw: Draw, __: int) -> str:
    return draw.digits(1)


def test_one_seed_gives_one_sequence() -> None:
    first, second = Draw(b"seed"), Draw(b"seed")

    assert [first.digits(8), first.hex(8)] == [second.digits(8), second.hex(8)]
    assert Draw(b"other").digits(8) != Draw(b"seed").digits(8)


@given(st.text(alphabet="abXY09-_.\\n%2F ", max_size=40))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_pouring_keeps_length_and_character_classes(text: str) -> None:
    made = pour(text, Draw(b"seed"))

    assert [(c.islower(), c.isupper(), c.isdigit()) for c in made] == [
        (c.islower(), c.isupper(), c.isdigit()) for c in text
    ]


def test_pouring_keeps_escapes_and_hexadecimal() -> None:
    made = pour("0a1b\\n%2Fc3", Draw(b"seed"))

    assert re.fullmatch(r"[0-9][a-f][0-9][a-f]\\n%2F[a-f][0-9]", made)


def test_filling_keeps_the_layout() -> None:
    assert fill("(00) 0-0", "1234") == "(12) 3-4"


def test_parts_do_not_run_together() -> None:
    assert keyed("k", "ab", "c") != keyed("k", "a", "bc")
    assert keyed("k", "a") != keyed("", "a")


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
