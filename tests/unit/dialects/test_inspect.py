import pytest
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentImage,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall as InspectCall
from inspect_ai.tool import ToolCallError

from foretaste.dialects import inspect
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import Gap, Message, ToolCall


def said(*messages: ChatMessage) -> Said:
    return inspect.said([message.model_dump(mode="json") for message in messages])


def test_every_role_and_its_calls_are_read() -> None:
    called = InspectCall(id="c", function="add", arguments={"x": 1})
    found = said(
        ChatMessageSystem(content="s"),
        ChatMessageUser(content=[ContentText(text="a"), ContentText(text="b")]),
        ChatMessageAssistant(content="", tool_calls=[called]),
        ChatMessageTool(content="1", tool_call_id="c", function="add"),
    )

    call = ToolCall(id="c", name="add", arguments='{"x":1}')
    assert found.messages == (
        Message(role="system", content="s"),
        Message(role="user", content="a\nb"),
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="1", tool_call_id="c", name="add"),
    )
    assert found.lost == set()


def test_an_error_of_a_tool_is_what_the_model_was_shown() -> None:
    error = ToolCallError(type="timeout", message="took too long")
    (message,) = said(ChatMessageTool(content="", tool_call_id="c", error=error)).messages

    assert message.content == "took too long"


def test_thinking_is_no_text_and_what_is_hidden_of_it_is_a_gap() -> None:
    open_, hidden = (
        ContentReasoning(reasoning="hm"),
        ContentReasoning(reasoning="x7Kq", summary="in short", redacted=True),
    )
    plain = said(ChatMessageAssistant(content=[open_, ContentText(text="a")]))
    redacted = said(ChatMessageAssistant(content=[hidden, ContentText(text="a")]))

    assert [(m.content, m.reasoning) for m in plain.messages] == [("a", "hm")]
    assert plain.lost == set()
    assert [(m.content, m.reasoning) for m in redacted.messages] == [("a", "in short")]
    assert redacted.lost == {Gap.REASONING}


def test_pictures_are_gaps() -> None:
    found = said(ChatMessageUser(content=[ContentImage(image="data:,"), ContentText(text="a")]))

    assert [message.content for message in found.messages] == ["a"]
    assert found.lost == {Gap.ATTACHMENTS}


def test_texts_that_were_moved_away_are_put_back_anywhere() -> None:
    moved = {"role": "user", "content": [{"type": "text", "text": "attachment://ab"}]}

    back = inspect.restored([moved, {"n": 1}], {"ab": "long text"})

    assert back == [{"role": "user", "content": [{"type": "text", "text": "long text"}]}, {"n": 1}]
    assert inspect.said([back[0]]).lost == set()


def test_a_reference_that_leads_nowhere_is_a_gap() -> None:
    assert inspect.said([{"role": "user", "content": "attachment://ab"}]).lost == {Gap.TRUNCATED}


def test_attachments_cannot_make_a_record_larger_than_any_should_be() -> None:
    with pytest.raises(Unreadable, match="attachments"):
        inspect.restored(["attachment://ab"] * 100, {"ab": "x" * (1 << 20)})


def test_an_unknown_role_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"unknown role at messages\[0\]"):
        inspect.said([{"role": "secret", "content": ""}])
