"""Messages of a ChatGPT export along one path."""

from typing import Any

import msgspec
import pytest

from foretaste.dialects.chatgpt import Node, Path, path_of
from foretaste.records import Gap, Message, Stop, ToolCall
from formats.chatgpt import message


def path(*raw: dict[str, Any]) -> Path:
    return path_of(msgspec.convert(list(raw), list[Node]))


def content(kind: str, **more: Any) -> dict[str, Any]:
    return {"content_type": kind, **more}


ASKED = message("user", "q")
HIDDEN = {"is_visually_hidden_from_conversation": True}


def test_what_is_said_to_a_tool_is_a_call_and_what_it_says_next_the_result() -> None:
    code = message("assistant", "", content=content("code", text="1+1"), recipient="python")
    output = message("tool", "", name="python", content=content("execution_output", text="2"))

    found = path(ASKED, code | {"id": "c1"}, output, message("assistant", "Two."))

    assert found.messages == (
        Message(role="user", content="q"),
        Message(
            role="assistant",
            content="",
            tool_calls=(ToolCall(id="c1", name="python", arguments="1+1"),),
        ),
        Message(role="tool", content="2", name="python", tool_call_id="c1"),
        Message(role="assistant", content="Two."),
    )
    assert found.places == (0, 1, 2, 3)
    assert found.stop is Stop.FINAL


def test_several_messages_of_a_tool_are_one_result() -> None:
    browse = message("assistant", 'search("x")', recipient="browser")
    quote = content("tether_quote", url="u", domain="d", title="t", text="said there")
    shown = content("tether_browsing_display", result="a list", summary=None)

    found = path(
        ASKED,
        browse,
        message("tool", "", name="browser", content=shown),
        message("tool", "", name="browser", content=quote),
    )

    assert found.messages[-1].content == "a list\n\nsaid there"
    assert found.places == (0, 1, 2, 2)


def test_thoughts_are_the_reasoning_of_the_answer_behind_them() -> None:
    thoughts = [{"summary": "s", "content": "First."}, {"summary": "Then.", "content": ""}]
    recap = content("reasoning_recap", content="Thought for 5s")

    found = path(
        ASKED,
        message("assistant", "", content=content("thoughts", thoughts=thoughts)),
        message("assistant", "", content=recap),
        message("assistant", "a"),
    )

    assert found.messages[1] == Message(role="assistant", content="a", reasoning="First.\n\nThen.")
    assert Gap.REASONING not in found.lost


def test_a_recap_without_thoughts_shows_that_they_are_lost() -> None:
    recap = message("assistant", "", content=content("reasoning_recap", content="5s"))

    assert path(ASKED, recap, message("assistant", "a")).lost == {Gap.REASONING}


def test_custom_instructions_and_memory_are_system_messages() -> None:
    mine = content("user_editable_context", user_profile="I cook.", user_instructions="Be short.")
    memory = content("model_editable_context", model_set_context="Likes tea.")

    found = path(
        message("system", "", weight=0.0),
        message("user", "", content=mine, metadata=HIDDEN),
        message("assistant", "", content=memory),
        ASKED,
    )

    assert [(one.role, one.content) for one in found.messages] == [
        ("system", "I cook.\n\nBe short."),
        ("system", "Likes tea."),
        ("user", "q"),
    ]
    assert found.places == (None, 0, 1, 2)


def test_what_the_interface_added_unseen_is_no_turn_of_the_user() -> None:
    found = path(message("user", "Start with a greeting.", metadata=HIDDEN), ASKED)

    assert [one.role for one in found.messages] == ["system", "user"]


def test_a_text_of_no_weight_is_left_out_but_not_a_call() -> None:
    call = message("assistant", "x", recipient="bio", weight=0)

    found = path(ASKED, message("assistant", "draft", weight=0), call)

    assert [(one.content, len(one.tool_calls)) for one in found.messages] == [("q", 0), ("", 1)]


def test_one_answer_in_several_messages_is_one() -> None:
    cut = {"model_slug": "m", "finish_details": {"type": "max_tokens"}}

    found = path(
        ASKED,
        message("assistant", "one t", metadata=cut, end_turn=None),
        message("assistant", "wo", end_turn=False),
        message("assistant", "three"),
        message("assistant", "go", recipient="python", id="c"),
    )

    assert found.messages[1:] == (
        Message(
            role="assistant",
            content="one two\n\nthree",
            tool_calls=(ToolCall(id="c", name="python", arguments="go"),),
        ),
    )
    assert found.places == (0, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"metadata": {"finish_details": {"type": "max_tokens"}}}, Stop.LENGTH),
        ({"metadata": {"finish_details": {"type": "stop"}}}, Stop.FINAL),
        ({"metadata": {"finish_details": {"type": "interrupted"}}}, Stop.UNKNOWN),
        ({"metadata": {"finish_details": {"type": []}}}, Stop.FINAL),
        ({"metadata": 7, "end_turn": True}, Stop.FINAL),
        ({"end_turn": None}, Stop.UNKNOWN),
        ({"recipient": "python"}, Stop.UNKNOWN),
    ],
)
def test_how_the_last_answer_ended_is_read(more: dict[str, Any], expected: Stop) -> None:
    assert path(ASKED, message("assistant", "a", **more)).stop is expected


def test_pictures_and_attached_files_are_lost_but_speech_is_text() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    speech = {"content_type": "audio_transcription", "text": "hello"}

    def lost(*parts: Any) -> frozenset[Gap]:
        given = content("multimodal_text", parts=list(parts))
        return path(message("user", "", content=given)).lost

    assert lost(picture, "what is it?") == {Gap.ATTACHMENTS}
    assert lost(speech, None) == frozenset()
    assert path(message("user", "q", metadata={"attachments": [{"id": "f"}]})).lost
    assert path(message("user", "", content=content("multimodal_text", parts=[picture]))).messages


def test_a_tool_that_nobody_called_gives_context() -> None:
    found = path(message("tool", "page 1", name="myfiles_browser"), ASKED)

    assert [(one.role, one.content) for one in found.messages] == [
        ("system", "page 1"),
        ("user", "q"),
    ]


def test_an_error_of_a_tool_is_its_result() -> None:
    error = content("system_error", name="tool_error", text="timeout")

    found = path(
        ASKED,
        message("assistant", "x", recipient="browser"),
        message("tool", "", name="browser", content=error),
    )

    assert found.messages[-1].content == "timeout"


def test_a_content_in_a_form_that_nobody_knows_is_an_attachment() -> None:
    assert path(ASKED, message("tool", "", content=content("new", widget={"a": 1}))).lost == {
        Gap.ATTACHMENTS
    }


def test_the_model_is_that_of_the_last_answer() -> None:
    first = message("assistant", "a", metadata={"model_slug": "one"})
    last = message("assistant", "b", metadata={"model_slug": "two"})

    assert path(ASKED, first, ASKED, last, message("assistant", "c", metadata={})).model == "two"
