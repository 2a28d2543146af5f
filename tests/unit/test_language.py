"""The language of a text."""

import pytest

from foretaste.language import language_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Could you please explain how photosynthesis works in simple words?", "en"),
        ("Kannst du mir bitte erklären, wie die Photosynthese funktioniert?", "de"),
        ("¿Puedes explicarme cómo funciona la fotosíntesis, por favor?", "es"),
        ("光合作用是怎么进行的,请用简单的话解释一下", "zh"),
        ("こんにちは、元気ですか", "ja"),
    ],
)
def test_a_sentence_is_named_by_its_two_letter_code(text: str, expected: str) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "ok", "hi", "12345 67 + 8", "x = 1", "\x00\x00", "?!"])
def test_a_text_too_short_to_tell_has_no_language(text: str) -> None:
    assert language_of(text) is None


def test_code_and_addresses_around_a_question_do_not_decide() -> None:
    code = "```python\nfor item in list(range(10)):\n    print('the item is', item)\n```"
    text = f"{code}\nWarum gibt mir dieses Programm keine Ausgabe? https://example.com/the/english/page"

    found = language_of(text)

    assert found == "de"


def test_code_alone_has_no_language() -> None:
    assert language_of("```\nwhile the list is not empty: take the first item of it\n```") is None


def test_a_lone_surrogate_is_no_accident() -> None:
    assert language_of("Could you please explain this to me \ud800 in simple words?") == "en"


def test_a_long_text_without_spaces_is_no_trouble() -> None:
    assert language_of("<" * 50_000 + "`" * 50_000) is None
