from foretaste.report.diff import LONGEST, words


def told(before: str, after: str) -> list[tuple[str, str]]:
    return [(span.kind, span.text) for span in words(before, after).spans]


def test_a_changed_word_is_removed_and_added() -> None:
    assert told("I can help.", "I cannot help.") == [
        ("same", "I "),
        ("removed", "can "),
        ("added", "cannot "),
        ("same", "help."),
    ]


def test_equal_texts_are_one_span() -> None:
    assert told("Same words.", "Same words.") == [("same", "Same words.")]


def test_white_space_alone_is_no_difference() -> None:
    assert told("a b", "a\n\nb") == [("same", "a\n\nb")]


def test_markup_and_control_codes_stay_text() -> None:
    assert told("", "<b>\x1b") == [("added", "<b>\u27e8U+001B\u27e9")]


def test_the_added_and_same_spans_spell_the_second_text() -> None:
    before, after = "one two three four", "zero two 3 four five"
    spans = words(before, after).spans

    assert "".join(s.text for s in spans if s.kind != "removed") == after


def test_a_text_too_long_is_cut_with_a_note() -> None:
    long = "word " * (LONGEST + 1)

    assert words(long, long).note.startswith("Only the first 1,000 words")


def test_one_enormous_word_is_cut_with_a_note() -> None:
    diff = words("w" * 1_000_000, "short")

    assert sum(len(s.text) for s in diff.spans) < 20_000
    assert diff.note
