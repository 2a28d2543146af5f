"""Plain chat lists, as people keep them."""

import asyncio
from typing import Any

import pytest
from anthropic.types import TextBlock, ToolUseBlock
from openai.types.chat import ChatCompletionMessage

from foretaste.adapters.histories.chat import Chat
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Gap, Message

WEATHER = {"name": "weather", "description": "What the sky does.", "input_schema": {}}


def read(history: object) -> Conversation | None:
    return asyncio.run(Chat()(history))


def said(history: object) -> list[tuple[str, str, list[str]]]:
    found = read(history)
    assert found is not None
    return [(m.role, m.content, [c.name for c in m.tool_calls]) for m in found.dialogue.messages]


def test_openai_s_objects_stand_among_mappings() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    answer = ChatCompletionMessage.model_validate({"role": "assistant", "tool_calls": [call]})
    history = [
        {"role": "user", "content": "The weather?"},
        answer,
        {"role": "tool", "tool_call_id": "1", "content": "rain"},
        ChatCompletionMessage(role="assistant", content="Rain."),
    ]

    assert said(history) == [
        ("user", "The weather?", []),
        ("assistant", "", ["weather"]),
        ("tool", "rain", []),
        ("assistant", "Rain.", []),
    ]


def test_anthropic_s_blocks_stand_in_a_request_with_its_system_prompt_and_tools() -> None:
    failed = {"type": "tool_result", "tool_use_id": "1", "content": "no sky", "is_error": True}
    text = TextBlock(type="text", text="I look.")
    use = ToolUseBlock(type="tool_use", id="1", name="weather", input={})
    body = {
        "model": "claude-next",
        "system": "Be brief.",
        "tools": [WEATHER],
        "max_tokens": 9,
        "messages": [
            {"role": "user", "content": "The weather?"},
            {"role": "assistant", "content": [text, use]},
            {"role": "user", "content": [failed]},
        ],
    }

    assert said(body) == [
        ("system", "Be brief.", []),
        ("user", "The weather?", []),
        ("assistant", "I look.", ["weather"]),
        ("tool", "Error: no sky", []),
    ]
    found = read(body)
    assert found is not None
    assert (found.dialogue.settings, found.dialogue.model) == ({"max_tokens": 9}, "claude-next")
    assert found.dialogue.tools[0]["function"]["name"] == "weather"
    assert found.dialogue.gaps == ()


def test_our_own_records_are_taken_as_they_are() -> None:
    message = Message(role="user", content="Hi")
    whole = Conversation(dialogue=Dialogue(messages=(message,)), source="log", line=1)

    assert said([message]) == [("user", "Hi", [])]
    assert read(whole) is whole


def test_a_picture_is_a_gap() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:"}}

    found = read([{"role": "user", "content": [{"type": "text", "text": "What?"}, picture]}])

    assert found is not None
    assert Gap.ATTACHMENTS in found.dialogue.gaps


@pytest.mark.parametrize(
    "history",
    [None, "Hi", 3, [], {}, ["Hi"], [{"content": "Hi"}], {"messages": []}, [object]],
    ids=repr,
)
def test_what_has_no_roles_is_not_taken(history: object) -> None:
    assert read(history) is None


@pytest.mark.parametrize("wrong", ["wizard", ""])
def test_a_role_that_nobody_knows_is_refused(wrong: str) -> None:
    messages: list[Any] = [{"role": wrong, "content": "my secret"}]

    with pytest.raises(Unreadable) as caught:
        read(messages)
    assert "secret" not in str(caught.value)
