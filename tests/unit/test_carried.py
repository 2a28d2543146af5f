from typing import Any

import msgspec
import pytest

from foretaste.carried import Carried, arguments_of, beside, carried, restored
from foretaste.records import Conversation, Dialogue, Gap, Message, Stop, ToolCall

PLAIN = Dialogue(messages=(Message(role="user", content="q"), Message(role="user", content="r")))


def test_nothing_is_put_back_where_nothing_was_carried() -> None:
    assert restored(PLAIN, "k", "u", None) == (PLAIN, "k", "u")


def test_only_what_the_format_does_not_say_is_carried() -> None:
    whole = Dialogue(
        messages=(Message(role="user", content="q", seconds=1.0), PLAIN.messages[1]),
        stop=Stop.FINAL,
        gaps=(Gap.TIME,),
    )
    record = Conversation(dialogue=whole, source="log", line=1, key="k")
    held = carried(record, dialogue=PLAIN, key="k", user=None)

    written = msgspec.json.decode(msgspec.json.encode(held))
    assert written == {"gaps": ["time"], "stop": "final", "messages": {"0": {"seconds": 1.0}}}
    assert beside(held) == ["stop", "messages' seconds"]
    assert restored(PLAIN, "k", None, written) == (whole, "k", None)


def test_one_kind_of_number_is_not_the_other() -> None:
    record = Conversation(
        dialogue=Dialogue(messages=PLAIN.messages, settings={"seed": 1.0}), source="log", line=1
    )
    held = carried(
        record,
        dialogue=Dialogue(messages=PLAIN.messages, settings={"seed": 1}),
        key=None,
        user=None,
    )

    assert held.settings == {"seed": 1.0}


@pytest.mark.parametrize(
    "value",
    [
        7,
        "text",
        [],
        {"unheard": 1},
        {"own_from": 3},
        {"own_from": -1},
        {"stop": "unheard"},
        {"messages": {"2": {"seconds": 1.0}}},
        {"messages": {"x": {}}},
        {"messages": {"0": {"content": "another"}}},
        {"unsaid": [0, 1]},
        {"labels": [{"name": "a"}]},
    ],
)
def test_what_no_writer_wrote_is_refused(value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        restored(PLAIN, None, None, value)


def test_a_message_that_only_the_format_asked_for_is_taken_out_again() -> None:
    found, _, _ = restored(PLAIN, None, None, {"unsaid": [0]})

    assert found.messages == PLAIN.messages[1:]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a": 1}', ({"a": 1}, '{"a":1}')),
        ("[1]", ({}, "{}")),
        ("", ({}, "{}")),
        ("[" * 100_000, ({}, "{}")),
    ],
)
def test_arguments_that_are_no_object_are_an_empty_one(text: str, read: Any) -> None:
    assert arguments_of(ToolCall(id="", name="", arguments=text)) == read


def test_an_empty_note_says_nothing() -> None:
    assert beside(Carried()) == []
