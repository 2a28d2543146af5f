"""The probability of a yes, from tokens."""

from math import log

import pytest

from foretaste.chances import chance_of, said_under
from foretaste.protocols import Token


def token(**words: float) -> Token:
    return Token("x", tuple((word.replace("_", " "), log(p)) for word, p in words.items()))


def test_spellings_of_a_word_are_summed_and_the_two_words_renormalized() -> None:
    found = chance_of(token(Yes=0.2, yes=0.05, _YES=0.05, No=0.1, Maybe=0.5), "yes", "no")

    assert found is not None
    assert found.value == pytest.approx(0.75)
    assert found.mass == pytest.approx(0.4)


def test_next_to_no_probability_on_either_word_is_no_answer() -> None:
    assert chance_of(token(Maybe=0.9, yes=0.05), "yes", "no") is None
    assert chance_of(Token("yes", ()), "yes", "no") is None


def test_how_little_is_enough_can_be_said() -> None:
    found = chance_of(token(Maybe=0.9, yes=0.03, no=0.01), "yes", "no", least=0.0)

    assert found is not None
    assert found == pytest.approx((0.75, 0.04))
    assert chance_of(token(Maybe=0.9), "yes", "no", least=0.0) is None


def test_letters_that_begin_both_words_count_for_neither() -> None:
    assert chance_of(token(t=0.5, tr=0.2, f=0.1), "true", "test") is not None
    found = chance_of(token(t=0.5, tr=0.3, te=0.2), "true", "test")
    assert found is not None
    assert found.value == pytest.approx(0.6)


def test_a_probability_above_one_is_held_to_one() -> None:
    found = chance_of(Token("x", (("yes", 3.0),)), "yes", "no")
    assert found == (1.0, 1.0)


@pytest.mark.parametrize(
    ("texts", "path", "expected"),
    [
        (['{"', "present", '":', " true", "}"], ("present",), " true"),
        (['{"present":true}'], ("present",), '{"present":true}'),
        (['{"a": {"present": ', "false", '}, "b":{ "present":', "\n", "true"], ("b", "present"),
         "true"),
        (['{"a": {"present": ', "false", "}"], ("b", "present"), None),
        (['{"word', '":', ' "', "evalu", 'ation"}'], ("word",), "evalu"),
        (['{"word":', ' "evalu', 'ation"}'], ("word",), ' "evalu'),
        (["perhaps"], ("present",), None),
    ],
)  # fmt: skip
def test_the_place_of_a_value_is_found_whatever_the_tokens_are(
    texts: list[str], path: tuple[str, ...], expected: str | None
) -> None:
    found = said_under([Token(text, ()) for text in texts], path)

    assert (found and found.text) == expected
