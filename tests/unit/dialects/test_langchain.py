from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.load import dumpd
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    convert_to_openai_messages,
    messages_to_dict,
)
from msgspec import MsgspecError

from foretaste.dialects.langchain import is_message, said
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Gap, Message, ToolCall

TALK: list[AnyMessage] = [
    SystemMessage("be brief"),
    HumanMessage("weather?", name="bob"),
    AIMessage(
        [
            {"type": "thinking", "thinking": "look it up", "signature": "x"},
            {"type": "text", "text": "one moment"},
            {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "here"}},
        ],
        tool_calls=[{"name": "look", "args": {"at": "here"}, "id": "t1"}],
    ),
    ToolMessage("rain", tool_call_id="t1", name="look"),
    AIMessageChunk(content="it rains"),
]
READ = (
    Message(role="system", content="be brief"),
    Message(role="user", content="weather?", name="bob"),
    Message(
        role="assistant",
        content="one moment",
        reasoning="look it up",
        tool_calls=(ToolCall(id="t1", name="look", arguments='{"at":"here"}'),),
    ),
    Message(role="tool", content="rain", name="look", tool_call_id="t1"),
    Message(role="assistant", content="it rains"),
)


def flat(talk: list[AnyMessage]) -> JSON:
    return [message.model_dump(mode="json") for message in talk]


def tracers(talk: list[AnyMessage]) -> JSON:
    """As Langfuse's callback writes them: OpenAI's roles, LangChain's calls."""
    roles = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}
    kept = ("content", "tool_calls", "tool_call_id", "name")
    return [
        {"role": roles.get(data["type"], data["type"]), "additional_kwargs": {}}
        | {name: data[name] for name in kept if data.get(name)}
        for data in flat(talk)
    ]


@pytest.mark.parametrize(
    "form",
    [
        lambda talk: [dumpd(message) for message in talk],
        lambda talk: [[dumpd(message) for message in talk]],
        messages_to_dict,
        flat,
        lambda talk: [flat(talk)],
        tracers,
    ],
    ids=["constructors", "nested", "type and data", "flat", "nested flat", "a tracer's"],
)
def test_every_form_says_the_same(form: Any) -> None:
    written = form(TALK)

    assert said(written).messages == READ
    assert said(written).lost == frozenset()
    assert all(is_message(each) for each in (written[0] if len(written) == 1 else written))


def test_one_message_may_stand_alone() -> None:
    assert said(dumpd(TALK[1])).messages == READ[1:2]


def test_openais_form_among_them_is_read_too() -> None:
    mixed = [dumpd(TALK[0]), *convert_to_openai_messages([TALK[1]])]

    assert said(mixed).messages == READ[:2]


def test_arguments_are_those_that_the_model_wrote() -> None:
    raw = {"id": "z", "type": "function", "function": {"name": "g", "arguments": '{"a":  1'}}
    message = AIMessage(
        "",
        additional_kwargs={"tool_calls": [raw], "reasoning_content": "hm", "refusal": "no"},
        invalid_tool_calls=[{"name": "g", "args": '{"a":  1', "id": "z", "error": "cut off"}],
    )
    found = said(dumpd(message)).messages[0]

    assert found.tool_calls == (ToolCall(id="z", name="g", arguments='{"a":  1'),)
    assert (found.reasoning, found.content) == ("hm", "no")


def test_an_invalid_call_is_a_call() -> None:
    call: Any = {"name": "g", "args": "{bad", "id": "z", "error": "e"}

    found = said(dumpd(AIMessage("", invalid_tool_calls=[call]))).messages[0]

    assert found.tool_calls == (ToolCall(id="z", name="g", arguments="{bad"),)


def test_a_function_answers_the_call_before_it() -> None:
    asks = AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": "{}"}})

    asked, gave = said([dumpd(asks), dumpd(FunctionMessage(name="f", content="r"))]).messages

    assert gave.tool_call_id == asked.tool_calls[0].id


def test_what_only_changes_a_graphs_state_was_not_said() -> None:
    assert said([dumpd(TALK[1]), dumpd(RemoveMessage(id="x"))]).messages == READ[1:2]


def test_a_chat_message_has_a_role_of_its_own() -> None:
    assert said(dumpd(ChatMessage(content="hi", role="developer"))).messages[0].role == "system"
    with pytest.raises(Unreadable, match=r"unknown role at messages\[0\]"):
        said(dumpd(ChatMessage(content="hi", role="critic")))


def test_results_among_the_users_words_are_the_tools() -> None:
    result = {
        "type": "tool_result",
        "tool_use_id": "t1",
        "content": [{"type": "text", "text": "r"}],
    }
    both = HumanMessage([result, {"type": "text", "text": "and?"}])

    assert [(m.role, m.content) for m in said(dumpd(both)).messages] == [
        ("tool", "r"),
        ("user", "and?"),
    ]
    assert [m.role for m in said(dumpd(HumanMessage([result]))).messages] == ["tool"]


@pytest.mark.parametrize(
    ("message", "gap"),
    [
        (HumanMessage([{"type": "image_url", "image_url": {"url": "u"}}]), Gap.ATTACHMENTS),
        (AIMessage("", additional_kwargs={"audio": {"id": "a"}}), Gap.ATTACHMENTS),
        (AIMessage([{"type": "redacted_thinking", "data": "x"}]), Gap.REASONING),
        (
            AIMessage(
                "a",
                usage_metadata={
                    "input_tokens": 1,
                    "output_tokens": 2,
                    "total_tokens": 3,
                    "output_token_details": {"reasoning": 1},
                },
            ),
            Gap.REASONING,
        ),
    ],
)
def test_what_is_lost_is_said(message: BaseMessage, gap: Gap) -> None:
    assert gap in said(dumpd(message)).lost


def test_several_prompts_are_no_conversation() -> None:
    with pytest.raises(Unreadable, match="several prompts"):
        said([[dumpd(TALK[1])], [dumpd(TALK[1])]])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = ("content", "tool_calls", "additional_kwargs", "type", "name", "usage_metadata", "role")


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES), st.booleans())
def test_any_value_in_any_field_is_read_or_refused(extra: dict[str, JSON], wrapped: bool) -> None:
    data = {"type": "ai", "content": "a"} | extra
    with suppress(Unreadable, MsgspecError):
        said([{"lc": 1, "id": ["AIMessage"], "kwargs": data} if wrapped else data])
