import asyncio

import pytest

from foretaste.adapters.models.recorded import Recorded
from foretaste.errors import ItemFailed, ModelUnavailable
from foretaste.protocols import Reply, Request
from foretaste.records import Dialogue, Message, Role, ScrubbedConversation, Stop, ToolCall


def said(role: Role, content: str) -> Message:
    return Message(role=role, content=content)


def log(*messages: Message, own_from: int = 0, **settings: float) -> ScrubbedConversation:
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        model="next-1",
        stop=Stop.LENGTH,
        own_from=own_from,
    )
    return ScrubbedConversation(parent=str(messages), dialogue=dialogue)


def ask(request: Request, *conversations: ScrubbedConversation) -> Reply:
    async def run() -> Reply:
        async with Recorded(conversations=lambda: conversations) as model:
            return await model(request)

    return asyncio.run(run())


HELLO = said("user", "Hello")
ANSWER = said("assistant", "Hi.")
MORE = said("user", "And?")
LAST = said("assistant", "Nothing.")


def test_the_answer_is_what_followed_the_same_messages() -> None:
    reply = ask(Request(messages=(HELLO, ANSWER, MORE)), log(HELLO, ANSWER, MORE, LAST))

    assert (reply.message, reply.stop, reply.answered_model) == (LAST, Stop.LENGTH, "next-1")


def test_how_an_earlier_turn_ended_is_unknown() -> None:
    reply = ask(Request(messages=(HELLO,)), log(HELLO, ANSWER, MORE, LAST))

    assert (reply.message, reply.stop) == (ANSWER, Stop.UNKNOWN)


def test_a_system_prompt_does_not_count_for_the_match() -> None:
    reply = ask(Request(messages=(said("system", "Be brief."), HELLO)), log(HELLO, ANSWER))

    assert reply.message == ANSWER


def test_other_words_have_no_recorded_answer() -> None:
    with pytest.raises(ItemFailed, match="no recorded answer for this prefix"):
        ask(Request(messages=(MORE,)), log(HELLO, ANSWER))


def test_the_seed_picks_among_several_answers() -> None:
    logs = [log(HELLO, said("assistant", text)) for text in ("a", "b", "c")]
    texts = [ask(Request(messages=(HELLO,), seed=s), *logs).message.content for s in range(6)]

    assert texts == ["a", "b", "c", "a", "b", "c"]


@pytest.mark.parametrize("own_from", [0, 3])
def test_a_history_does_not_answer_where_a_record_ends(own_from: int) -> None:
    history = log(HELLO, said("assistant", "Hey."), MORE, LAST, own_from=own_from)
    logs = [log(HELLO, ANSWER), history]
    texts = {ask(Request(messages=(HELLO,), seed=s), *logs).message.content for s in range(4)}

    assert texts == {"Hi."}


def test_what_a_record_marks_as_history_is_no_answer() -> None:
    with pytest.raises(ItemFailed, match="no recorded answer"):
        ask(Request(messages=(HELLO,)), log(HELLO, ANSWER, MORE, LAST, own_from=3))


def test_of_a_turn_with_tools_the_last_assistant_message_answers() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")
    calling = Message(role="assistant", content="", tool_calls=(call,))
    result = Message(role="tool", content="42", tool_call_id="1")
    reply = ask(Request(messages=(HELLO,)), log(HELLO, calling, result, LAST, MORE))

    assert reply.message == LAST


def test_settings_that_the_record_was_not_made_with_are_dropped() -> None:
    asked = {"temperature": 0.7, "top_p": 1.0, "seed": 3}
    request = Request(messages=(HELLO,), settings=asked)
    reply = ask(request, log(HELLO, ANSWER, temperature=0.7, top_p=0.5))

    assert reply.sent == {"temperature": 0.7, "top_p": 0.5}
    assert reply.dropped == ("seed", "top_p")


def test_a_log_without_answers_makes_the_model_unavailable() -> None:
    with pytest.raises(ModelUnavailable, match="no assistant turn"):
        ask(Request(messages=(HELLO,)), log(HELLO))
