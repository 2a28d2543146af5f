"""OpenAI chat logs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk

from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Message, Stop, ToolCall
from foretaste.turns import Turn, turns

USER = {"role": "user", "content": "hi"}
ANSWER = {"role": "assistant", "content": "hello"}
CALLED = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a": 1'}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def one(log: Path, record: Any) -> Conversation | Failure:
    log.write_text(json.dumps(record))
    (found,) = OpenAIChat(path=str(log))()
    return found


def said(log: Path, record: Any) -> Dialogue:
    found = one(log, record)
    assert isinstance(found, Conversation), found
    return found.dialogue


def reason(log: Path, record: Any) -> str:
    found = one(log, record)
    assert isinstance(found, Failure)
    return found.reason


def pair(answer: dict[str, Any] | None = None, **response: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": answer or ANSWER, "finish_reason": "stop"}
    return {
        "request": {"model": "m", "messages": [USER, ANSWER, USER], "temperature": 0.5},
        "response": {"id": "r1", "model": "m-1", "created": 1, "choices": [choice], **response},
    }


def test_messages_keep_role_name_and_text(log: Path) -> None:
    found = said(log, {"messages": [{"role": "developer", "content": "be kind"}, USER, ANSWER]})

    assert found.messages == (
        Message(role="system", content="be kind"),
        Message(role="user", content="hi"),
        Message(role="assistant", content="hello"),
    )
    assert (found.own_from, found.stop) == (0, Stop.UNKNOWN)


def test_text_parts_are_joined_and_other_parts_are_a_gap(log: Path) -> None:
    parts = [{"type": "text", "text": "a"}, "b", {"type": "image_url", "image_url": {"url": "x"}}]
    found = said(log, {"messages": [{"role": "user", "content": parts}, ANSWER]})

    assert found.messages[0].content == "a\nb"
    assert Gap.ATTACHMENTS in found.gaps


def test_text_alone_is_no_attachment(log: Path) -> None:
    parts = [{"type": "text", "text": ""}, {"type": "refusal", "refusal": "no"}]
    found = said(log, {"messages": [USER, {"role": "assistant", "content": parts}]})

    assert found.messages[1].content == "no"
    assert Gap.ATTACHMENTS not in found.gaps


def test_a_refusal_is_what_the_model_said(log: Path) -> None:
    refused = {"role": "assistant", "content": None, "refusal": "I cannot"}

    assert said(log, {"messages": [USER, refused]}).messages[1].content == "I cannot"


def test_tool_calls_keep_their_arguments_as_written(log: Path) -> None:
    custom = {"id": "c2", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [CALLED, custom]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "r"}
    found = said(log, {"messages": [USER, asked, result]})

    assert found.messages[1].tool_calls == (
        ToolCall(id="c1", name="look", arguments='{"a": 1'),
        ToolCall(id="c2", name="shell", arguments="ls"),
    )
    assert found.messages[2].tool_call_id == "c1"
    assert Gap.TOOLS in found.gaps


def test_a_legacy_function_call_is_paired_with_its_result(log: Path) -> None:
    asked = {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "f", "arguments": "{}"},
    }
    result = {"role": "function", "name": "f", "content": "r"}
    schema = {"name": "f", "parameters": {}}
    found = said(log, {"messages": [USER, asked, result], "functions": [schema]})

    assert found.messages[1].tool_calls[0].id == found.messages[2].tool_call_id
    assert found.messages[2].role == "tool"
    assert found.tools == ({"type": "function", "function": schema},)
    assert Gap.TOOLS not in found.gaps


def test_arguments_that_were_stored_as_an_object_become_json_text(log: Path) -> None:
    call = {"function": {"name": "f", "arguments": {"a": [1]}}}
    found = said(log, {"messages": [USER, {"role": "assistant", "tool_calls": [call]}]})

    assert found.messages[1].tool_calls == (
        ToolCall(id="call_1_0", name="f", arguments='{"a":[1]}'),
    )


def test_a_proxys_pair_counts_only_the_new_answer(log: Path) -> None:
    found = one(log, pair())

    assert isinstance(found, Conversation)
    assert len(found.dialogue.messages) == 4
    assert turns(found.dialogue) == [Turn(3, 4)]
    assert found.dialogue.model == "m-1"
    assert found.dialogue.settings == {"temperature": 0.5}
    assert found.dialogue.started_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert found.key == "r1"


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("stop", Stop.FINAL),
        ("length", Stop.LENGTH),
        ("content_filter", Stop.FILTERED),
        ("tool_calls", Stop.UNKNOWN),
        (None, Stop.UNKNOWN),
    ],
)
def test_the_finish_reason_says_how_the_turn_ended(
    finish: str | None, stop: Stop, log: Path
) -> None:
    record = pair(choices=[{"message": ANSWER, "finish_reason": finish}])

    assert said(log, record).stop is stop


def test_a_stored_completion_with_its_messages_is_a_pair(log: Path) -> None:
    choices = [{"message": ANSWER, "finish_reason": "stop"}]
    found = said(log, {"id": "x", "messages": [USER], "choices": choices, "top_p": 1})

    assert (len(found.messages), found.own_from, found.settings) == (2, 1, {"top_p": 1})


def test_reasoning_that_was_paid_for_and_is_not_there_is_a_gap(log: Path) -> None:
    usage = {"completion_tokens_details": {"reasoning_tokens": 9}}

    assert Gap.REASONING in said(log, pair(usage=usage)).gaps
    assert Gap.REASONING not in said(log, pair({**ANSWER, "reasoning": "so"}, usage=usage)).gaps


def test_settings_are_taken_from_all_places_by_openais_names(log: Path) -> None:
    found = said(
        log,
        {
            "messages": [USER, ANSWER],
            "seed": 3,
            "stop": None,
            "params": {"max_new_tokens": 5, "typical_p": 0.9, "stream": True},
            "settings": {"temperature": 0},
        },
    )

    assert found.settings == {"seed": 3, "max_tokens": 5, "typical_p": 0.9, "temperature": 0}
    assert Gap.SETTINGS not in found.gaps


def test_metadata_scalars_are_tags_without_user_ids(log: Path) -> None:
    metadata = {"n": 1, "s": "x", "b": True, "f": 0.5, "l": [1], "user_id": "u1", "none": None}
    found = one(log, {"messages": [USER, ANSWER], "metadata": metadata})

    assert isinstance(found, Conversation)
    assert found.dialogue.tags == {"n": "1", "s": "x", "b": "true"}
    assert found.user == "u1"


@pytest.mark.parametrize(
    "named",
    [{"user": "u"}, {"user_id": "u"}, {"safety_identifier": "u"}, {"request": {"user": "u"}}],
)
def test_a_user_is_found_by_any_of_its_names(named: dict[str, Any], log: Path) -> None:
    if "request" in named:
        named = {"request": {"messages": [USER, ANSWER], **named["request"]}}
    found = one(log, {"messages": [USER, ANSWER], **named})

    assert isinstance(found, Conversation)
    assert found.user == "u"
    assert Gap.USER not in found.dialogue.gaps


def test_a_bare_conversation_says_all_that_it_lacks(log: Path) -> None:
    found = said(log, {"messages": [USER, ANSWER]})

    assert found.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.MODEL, Gap.TIME, Gap.USER)


def test_text_that_the_log_has_cut_is_a_gap(log: Path) -> None:
    cut = {"role": "user", "content": "a long story ... [truncated]"}
    talk = {"role": "user", "content": "what does [truncated] mean?"}

    assert Gap.TRUNCATED in said(log, {"messages": [cut, ANSWER]}).gaps
    assert Gap.TRUNCATED not in said(log, {"messages": [talk, ANSWER]}).gaps


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"messages": []}, "no messages"),
        ({"model": "m"}, "no messages"),
        ({"messages": [{"content": "x"}]}, "missing required field `role` - at `$.messages[0]`"),
        ({"messages": [{"role": "x"}]}, "unknown role at messages[0]"),
        ({"messages": [{"role": "user", "content": 5}]}, "at `$.messages[0].content`"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [{}]}]}, "names no function"),
        ({"messages": [USER], "temperature": "hot"}, "the setting temperature is not a number"),
        ({"messages": [USER], "created": "soon"}, "neither Unix seconds nor ISO 8601"),
        ({"messages": [USER], "created": 1e300}, "neither Unix seconds nor ISO 8601"),
        ({"request": {"messages": [USER]}, "response": {}}, "the response holds no answer"),
        ({"request": {"messages": [USER]}, "response": {"choices": []}}, "holds no answer"),
        (pair(USER), "not the assistant's"),
        ([1], "Expected `object`, got `array`"),
    ],
)
def test_a_record_of_the_wrong_shape_says_where(record: Any, expected: str, log: Path) -> None:
    assert expected in reason(log, record)


def test_null_bytes_stay_data(log: Path) -> None:
    found = said(log, {"messages": [{"role": "user", "content": "a\x00b"}, ANSWER]})

    assert found.messages[0].content == "a\x00b"


def chunks() -> list[dict[str, Any]]:
    """A stream as OpenAI's own library reads it: text, then a tool call in pieces."""
    named = {"index": 0, "id": "c1", "type": "function"}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": "I "},
        {"content": "look"},
        {"tool_calls": [named | {"function": {"name": "look", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
        {},
    ]
    made = [
        ChatCompletionChunk.model_validate(
            {
                "id": "r1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m-1",
                "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
            }
        )
        for delta, reason in zip(deltas, [*[None] * 5, "tool_calls"], strict=True)
    ]
    return [each.model_dump(mode="json") for each in made]


def as_sse(events: list[dict[str, Any]]) -> str:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in events) + "data: [DONE]\n\n"


def test_a_stream_of_chunks_is_folded_into_one_answer(log: Path) -> None:
    for stream in (chunks(), as_sse(chunks()), json.dumps(chunks())):
        found = one(log, pair() | {"response": stream})

        assert isinstance(found, Conversation), found
        assert found.dialogue.messages[-1] == Message(
            role="assistant",
            content="I look",
            tool_calls=(ToolCall(id="c1", name="look", arguments='{"a":1}'),),
        )
        assert (found.key, found.dialogue.model, found.dialogue.own_from) == ("r1", "m-1", 3)


def test_a_stream_without_an_answer_is_a_call_that_failed(log: Path) -> None:
    assert "the call failed" in reason(log, pair() | {"response": "data: [DONE]"})
    assert "the call failed" in reason(log, pair() | {"response": []})


def test_pairs_of_http_messages_and_of_json_as_text_are_read(log: Path) -> None:
    whole = pair()
    bodies = {name: {"status": 200, "body": json.dumps(whole[name])} for name in whole}
    texts = {name: json.dumps(whole[name]) for name in whole}

    assert said(log, bodies) == said(log, texts) == said(log, whole)


def test_verdicts_of_people_are_labels(log: Path) -> None:
    judged = {"verdicts": {"refusal": "present"}, "labels": {"judge": "no"}, "feedback": 1}

    assert said(log, {"messages": [USER, ANSWER], **judged}).labels == (
        Label(name="refusal", value="present", by="human"),
        Label(name="feedback", value=1, by="human"),
        Label(name="judge", value="no"),
    )
