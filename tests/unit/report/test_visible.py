import pytest

from foretaste.report.visible import clipped, one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\u27e8U+001B\u27e9[31m"),
        ("\x00", "\u27e8U+0000\u27e9"),
        ("\u202e", "\u27e8U+202E\u27e9"),
        ("\u2066", "\u27e8U+2066\u27e9"),
        ("\u200b", "\u27e8U+200B\u27e9"),
        ("\U000e0041", "\u27e8U+E0041\u27e9"),
        ("\ud800", "\u27e8U+D800\u27e9"),
        ("a\rb", "a\u27e8U+000D\u27e9b"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["a\tb\nc", "שלום", "👩\u200d🚀", "\u06cc\u200c\u062e", "é"])
def test_ordinary_writing_of_any_script_stays(text: str) -> None:
    assert visible(text) == text


def test_making_visible_twice_changes_nothing() -> None:
    once = visible("\x1b\u202e\r\n")

    assert visible(once) == once


def test_a_long_text_is_cut_and_the_note_says_so() -> None:
    cut = clipped("w" * 1_000_000, 10)

    assert (cut.text, cut.note) == ("w" * 10, "The first 10 of 1,000,000 characters are shown.")


def test_a_short_text_has_no_note() -> None:
    assert clipped("word", 10).note == ""


def test_a_name_is_one_line_of_bounded_length() -> None:
    assert one_line("a\n b\x07" + "c" * 500, 10) == "a b\u27e8U+000…"
