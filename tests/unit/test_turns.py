"""Which assistant turns of a dialogue are replayed."""

import pytest

from foretaste.records import Dialogue, Message, Role, ToolCall
from foretaste.turns import Turn, turns

ROLES: dict[str, Role] = {
    "s": "system",
    "u": "user",
    "a": "assistant",
    "c": "assistant",
    "t": "tool",
}


def dialogue(said: str, own_from: int = 0) -> Dialogue:
    """One letter a message; `c` is an assistant message that calls a tool."""
    call = (ToolCall(id="1", name="look", arguments="{}"),)
    messages = [
        Message(role=ROLES[letter], content="", tool_calls=call if letter == "c" else ())
        for letter in said
    ]
    return Dialogue(messages=tuple(messages), own_from=own_from)


@pytest.mark.parametrize(
    ("said", "own_from", "expected"),
    [
        ("", 0, []),
        ("u", 0, []),
        ("ua", 0, [(1, 2)]),
        ("suaua", 0, [(2, 3), (4, 5)]),
        ("uctcta", 0, [(1, 6)]),
        ("uaau", 0, [(1, 3)]),
        ("uasua", 0, [(1, 2), (4, 5)]),
        ("usa", 0, [(2, 3)]),  # a reminder behind the question
        ("uasa", 0, [(1, 2)]),
        ("uctuctcta", 0, [(1, 3), (4, 9)]),
    ],
)
def test_a_turn_runs_from_the_answer_to_before_the_next_user_or_system_message(
    said: str, own_from: int, expected: list[tuple[int, int]]
) -> None:
    found = turns(dialogue(said, own_from))

    assert found == [Turn(*turn) for turn in expected]


@pytest.mark.parametrize("said", ["a", "sa", "ta", "tsa"])
def test_an_assistant_message_that_answers_no_user_is_no_turn(said: str) -> None:
    assert turns(dialogue(said)) == []


def test_earlier_answers_of_a_proxys_request_are_context_only() -> None:
    assert turns(dialogue("suaua", own_from=4)) == [Turn(4, 5)]


def test_the_last_call_of_an_agents_turn_counts_for_the_whole_turn() -> None:
    assert turns(dialogue("uaucta", own_from=5)) == [Turn(3, 6)]


def test_a_call_in_the_middle_of_an_agents_turn_counts_for_nothing() -> None:
    assert turns(dialogue("uctc", own_from=3)) == []


def test_a_dialogue_that_is_all_context_has_no_turn() -> None:
    assert turns(dialogue("uaua", own_from=4)) == []


def test_a_turn_that_another_record_closes_costs_no_other_one() -> None:
    assert turns(dialogue("uauac", own_from=3)) == []
    assert turns(dialogue("uauau", own_from=2)) == [Turn(3, 4)]


def test_a_turn_whose_prompt_is_the_records_own_counts_though_nothing_closes_it() -> None:
    assert turns(dialogue("suauctc", own_from=3)) == [Turn(4, 7)]
    assert turns(dialogue("suauctc", own_from=4)) == []
