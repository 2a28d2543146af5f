import asyncio
from typing import Any

import pytest

from foretaste.adapters.simulators.database import Database, DatabaseSession, answered
from foretaste.errors import LogError
from foretaste.protocols import ToolAnswer
from foretaste.records import Dialogue, Message, Prefix, ScrubbedConversation, ToolCall
from unit.rows import said, user


def call(arguments: str, name: str = "look", number: str = "1") -> ToolCall:
    return ToolCall(id=number, name=name, arguments=arguments)


def turn(place: str, answer: str, number: str = "1") -> tuple[Message, ...]:
    asked = Message(
        role="assistant", content="", tool_calls=(call(f'{{"at": "{place}"}}', number=number),)
    )
    return (asked, Message(role="tool", content=answer, tool_call_id=number), said("Done."))


def talk(name: str, *messages: Message) -> ScrubbedConversation:
    return ScrubbedConversation(parent=name, dialogue=Dialogue(messages=messages))


ONE = talk("one", user("Look!"), *turn("cellar", "dark"), user("And?"), *turn("attic", "books"))
TWO = talk("two", user("Please look."), *turn("cellar", "bright"))


def prefix_of(talk: ScrubbedConversation, parent: str = "") -> Prefix:
    """The first turn, cut off."""
    said = talk.dialogue.messages
    return Prefix(
        parent=parent or talk.id, turn=1, turns=1, user="u", messages=said[:1], recorded=said[1:4]
    )


def opened(prefix: Prefix, *talks: ScrubbedConversation, **more: Any) -> DatabaseSession:
    async def enter() -> DatabaseSession:
        async with Database(conversations=lambda: talks, **more) as database:
            return database(prefix)

    return asyncio.run(enter())


def asked(session: DatabaseSession, arguments: str, name: str = "look") -> ToolAnswer | None:
    return asyncio.run(session(call(arguments, name)))


STRANGER = prefix_of(talk("three", user("Well?"), said("No.")))


def test_the_same_call_gets_the_earlier_answer_and_says_how_many_agree() -> None:
    session = opened(STRANGER, ONE, TWO)

    assert asked(session, '{ "at":"attic"}') == ToolAnswer(
        "books", "database", "the same call got this answer 1 of 1 times"
    )
    assert asked(session, '{"at": "cellar"}') == ToolAnswer(
        "bright", "database", "the same call got this answer 1 of 2 times"
    )


def test_any_other_call_stays_open() -> None:
    session = opened(STRANGER, ONE, TWO)

    assert asked(session, '{"at": "roof"}') is None
    assert asked(session, '{"at": "attic"}', "burn") is None
    assert asked(session, '{"at": "attic"') is None


def test_with_fuzzy_the_nearest_call_answers_and_says_so() -> None:
    session = opened(STRANGER, ONE, TWO, fuzzy=True)

    found = asked(session, '{"at": "attic", "lamp": true}')
    assert found is not None
    assert found.content == "books"
    assert "nearest" in found.why
    assert asked(session, '{"at": "attic"}', "burn") is None


@pytest.mark.parametrize("parent", ["", "another name, since it came from another file"])
def test_a_conversation_does_not_answer_itself(parent: str) -> None:
    own = prefix_of(ONE, parent)

    alone = opened(own, ONE, TWO, fuzzy=True)
    assert getattr(asked(alone, '{"at": "cellar"}'), "content", None) == "bright"
    assert [each.response for each in alone.examples(call('{"at": "attic"}'))] == ["bright"]
    asking = opened(own, ONE, TWO, own=True)
    assert getattr(asked(asking, '{"at": "attic"}'), "content", None) == "books"


def test_the_same_question_with_another_answer_is_another_conversation() -> None:
    again = talk("again", user("Look!"), *turn("cellar", "damp"))

    assert getattr(asked(opened(prefix_of(ONE), again), '{"at": "cellar"}'), "content", 0) == "damp"


def test_examples_are_the_nearest_calls_with_their_answers() -> None:
    session = opened(STRANGER, ONE, TWO)

    first, second = session.examples(call('{"at": "the attic"}'))
    assert (first.arguments, first.response) == ('{"at":"attic"}', "books")
    assert second.response == "bright"


def test_calls_without_an_answer_are_not_kept() -> None:
    twice = Message(role="assistant", content="", tool_calls=(call("{}"), call("[]", number="2")))
    late = Message(role="tool", content="late", tool_call_id="2")
    stray = Message(role="tool", content="stray", tool_call_id="7")

    (only,) = answered((twice, stray, late, late), "s")
    assert (only.tool, only.arguments, only.response) == ("look", "[]", "late")


def test_a_corpus_without_tool_calls_is_refused() -> None:
    with pytest.raises(LogError, match="no tool call"):
        opened(STRANGER, talk("chat", user("Hello?"), said("Hello.")))


def test_a_database_that_was_not_entered_answers_nothing() -> None:
    with pytest.raises(LogError, match="not read"):
        Database(conversations=lambda: (ONE,))(STRANGER)


def test_what_a_proxy_repeats_as_context_is_counted_once() -> None:
    whole = (user("Look!"), *turn("cellar", "dark"))
    parts = [
        ScrubbedConversation(parent=str(n), dialogue=Dialogue(messages=whole[:n], own_from=n - 1))
        for n in (2, 4)
    ]

    found = asked(opened(STRANGER, *parts), '{"at": "cellar"}')
    assert found is not None
    assert found.why.endswith("1 of 1 times")
