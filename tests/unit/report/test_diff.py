from foretaste.report.diff import LONGEST, sides, words


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


def test_each_side_keeps_its_own_words_and_white_space() -> None:
    before, after = "one  two\nthree four", "one two three\n\nfive"
    both = sides(before, after)

    assert "".join(span.text for span in both.before) == before
    assert "".join(span.text for span in both.after) == after
    assert [span.text for span in both.before if span.kind == "removed"] == ["four"]
    assert [span.text for span in both.after if span.kind == "added"] == ["five"]


def test_a_full_stop_between_two_changes_is_marked_with_them() -> None:
    both = sides("We come. Good day, all", "We go. Bad luck, all")

    assert [span.text for span in both.after if span.kind == "added"] == ["go. Bad luck"]


def test_what_lies_behind_the_compared_part_follows_unmarked() -> None:
    both = sides("word " * LONGEST + "tail", "other " * LONGEST + "end")

    assert both.alike == 0
    assert both.note
    assert (both.after[-1].kind, both.after[-1].text) == ("same", "end")
