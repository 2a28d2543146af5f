from typing import Any

import pytest

from foretaste.adapters.readers.calls import Call, Finding, Ran, answer, chains, conversations
from foretaste.dialects.said import Unreadable
from foretaste.dialects.sniffed import Sniffed
from foretaste.records import Conversation, Dialogue, Label, Message, ToolCall
from foretaste.turns import turns


def user(text: str) -> Message:
    return Message(role="user", content=text)


def says(text: str, *calls: ToolCall) -> Message:
    return Message(role="assistant", content=text, tool_calls=calls)


def call(id_: str, *messages: Message, **more: Any) -> Call:
    """A call whose answer is the last message."""
    return Call(
        id=id_,
        above=more.pop("above", ("t",)),
        asked=Sniffed(messages[:-1]),
        answered=Sniffed(messages[-1:]),
        settings={},
        tools=(),
        model=None,
        started_at=None,
        tags={},
        user=None,
        source="log",
        number=1,
        **more,
    )


def made(calls: list[Call], *findings: Finding, ran: tuple[Ran, ...] = ()) -> list[Dialogue]:
    found = conversations("s", calls, findings, ran)
    return [each.dialogue for each in found if isinstance(each, Conversation)]


def ids(calls: list[Call]) -> list[list[str]]:
    return [[each.id for each in chain] for chain in chains(calls)]


def test_a_call_joins_the_longest_that_its_input_begins_with() -> None:
    first = call("1", user("a"), says("b"))
    second = call("2", user("a"), says("b"), user("c"), says("d"))
    third = call("3", user("a"), says("b"), user("c"), says("d"), user("e"), says("f"))
    branch = call("4", user("a"), says("b"), user("C"), says("D"))

    assert ids([first, second, third, branch]) == [["1", "2", "3"], ["4"]]


def test_a_system_prompt_may_change_and_white_space_too() -> None:
    clock = [Message(role="system", content=f"it is {n}") for n in (1, 2)]
    first = call("1", clock[0], user("a"), says("b"))
    second = call("2", clock[1], user("a"), says(" b\n"), user("c"), says("d"))

    (dialogue,) = made([first, second], Finding("1", Label(name="x", value=True)))
    assert [m.content for m in dialogue.messages] == ["it is 2", "a", " b\n", "c", "d"]
    assert dialogue.labels[0].message == 2


def test_an_answer_that_was_changed_afterwards_is_no_beginning() -> None:
    calls = [call("1", user("a"), says("b")), call("2", user("a"), says("B"), user("c"), says("d"))]

    assert ids(calls) == [["1"], ["2"]]
    assert [len(turns(dialogue)) for dialogue in made(calls)] == [1, 1]


def test_a_lone_call_of_a_longer_turn_counts_no_turn() -> None:
    asks = says("", ToolCall(id="c", name="f", arguments="{}"))

    (dialogue,) = made([call("1", user("a"), asks)])
    assert turns(dialogue) == []


def test_a_finding_goes_to_one_conversation_only() -> None:
    label = Label(name="x", value=1.0)
    calls = [
        call("1", user("a"), says("b")),
        call("2", user("sub"), says("r"), is_within_tool=True),
        call("3", user("z"), says("y"), above=("other",)),
    ]

    found = made(calls, Finding("t", label), Finding("2", label), Finding("nobody", label))

    assert [[each.message for each in d.labels] for d in found] == [[None], [1], []]


def test_runs_of_tools_are_matched_by_call_or_in_order() -> None:
    names = ("f", "f", "g", "h")
    asks = says("", *(ToolCall(id=str(n), name=x, arguments="") for n, x in enumerate(names)))
    gave = [Message(role="tool", content="r", tool_call_id=str(n)) for n in range(4)]
    ran = (Ran("f", None, 1.0), Ran("f", None, 2.0), Ran("g", "2", 3.0), Ran("h", None, 4.0))

    (dialogue,) = made([call("1", user("a"), asks, *gave, says("b"))], ran=ran)
    assert [m.seconds for m in dialogue.messages if m.role == "tool"] == [1.0, 2.0, 3.0, 4.0]

    (dialogue,) = made([call("1", user("a"), asks, *gave, says("b"))], ran=ran[1:])
    assert [m.seconds for m in dialogue.messages if m.role == "tool"] == [None, None, 3.0, 4.0]


def test_a_state_that_repeats_what_was_asked_is_cut_to_the_answer() -> None:
    asked = Sniffed((user("a"),))

    assert answer(asked, Sniffed((user("a"), says("b")))).messages == (says("b"),)
    with pytest.raises(Unreadable, match="not the assistant's"):
        answer(asked, Sniffed((user("b"),)))
