from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.dialects.otel import said
from foretaste.dialects.said import Unreadable
from foretaste.records import Gap, Message, ToolCall


def message(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(parts), **more}


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def test_texts_calls_and_results_become_messages() -> None:
    call = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Bern"}}
    result = {"type": "tool_call_response", "id": "c1", "response": {"sky": "clear"}}

    found = said(
        [
            message("system", text("Be brief.")),
            message("user", text("Sun?"), name="Ann"),
            message("assistant", {"type": "reasoning", "content": "Ask."}, text("Wait."), call),
            message("tool", result),
            message("assistant", text("Yes."), finish_reason="stop"),
        ]
    )

    called = ToolCall(id="c1", name="weather", arguments='{"city":"Bern"}')
    assert found.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Sun?", name="Ann"),
        Message(role="assistant", content="Wait.", reasoning="Ask.", tool_calls=(called,)),
        Message(role="tool", content='{"sky":"clear"}', tool_call_id="c1"),
        Message(role="assistant", content="Yes."),
    )
    assert found.lost == set()


@pytest.mark.parametrize("key", ["response", "result", "content"])
def test_a_result_is_found_by_its_old_names_too(key: str) -> None:
    found = said([message("tool", {"type": "tool_call_response", "id": "c", key: "r"})])

    assert found.messages == (Message(role="tool", content="r", tool_call_id="c"),)


def test_arguments_stay_the_string_that_the_log_has() -> None:
    call = {"type": "tool_call", "name": "f", "arguments": "{not json"}

    (found,) = said([message("assistant", call)]).messages

    assert found.tool_calls == (ToolCall(id="call_0_0", name="f", arguments="{not json"),)


def test_results_in_one_message_are_messages_of_their_own_and_answer_open_calls_in_order() -> None:
    calls = [{"type": "tool_call", "name": name} for name in "fg"]
    results = [
        {"type": "tool_call_response", "response": [{"type": "text", "text": r}]} for r in "xy"
    ]

    found = said([message("assistant", *calls), message("user", *results, text("And now?"))])

    assert [(m.role, m.content, m.tool_call_id) for m in found.messages[1:]] == [
        ("tool", "x", "call_0_0"),
        ("tool", "y", "call_0_1"),
        ("user", "And now?", None),
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "blob", "mime_type": "image/png", "modality": "image", "content": "aGk="},
        {"type": "file", "modality": "image", "file_id": "f"},
        {"type": "uri", "modality": "image", "uri": "https://example.org/a.png"},
        {"type": "vendor_thing", "data": 1},
    ],
)
def test_what_is_no_text_is_a_lost_attachment(part: dict[str, Any]) -> None:
    found = said([message("user", text("See:"), part), message("user", part)])

    assert [m.content for m in found.messages] == ["See:", ""]
    assert found.lost == {Gap.ATTACHMENTS}


def test_an_unknown_part_with_text_is_text() -> None:
    found = said([message("assistant", {"type": "refusal", "content": "No."}, "Sorry.")])

    assert found == ((Message(role="assistant", content="No.\nSorry."),), frozenset())


def test_hidden_reasoning_is_lost() -> None:
    assert said([message("assistant", {"type": "reasoning"})]).lost == {Gap.REASONING}


def test_what_the_provider_ran_is_a_call_and_its_result_within_the_answer() -> None:
    found = said(
        [
            message(
                "assistant",
                {"type": "server_tool_call", "id": "s", "name": "w", "server_tool_call": {"q": 1}},
                {"type": "server_tool_call_response", "id": "s", "server_tool_call_response": "r"},
                text("So."),
            )
        ]
    )

    assert [m.role for m in found.messages] == ["assistant", "tool", "assistant"]
    assert found.messages[0].tool_calls == (ToolCall(id="s", name="w", arguments='{"q":1}'),)
    assert found.messages[1] == Message(role="tool", content="r", tool_call_id="s")


def test_a_provider_s_call_without_its_result_is_lost() -> None:
    found = said([message("assistant", {"type": "server_tool_call", "id": "s"}, text("So."))])

    assert found.messages == (Message(role="assistant", content="So."),)
    assert found.lost == {Gap.TRUNCATED}


def test_a_summary_is_nobody_s_turn() -> None:
    found = said([message("user", {"type": "compaction", "content": "They met."}, text("Go on."))])

    assert [(m.role, m.content) for m in found.messages] == [
        ("system", "They met."),
        ("user", "Go on."),
    ]
    assert found.lost == {Gap.TRUNCATED}


def test_messages_without_parts_are_read_as_openai_s() -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}

    found = said([{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}])

    assert found.messages[0] == Message(role="user", content="q")
    assert found.messages[1].tool_calls == (ToolCall(id="c", name="f", arguments="{}"),)


@pytest.mark.parametrize(
    "wrong",
    [
        message("secret", text("x")),
        message("assistant", {"type": "tool_call"}),
        message("user", {"type": "tool_call", "name": "f"}),
    ],
)
def test_what_nobody_understands_is_unreadable_and_not_quoted(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as raised:
        said([wrong])
    assert "secret" not in str(raised.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
KEYS = ("content", "text", "id", "name", "arguments", "response", "result", "server_tool_call")
TYPES = ("text", "tool_call", "tool_call_response", "reasoning", "compaction", "server_tool_call")
PARTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3).flatmap(
    lambda part: st.sampled_from(TYPES).map(lambda kind: part | {"type": kind})
)


@given(st.lists(st.lists(PARTS | VALUES, max_size=3), max_size=3))
def test_any_json_in_any_part_is_messages_or_a_known_error(messages: list[list[Any]]) -> None:
    try:
        found = said([message("assistant", *parts) for parts in messages])
    except (Unreadable, msgspec.ValidationError):
        return
    assert all(isinstance(m, Message) for m in found.messages)
