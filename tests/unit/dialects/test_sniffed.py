import json
from contextlib import suppress
from typing import Any

import pytest
from anthropic.types import Message as Answer
from anthropic.types import TextBlock, ToolUseBlock, Usage
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, HumanMessage
from msgspec import MsgspecError
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice

from foretaste.dialects.said import Unreadable
from foretaste.dialects.sniffed import Sniffed, answered, asked
from foretaste.records import JSON, Gap, Stop

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def shown(found: Sniffed) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in found.messages]


HELLO = [("system", "s"), ("user", "hi")]


@pytest.mark.parametrize(
    "content",
    [
        [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}],
        {"messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": "hi"}]},
        {"messages": [[{"type": "system", "content": "s"}, {"type": "human", "content": "hi"}]]},
        {"system": "s", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 9},
        {
            "system": [{"type": "text", "text": "s"}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        },
        [
            {"role": "system", "parts": [{"type": "text", "content": "s"}]},
            {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
        ],
        {"instructions": "s", "input": [{"role": "user", "content": "hi"}]},
        {
            "input": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
            ]
        },
        {
            "input": [
                {"type": "message", "role": "system", "content": "s"},
                {"type": "message", "role": "user", "content": "hi"},
            ]
        },
        {
            "args": 1,
            "input": {"messages": [{"role": "system", "content": "s"}, dumpd(HumanMessage("hi"))]},
        },
    ],
    ids=range(10),
)
def test_a_request_in_any_dialect_is_read_as_an_object_and_as_text(content: JSON) -> None:
    assert shown(asked(content)) == HELLO
    assert shown(asked(json.dumps(content))) == HELLO


@pytest.mark.parametrize(
    "content",
    ["hi", ["hi"], {"prompts": ["hi"]}, {"input": "hi"}, {"prompt": "hi", "max_tokens": 1}],
)
def test_a_plain_text_is_the_users(content: JSON) -> None:
    assert shown(asked(content)) == [("user", "hi")]


COMPLETION = ChatCompletion(
    id="c",
    created=1,
    model="gpt-x",
    object="chat.completion",
    choices=[
        Choice(
            index=0,
            finish_reason="length",
            message=ChatCompletionMessage(role="assistant", content="yo"),
        )
    ],
).model_dump(mode="json")
SAID = AIMessage("yo", response_metadata={"finish_reason": "length", "model_name": "gpt-x"})
LANGCHAIN = {"generations": [[{"text": "yo", "message": dumpd(SAID)}]]}
ANTHROPICS = Answer(
    id="m",
    type="message",
    role="assistant",
    model="gpt-x",
    stop_reason="max_tokens",
    usage=Usage(input_tokens=1, output_tokens=1),
    content=[TextBlock(type="text", text="yo")],
).model_dump(mode="json")


@pytest.mark.parametrize("content", [COMPLETION, LANGCHAIN, ANTHROPICS], ids=["o", "l", "a"])
def test_a_response_says_what_how_it_ended_and_by_whom(content: JSON) -> None:
    found = answered(content)

    assert shown(found) == [("assistant", "yo")]
    assert (found.stop, found.model) == (Stop.LENGTH, "gpt-x")


@pytest.mark.parametrize(
    "content",
    [
        "yo",
        {"role": "assistant", "content": "yo"},
        {"role": None, "content": "yo"},
        [{"role": "assistant", "content": "yo"}],
        {"message": {"role": "assistant", "content": "yo"}},
        {"messages": [{"type": "ai", "content": "yo"}]},
        [{"type": "text", "text": "yo"}],
        {"output": "yo"},
        {"output": [{"type": "message", "role": "assistant", "content": "yo"}]},
        [{"role": "assistant", "parts": [{"type": "text", "content": "yo"}]}],
        {"generations": [{"text": "yo"}]},
        {"choices": [{"text": "yo"}]},
    ],
    ids=range(12),
)
def test_an_answer_in_any_dialect_is_the_assistants(content: JSON) -> None:
    assert shown(answered(content)) == [("assistant", "yo")]


def test_calls_of_a_tool_are_found_in_a_content_without_its_message() -> None:
    block = ToolUseBlock(type="tool_use", id="t", name="f", input={"a": 1}).model_dump(mode="json")

    assert [(c.id, c.name) for c in answered([block]).messages[0].tool_calls] == [("t", "f")]


def test_json_that_a_model_was_asked_for_stays_its_text() -> None:
    assert shown(answered('{"answer": 42}')) == [("assistant", '{"answer": 42}')]
    assert shown(answered({"a": 1, "b": 2})) == [("assistant", '{"a":1,"b":2}')]
    assert shown(answered("[1, 2]")) == [("assistant", "[1, 2]")]


def test_a_bodys_tools_and_settings_are_kept() -> None:
    messages = [{"role": "user", "content": "hi"}]
    by_anthropic = {"name": "f", "input_schema": {"type": "object"}}

    for tools in ({"tools": [TOOL]}, {"functions": [TOOL["function"]]}, {"tools": [by_anthropic]}):
        assert asked({"messages": messages, **tools}).tools == (TOOL,)
    found = asked({"messages": messages, "temperature": 0.2, "model": "m"})
    assert (found.settings, found.model) == ({"temperature": 0.2}, "m")


def test_tools_that_langfuses_callback_wrote_as_messages_are_tools() -> None:
    found = asked([{"role": "user", "content": "hi"}, {"role": "tool", "content": TOOL}])

    assert (shown(found), found.tools) == ([("user", "hi")], (TOOL,))


def test_reasoning_that_was_paid_and_is_not_there_is_lost() -> None:
    usage = {"completion_tokens_details": {"reasoning_tokens": 5}}

    assert answered(COMPLETION | {"usage": usage}).lost == {Gap.REASONING}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no content"),
        ("", "no content"),
        ({}, "no content"),
        ({"a": 1}, "no known form"),
        ([1], "no known form"),
        (["a", "b"], "several prompts"),
        ([["a"], ["b"]], "several prompts"),
        ({"input": {"input": {"input": {"input": {"input": {"input": {"input": "a"}}}}}}}, "deep"),
        ('[{"role": "user", "content": "h', "cut off"),
        ('{"messages": [{"role": "us', "cut off"),
    ],
)
def test_what_is_in_no_known_form_is_refused(content: JSON, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        asked(content)


NAMES = st.sampled_from(
    [
        *("role", "content", "type", "messages", "input", "output", "choices", "message", "lc"),
        *("generations", "text", "parts", "tools", "system", "kwargs", "data", "usage", "model"),
        *("tool_calls", "instructions", "response_metadata", "additional_kwargs", "functions"),
    ]
)
TEXTS = st.sampled_from(["user", "assistant", "ai", "human", "text", "tool", "message", "[", '{"a'])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(ANY, st.booleans())
def test_any_json_is_read_or_refused(content: JSON, as_text: bool) -> None:
    value: Any = json.dumps(content) if as_text else content
    for read in (asked, answered):
        with suppress(Unreadable, MsgspecError):
            assert read(value).messages
