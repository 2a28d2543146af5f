"""Calls of Anthropic's Messages API, made by its own SDK's types where they are installed."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.anthropic_messages import AnthropicMessages
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Message, Stop
from foretaste.turns import turns

ASKED: dict[str, Any] = {
    "model": "claude-x",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "hi"}],
}


@pytest.fixture
def types() -> Any:
    return pytest.importorskip("anthropic", reason="the format's own types are not installed").types


def message(types: Any, *content: Any, **more: Any) -> dict[str, Any]:
    made = types.Message(
        id="msg_1",
        type="message",
        role="assistant",
        model="claude-x-1",
        content=list(content) or [types.TextBlock(type="text", text="Hello.")],
        stop_reason=more.pop("stop_reason", "end_turn"),
        stop_sequence=None,
        usage=types.Usage(input_tokens=1, output_tokens=2),
        **more,
    )
    written: dict[str, Any] = made.model_dump(mode="json")
    return written


def events(types: Any, cut: int | None = None) -> list[Any]:
    """The events of an answer that thinks, speaks and calls."""
    start = message(types, stop_reason=None) | {"content": []}
    told: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    use: dict[str, Any] = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    blocks = [
        ({"type": "thinking", "thinking": "", "signature": ""}, "thinking_delta", "thinking"),
        ({"type": "text", "text": ""}, "text_delta", "text"),
        (use, "input_json_delta", "partial_json"),
    ]
    for at, (block, delta, name) in enumerate(blocks):
        pieces = ['{"a": ', "[1]}"] if name == "partial_json" else ["one ", "two"]
        told.append({"type": "content_block_start", "index": at, "content_block": block})
        told += [
            {"type": "content_block_delta", "index": at, "delta": {"type": delta, name: piece}}
            for piece in pieces
        ]
        told.append({"type": "content_block_stop", "index": at})
    ending = {"stop_reason": "tool_use", "stop_sequence": None}
    told.append({"type": "message_delta", "delta": ending, "usage": {"output_tokens": 9}})
    told.append({"type": "message_stop"})
    return told[:cut]


def every(log: Path, *records: Any, **options: Any) -> list[Conversation | Failure]:
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    return list(AnthropicMessages(path=str(log), **options)())


def call(log: Path, response: Any, **more: Any) -> Dialogue:
    (found,) = every(log, {"request": ASKED | more, "response": response})
    assert isinstance(found, Conversation), found
    return found.dialogue


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def test_a_pair_is_a_call_with_its_conditions(log: Path, types: Any) -> None:
    found = call(
        log,
        message(types),
        system="Be kind.",
        temperature=0.5,
        stop_sequences=["END"],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
        tools=[{"name": "f", "input_schema": {"type": "object"}}],
        thinking={"type": "adaptive"},
        output_config={"effort": "low"},
    )

    assert [(m.role, m.content) for m in found.messages] == [
        ("system", "Be kind."),
        ("user", "hi"),
        ("assistant", "Hello."),
    ]
    assert found.settings == {
        "temperature": 0.5,
        "max_tokens": 100,
        "reasoning_effort": "low",
        "thinking": {"type": "adaptive"},
        "stop": ["END"],
        "tool_choice": "required",
        "parallel_tool_calls": False,
    }
    assert (found.own_from, found.model, found.stop) == (2, "claude-x-1", Stop.FINAL)
    assert found.tools[0]["function"]["name"] == "f"
    assert found.gaps == (Gap.TIME, Gap.USER)


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("u1", "u1"),
        ("user_ab_account_1-2_session_3-4", "user_ab"),
        ('{"device_id": "d", "account_uuid": "", "session_id": "s"}', "d"),
        ("{broken", "{broken"),
    ],
)
def test_one_user_s_sessions_are_one_user(log: Path, types: Any, user: str, told: str) -> None:
    asked = ASKED | {"metadata": {"user_id": user}}

    (found,) = every(log, {"request": asked, "response": message(types), "id": "r1"})

    assert isinstance(found, Conversation)
    assert (found.key, found.user) == ("r1", told)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("max_tokens", Stop.LENGTH),
        ("model_context_window_exceeded", Stop.LENGTH),
        ("stop_sequence", Stop.FINAL),
        ("refusal", Stop.FILTERED),
        ("tool_use", Stop.UNKNOWN),
        ("pause_turn", Stop.UNKNOWN),
    ],
)
def test_why_an_answer_ended_is_told(log: Path, types: Any, reason: str, stop: Stop) -> None:
    assert call(log, message(types, stop_reason=reason)).stop is stop


def test_a_refusal_by_the_provider_is_a_label(log: Path, types: Any) -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "no"}

    found = call(log, message(types, stop_reason="refusal", stop_details=details))

    assert found.labels == (Label(name="refusal", value="cyber", message=1, by="anthropic"),)


def test_a_stream_comes_to_what_the_sdk_makes_of_it(log: Path, types: Any) -> None:
    streaming = pytest.importorskip("anthropic.lib.streaming._messages")
    models = pytest.importorskip("anthropic._models")
    whole: Any = None
    buffers: dict[Any, Any] = {}
    for event in events(types):
        raw = models.construct_type(value=event, type_=types.RawMessageStreamEvent)
        whole = streaming.accumulate_event(event=raw, current_snapshot=whole, json_bufs=buffers)
    text = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events(types))

    folded = call(log, whole.model_dump(mode="json"))

    assert folded.messages[-1].reasoning == folded.messages[-1].content == "one two"
    assert folded.messages[-1].tool_calls[0].arguments == '{"a":[1]}'
    assert call(log, text) == call(log, events(types)) == folded


def test_a_stream_that_was_cut_off_is_told_as_far_as_it_goes(log: Path, types: Any) -> None:
    text = "".join(f"data: {json.dumps(e)}\n\n" for e in events(types, cut=9))

    found = call(log, text + 'data: {"type": "content_block_del')

    assert found.messages[-1].content == "one two"
    assert (found.stop, Gap.TRUNCATED in found.gaps) == (Stop.UNKNOWN, True)


def test_an_answer_goes_on_from_the_words_it_was_given(log: Path, types: Any) -> None:
    opening = {"role": "assistant", "content": "Well, "}

    found = call(log, message(types), messages=[*ASKED["messages"], opening])

    assert found.messages[1:] == (Message(role="assistant", content="Well, Hello."),)
    assert len(turns(found)) == 1


@pytest.mark.parametrize(
    "response",
    [
        {"type": "error", "error": {"type": "overloaded_error", "message": "secret"}},
        {"status": 529, "body": {"type": "error", "error": {}}},
        [{"type": "error", "error": {"type": "overloaded_error"}}],
    ],
)
def test_a_call_that_failed_is_a_failure(log: Path, response: Any) -> None:
    (found,) = every(log, {"request": ASKED, "response": response})

    assert isinstance(found, Failure)
    assert found.reason == "the call failed"


def test_what_the_server_took_out_of_the_context_is_a_gap(log: Path, types: Any) -> None:
    edits = {"applied_edits": [{"type": "clear_tool_uses_20250919"}]}

    assert Gap.TRUNCATED in call(log, message(types) | {"context_management": edits}).gaps


def test_a_request_alone_holds_the_log_in_its_messages(log: Path) -> None:
    said = [*ASKED["messages"], {"role": "assistant", "content": "yes"}]

    (found,) = every(log, ASKED | {"messages": said, "system": "s"})

    assert isinstance(found, Conversation)
    assert (len(found.dialogue.messages), found.dialogue.own_from) == (3, 0)


def batch(name: str, **more: Any) -> dict[str, Any]:
    return {"custom_id": name, "params": ASKED | more}


def outcome(types: Any, name: str, kind: str = "succeeded") -> dict[str, Any]:
    found = {"message": message(types)} if kind == "succeeded" else {}
    return {"custom_id": name, "result": {"type": kind, **found}}


@pytest.mark.parametrize("form", ["lines", "array", "body"])
def test_a_batch_s_requests_are_joined_with_their_results(
    form: str, tmp_path: Path, types: Any
) -> None:
    asked = [batch("a"), batch("b"), batch("c")]
    bodies = {"array": json.dumps(asked), "body": json.dumps({"requests": asked}, indent=1)}
    lines = "\n".join(map(json.dumps, asked))
    (tmp_path / "z.json").write_text(bodies.get(form, lines))
    results = [outcome(types, "c"), outcome(types, "a"), outcome(types, "b", "expired")]
    (tmp_path / "results.jsonl").write_text("\n".join(map(json.dumps, results)))

    found = list(AnthropicMessages(path=str(tmp_path))())

    good = [each for each in found if isinstance(each, Conversation)]
    assert [(c.key, c.source, len(c.dialogue.messages)) for c in good] == [
        ("c", "z.json", 2),
        ("a", "z.json", 2),
    ]
    assert [each.reason for each in found if isinstance(each, Failure)] == ["the call failed"]


def test_what_does_not_pair_in_a_batch_is_a_failure(log: Path, types: Any) -> None:
    rows = [outcome(types, "x"), batch("y"), outcome(types, "y"), outcome(types, "y"), {"z": 1}]

    found = every(log, *rows)

    assert sorted(each.reason for each in found if isinstance(each, Failure)) == [
        "a result without its request",
        *["requests and results with one custom_id do not pair"] * 3,
        "wrong shape: Object missing required field `custom_id`",
    ]


def recognized(record: Any) -> tuple[bool, bool]:
    head = json.dumps(record).encode()
    return AnthropicMessages.recognizes(head), OpenAIChat.recognizes(head)


def test_pairs_of_openai_and_of_anthropic_are_told_apart(types: Any) -> None:
    chat = {"choices": [{"message": {"role": "assistant", "content": "x"}}]}
    tool = {"role": "tool", "tool_call_id": "c", "content": "r"}

    assert recognized({"request": ASKED, "response": message(types)}) == (True, False)
    assert recognized({"request": ASKED, "response": events(types)}) == (True, False)
    assert recognized({"request": ASKED, "response": chat}) == (False, True)
    assert recognized({"request": {"model": "m", "messages": [tool]}}) == (False, True)


def test_a_long_request_is_recognized_by_what_only_anthropic_s_hold() -> None:
    use = {"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {}}]}
    head = json.dumps({"request": {"messages": [use, {"role": "user", "content": "x" * 70_000}]}})

    assert AnthropicMessages.recognizes(head.encode()[:65_536])
    assert not OpenAIChat.recognizes(head.encode()[:65_536])
