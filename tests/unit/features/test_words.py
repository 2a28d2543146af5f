from hypothesis import given
from hypothesis import strategies as st

from foretaste.features.words import BREAK, chunks, joined, phrases, words


def test_words_are_in_lower_case_and_sentences_and_lines_part_them() -> None:
    assert words("It's 3 p.m., Zoë. Go\nhome") == [
        *("it's", "3", "p", "m", "zoë", BREAK, "go", BREAK, "home")
    ]


def test_scripts_without_spaces_have_a_word_a_character() -> None:
    assert words("你好。GPT は") == ["你", "好", BREAK, "gpt", "は"]
    assert joined(["ask", "你", "好", "now"]) == "ask 你好 now"


def test_a_run_of_letters_that_is_too_long_is_no_word() -> None:
    assert words("a " + "x" * 41) == ["a"]


def test_phrases_have_two_to_five_words_and_go_over_no_break() -> None:
    assert list(phrases(["a", "b", BREAK, "c", "d"])) == [("a", "b"), ("c", "d")]
    assert max(map(len, phrases(list("abcdefg")))) == 5


@given(st.text())
def test_a_text_s_words_are_those_of_its_chunks(text: str) -> None:
    assert [word for chunk in chunks(text) for word in words(chunk)] == words(text)
