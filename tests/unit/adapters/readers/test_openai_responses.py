"""Logs of the Responses API; responses are made by OpenAI's own library."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai.types.responses import Response

from foretaste.adapters.readers.openai_responses import OpenAIResponses
from foretaste.records import Conversation, Failure, Gap, Stop
from foretaste.turns import turns

TOOL = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True}


def message(text: str, known: str = "msg_1") -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "type": "message",
        "id": known,
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def response(key: str = "resp_1", answer: str = "hello", **more: Any) -> dict[str, Any]:
    made = Response.model_validate(
        {
            "id": key,
            "object": "response",
            "created_at": 1_760_000_000,
            "status": "completed",
            "model": "gpt-5",
            "output": [message(answer, f"msg_{key}")],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        | more
    )
    dumped: dict[str, Any] = made.model_dump(mode="json")
    return dumped


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def read(log: Path, *records: Any, **options: Any) -> list[Conversation | Failure]:
    log.write_text("".join(json.dumps(each) + "\n" for each in records))
    assert OpenAIResponses.recognizes(log.read_bytes())
    return list(OpenAIResponses(path=str(log), **options)())


def only(log: Path, record: Any, **options: Any) -> Conversation:
    (found,) = read(log, record, **options)
    assert isinstance(found, Conversation), found
    return found


def texts(found: Conversation | Failure) -> list[str]:
    assert isinstance(found, Conversation), found
    return [message.content for message in found.dialogue.messages]


def reason(log: Path, record: Any) -> str:
    (found,) = read(log, record)
    assert isinstance(found, Failure)
    return found.reason


def test_a_response_is_read_with_its_request(log: Path) -> None:
    more: dict[str, Any] = {
        "instructions": "be kind",
        "temperature": 0.5,
        "max_output_tokens": 9,
        "user": "u1",
    }
    more |= {"tools": [TOOL], "reasoning": {"effort": "low"}, "metadata": {"team": "a"}}
    found = only(log, {"request": {"input": "hi", "model": "gpt-5"}, "response": response(**more)})
    dialogue = found.dialogue

    assert texts(found) == ["be kind", "hi", "hello"]
    assert (found.key, found.user, dialogue.model) == ("resp_1", "u1", "gpt-5")
    assert dialogue.settings == {
        "temperature": 0.5,
        "max_tokens": 9,
        "parallel_tool_calls": True,
        "reasoning_effort": "low",
        "tool_choice": "auto",
    }
    inner = {name: value for name, value in TOOL.items() if name != "type"}
    (tool,) = dialogue.tools
    assert tool["type"] == "function"
    assert tool["function"].items() >= inner.items()
    assert (dialogue.tags, dialogue.gaps) == ({"team": "a"}, ())
    assert (dialogue.own_from, dialogue.stop) == (2, Stop.FINAL)


def test_input_items_may_stand_in_a_response_or_beside_it(log: Path) -> None:
    items = [user("hi")]
    page = {"object": "list", "data": items, "has_more": False}
    beside = only(log, {"response": response(), "input_items": page})
    inside = only(log, response() | {"input_items": items})

    assert texts(beside) == texts(inside) == ["hi", "hello"]


def test_a_page_with_more_behind_it_lost_text(log: Path) -> None:
    page = {"object": "list", "data": [user("hi")], "has_more": True}

    assert Gap.TRUNCATED in only(log, response() | {"input_items": page}).dialogue.gaps


def test_items_listed_newest_first_are_turned_around(log: Path) -> None:
    call = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c", "output": "seen"}
    by_call = only(log, response() | {"input_items": [output, call, user("hi")]})
    by_system = only(log, response() | {"input_items": [user("b"), {"role": "developer"}]})

    assert texts(by_call) == ["hi", "", "seen", "hello"]
    assert texts(by_system) == ["", "b", "hello"]


def test_an_order_that_cannot_be_told_has_to_be_said(log: Path) -> None:
    record = response() | {"input_items": [user("b"), message("mid"), user("a")]}

    assert "newest_first" in reason(log, record)
    assert texts(only(log, record, newest_first=True)) == ["a", "mid", "b", "hello"]
    assert texts(only(log, record, newest_first=False)) == ["b", "mid", "a", "hello"]


def test_a_chain_is_joined_wherever_it_lies_and_instructions_are_not_handed_down(
    log: Path,
) -> None:
    first = {"input": "a", **response("r1", "1", instructions="be kind")}
    second = {"input": "b", **response("r2", "2", previous_response_id="r1")}
    third = {"input": "c", **response("r3", "3", previous_response_id="r2", instructions="hurry")}
    found = read(log, third, first, second)

    assert [texts(each) for each in found] == [
        ["hurry", "a", "1", "b", "2", "c", "3"],
        ["be kind", "a", "1"],
        ["a", "1", "b", "2"],
    ]
    assert [len(turns(each.dialogue)) for each in found if isinstance(each, Conversation)] == [
        1
    ] * 3


def test_responses_of_a_conversation_are_joined_by_time(log: Path) -> None:
    named = {"conversation": {"id": "conv_1"}}
    first = {"input": "a", **response("r1", "1", created_at=5, **named)}
    second = {"input": "b", **response("r2", "2", created_at=9, **named)}
    other = {"input": "x", **response("r3", "y", created_at=7)}

    assert [texts(each) for each in read(log, second, other, first)] == [
        ["a", "1", "b", "2"],
        ["x", "y"],
        ["a", "1"],
    ]


def test_an_input_that_holds_the_chain_already_holds_it_once(log: Path) -> None:
    first = {"input": "a", **response("r1", "1")}
    items = [user("a"), message("1", "msg_r1"), user("b")]
    second = {"input": items, **response("r2", "2", previous_response_id="r1")}

    assert texts(read(log, first, second)[1]) == ["a", "1", "b", "2"]


def test_references_are_followed_and_an_unknown_start_is_a_gap(log: Path) -> None:
    first = {"input": "a", **response("r1", "1")}
    items = [user("a"), {"type": "item_reference", "id": "msg_r1"}, user("b")]
    found = read(log, first, {"input": items, **response("r2", "2")})
    lost = only(log, {"input": "b", **response(previous_response_id="r9")})

    assert texts(found[1]) == ["a", "1", "b", "2"]
    assert Gap.TRUNCATED in lost.dialogue.gaps


def test_a_circle_of_responses_fails_and_ends(log: Path) -> None:
    circle = [
        {"input": "a", **response("r1", previous_response_id="r2")},
        {"input": "b", **response("r2", previous_response_id="r1")},
    ]

    failed = [each.reason for each in read(log, *circle) if isinstance(each, Failure)]
    assert failed == ["its chain of earlier responses is a circle"] * 2


def test_the_end_of_a_stream_is_the_response(log: Path) -> None:
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response(answer="") | {"output": []}},
        {"type": "response.output_text.delta", "delta": "hel"},
        {"type": "response.completed", "response": response()},
    ]

    lines = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    for stream in (events, lines):
        pair = {"response": stream, "request": {"input": "hi"}}
        assert texts(only(log, pair)) == ["hi", "hello"]
    broken = {"response": events[:2], "request": {"input": "hi"}}
    assert "without its end" in reason(log, broken)


@pytest.mark.parametrize("status", ["failed", "cancelled", "in_progress", "queued"])
def test_a_call_without_an_answer_failed(log: Path, status: str) -> None:
    assert reason(log, {"input": "hi", **response(status=status)}) == "the call failed"


def test_a_response_without_its_input_says_what_to_fetch(log: Path) -> None:
    assert "input_items" in reason(log, response())


def test_an_answer_that_a_limit_cut_says_so(log: Path) -> None:
    cut: dict[str, Any] = {
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
    }

    assert only(log, {"input": "hi", **response(**cut)}).dialogue.stop is Stop.LENGTH


def test_reasoning_that_was_paid_and_is_not_there_is_lost(log: Path) -> None:
    used = {
        "input_tokens": 1,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 8},
        "total_tokens": 10,
    }

    assert Gap.REASONING in only(log, {"input": "hi", **response(usage=used)}).dialogue.gaps


@pytest.mark.parametrize(
    "other",
    [
        b'{"request":{"messages":[]},"response":{"object":"chat.completion"}}',
        b'{"messages":[{"role":"user","content":"{\\"object\\":\\"response\\"}"}]}',
        b'{"custom_id":"1","body":{"input":"q"}}',
        b'{"data":{"response":{"object":"response"}}}',
    ],
)
def test_other_formats_are_not_taken_for_it(other: bytes) -> None:
    assert not OpenAIResponses.recognizes(other)
