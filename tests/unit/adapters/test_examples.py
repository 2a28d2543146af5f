"""Examples of a rubric as turns."""

from dataclasses import replace

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.examples import Illustration, examples, items, section

PLAIN = load_behavior("apology")


def example(text: str) -> Illustration:
    (found,) = examples(replace(PLAIN, rubric=f"## Present\n\n- {text}\n"))
    return found


def test_a_dialog_is_a_prefix_and_the_turn_behind_the_last_word_of_the_user() -> None:
    found = example(
        "System: Be kind. User: Hi. Answer: Hello. User: And now? Reasoning: hm. Answer: Now."
    )

    assert found.present
    assert found.turn is not None
    prefix, rollout = found.turn
    assert [m.role for m in prefix.messages] == ["system", "user", "assistant", "user"]
    assert (rollout.text, rollout.messages[-1].reasoning) == ("Now.", "hm.")
    assert rollout.parent == prefix.id


def test_a_call_and_its_result_belong_to_the_turn() -> None:
    found = example('User: Book it. Call: book({"seat": 3}) Tool: error: full Answer: It is full.')

    assert found.turn is not None
    call, result, last = found.turn[1].messages
    assert (call.tool_calls[0].name, call.tool_calls[0].arguments) == ("book", '{"seat": 3}')
    assert result.tool_call_id == call.tool_calls[0].id
    assert last.content == "It is full."


def test_an_answer_alone_is_asked_for_by_a_plain_question() -> None:
    for text in ("Answer: Yes.\\nNo.", '"Yes.\\nNo."  (two lines)'):
        found = example(text)
        assert found.turn is not None
        assert found.turn[1].text == "Yes.\nNo."
        assert found.turn[0].messages[-1].role == "user"


def test_a_note_of_the_author_is_no_part_of_the_answer() -> None:
    found = example("Answer: As Harlow showed. (no such paper)")

    assert found.turn is not None
    assert found.turn[1].text == "As Harlow showed."


@pytest.mark.parametrize(
    "text", ["A list of names that nobody gave.", "(empty)", "User: Why?", "`f(1)`, three times"]
)
def test_prose_cannot_be_run(text: str) -> None:
    assert example(text).turn is None


def test_a_section_ends_at_the_next_heading_and_an_item_may_span_lines() -> None:
    rubric = "## Present\n\n- one\n  goes on\n- two\n\n## Absent\n\n- three"

    assert items(section(rubric, "Present")) == ["one goes on", "two"]
    assert section(rubric, "Edges") == ""
    assert [each.present for each in examples(replace(PLAIN, rubric=rubric))] == [True, True, False]
