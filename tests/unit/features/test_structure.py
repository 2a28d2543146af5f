from foretaste.features.structure import structure


def shown(text: str, kind: str = "structure") -> set[str]:
    return {seen.what for seen in structure(text) if seen.kind == kind}


def test_marks_of_layout_are_told() -> None:
    inline = "**b** `c` 🎉 — yes! \\(x\\)"
    blocks = ("# A", "- one", "1. two", "| a | b |", "> said", inline, "```\nx\n```", "Ok?")
    text = "\n\n".join(blocks)

    assert shown(text) == {
        *("heading", "bullet list", "numbered list", "table", "block quote", "bold"),
        *("inline code", "emoji", "long dash", "exclamation", "formula", "code block"),
        *("ends with a question", "8 paragraphs or more"),
    }


def test_plain_text_has_paragraphs_and_nothing_is_no_text() -> None:
    assert shown("One - two.") == {"1 paragraph"}
    assert shown("One.\n\nTwo.") == {"2 or 3 paragraphs"}
    assert shown(" \n") == {"no text"}


def test_a_turn_opens_with_three_words_and_closes_with_a_sentence() -> None:
    text = "Sure, I can do that. Here it is. Anything else?"

    assert shown(text, "opening") == {"sure i can"}
    assert shown(text, "closing") == {"anything else"}


def test_a_last_sentence_too_long_to_be_one_closes_nothing() -> None:
    assert shown("word " * 200, "closing") == set()
