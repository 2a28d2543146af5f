from foretaste.report.diff import Span
from foretaste.report.sides.spots import holds, stretches


def quoted(text: str, *quotes: str) -> list[str]:
    drawn = stretches([Span(kind="same", text=text)], quotes)
    return [each.text for each in drawn if each.quoted]


def test_every_place_of_a_quote_is_marked_as_a_whole_word() -> None:
    assert quoted("Ann, Joanna and Ann.", "Ann") == ["Ann", "Ann"]


def test_a_quote_that_is_no_whole_word_is_marked_once() -> None:
    assert quoted("Joanna and Joanna", "oan") == ["oan"]


def test_a_quote_over_several_spans_is_marked_in_each() -> None:
    spans = [Span(kind="same", text="for Bright"), Span(kind="added", text="water Ltd")]
    drawn = list(stretches(spans, ["Brightwater"]))

    assert [(each.kind, each.quoted, each.text) for each in drawn] == [
        ("same", False, "for "),
        ("same", True, "Bright"),
        ("added", True, "water"),
        ("added", False, " Ltd"),
    ]


def test_quotes_that_overlap_are_one_mark() -> None:
    assert quoted("in 30 days from now", "30 days", "days from") == ["30 days from"]


def test_an_empty_quote_marks_nothing() -> None:
    assert quoted("some text", "", "  ") == []
    assert not holds("some text", "")


def test_the_stretches_spell_the_text() -> None:
    spans = [Span(kind="same", text="a b "), Span(kind="added", text="c d")]

    assert "".join(each.text for each in stretches(spans, ["b", "c", "d"])) == "a b c d"


def test_a_quote_is_data_and_no_pattern() -> None:
    assert quoted("what (a+)+ is", "(a+)+") == ["(a+)+"]
