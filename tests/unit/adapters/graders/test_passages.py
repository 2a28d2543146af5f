"""What a rule reads, and what is blanked out of it."""

import re

import pytest

from foretaste.adapters.graders.literals import Search
from foretaste.adapters.graders.passages import (
    LONGEST,
    matches,
    passages,
    sentence_around,
    without_quotes,
)
from unit.adapters.graders.exchanges import answer, calling


@pytest.mark.parametrize(
    "text",
    ['He said "no way" twice.', "a\n> quoted\nb", "x `code` y", "```\ncode\n```", "«non» et “no”"],
)
def test_blanking_keeps_every_offset_and_line(text: str) -> None:
    blanked = without_quotes(text)

    assert len(blanked) == len(text)
    assert blanked.count("\n") == text.count("\n")
    assert not re.search("way|quoted|code|non|no", blanked)


def test_a_match_is_quoted_from_the_original_with_its_sentence() -> None:
    text = 'He said "sorry". I am sorry too. The end.'
    found = list(matches(text, Search(re.compile("sorry")), quoted=False))

    assert [match.sentence.strip() for match in found] == ["I am sorry too."]


def test_a_line_end_closes_a_sentence() -> None:
    assert sentence_around("one\ntwo three\nfour", 4, 7) == "two three"


def test_the_text_that_is_scanned_is_bounded() -> None:
    assert [len(text) for text in passages(answer("x" * 50_000), "text")] == [LONGEST]


def test_all_holds_every_assistant_message_its_arguments_and_its_reasoning() -> None:
    turn = calling(("find", '{"a": 1}', "RESULT"), last="End.")
    thought = answer("Hello.", reasoning="Hm.")

    assert list(passages(turn, "all")) == ["", '{"a": 1}', "End."]
    assert list(passages(thought, "all")) == ["Hm.", "Hello."]
    assert list(passages(thought, "reasoning")) == ["Hm."]
