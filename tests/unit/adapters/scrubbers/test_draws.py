import re

from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.scrubbers.draws import Draw, fill, keyed, pour


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
