import gzip
import json
import zlib
from typing import Any

import msgspec
import pytest
import zstandard
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from fake_providers import TEXT, chat, chat_events, message_events, response_events, sse
from foretaste.adapters.readers.responses_call import call_of as responses_call
from foretaste.adapters.readers.responses_call import dialogue_of
from foretaste.dialects.anthropic_call import call_of
from foretaste.dialects.said import Unreadable
from foretaste.recording.lines import Exchange, decoded, line_of
from foretaste.records import Gap, Stop

ASKED = b'{\n "model": "m",\r\n "messages": [{"role": "user", "content": "a\\nb"}]\n}'


def call(answered: bytes, **more: Any) -> Exchange:
    given: dict[str, Any] = {
        "format": "openai-chat",
        "asked": ASKED,
        "asked_coding": "",
        "answered": [answered],
        "coding": "",
        "streamed": False,
        "began": 1_700_000_000.25,
        "seconds": 1.23456,
        "first_seconds": 0.5,
        "cut": None,
    }
    return Exchange(**given | more)


def record(answered: bytes, **more: Any) -> dict[str, Any]:
    line = line_of(call(answered, **more))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found: dict[str, Any] = json.loads(line)
    return found


def stream(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = record(b"".join(sse(events)), format=kind, streamed=True)["response"]
    assert isinstance(found, dict)
    return found


def test_a_call_is_one_line_whatever_its_white_space() -> None:
    found = record(json.dumps(chat(), indent=2).encode())

    assert found["request"] == json.loads(ASKED)
    assert found["response"] == chat()
    assert found["timestamp"] == "2023-11-14T22:13:20.250+00:00"
    assert (found["seconds"], found["first_seconds"]) == (1.2346, 0.5)
    assert "cut" not in found


@pytest.mark.parametrize("tools", [False, True])
def test_a_chat_s_stream_is_put_together_as_openais_sdk_does_it(tools: bool) -> None:
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for event in chat_events(tools=tools):
        state.handle_chunk(ChatCompletionChunk.model_validate(event))
    theirs = state.get_final_completion().model_dump(exclude_none=True)
    ours = stream(chat_events(tools=tools), "openai-chat")

    assert ours["usage"] == theirs["usage"]
    (mine,), (their,) = ours["choices"], theirs["choices"]
    assert mine["finish_reason"] == their["finish_reason"]
    assert mine["message"].get("content") == their["message"].get("content")
    for a, b in zip(mine["message"].get("tool_calls", []), their["message"].get("tool_calls", []),
                    strict=True):  # fmt: skip
        assert a["id"] == b["id"]
        assert a["function"]["arguments"] == b["function"]["arguments"]


@pytest.mark.parametrize("left_out", range(1, 6))
def test_a_chat_s_stream_that_was_cut_says_so(left_out: int) -> None:
    found = stream(chat_events()[: -1 - left_out], "openai-chat")

    assert found["cut_off"] is True
    assert TEXT.startswith(found["choices"][0]["message"]["content"])


@pytest.mark.parametrize("left_out", range(1, 6))
def test_a_message_s_stream_that_was_cut_says_so(left_out: int) -> None:
    found = stream(message_events()[: -1 - left_out], "anthropic-messages")

    assert found["cut_off"] is True
    assert found["stop_reason"] is None


@pytest.mark.parametrize("left_out", [1, 2, 4, 6])
def test_a_response_s_stream_that_was_cut_says_so(left_out: int) -> None:
    found = stream(response_events()[:-left_out], "openai-responses")

    assert (found["cut_off"], found["status"]) == (True, "incomplete")
    assert TEXT.startswith(found["output"][0]["content"][0]["text"])


@pytest.mark.parametrize("at", range(0, 700, 7))
def test_no_stream_makes_it_fail_otherwise_wherever_it_was_cut(at: int) -> None:
    for events, kind in (
        (chat_events(tools=True), "openai-chat"),
        (message_events(tools=True), "anthropic-messages"),
        (response_events(), "openai-responses"),
    ):
        try:
            line = line_of(call(b"".join(sse(events))[:at], format=kind, streamed=True))
        except Unreadable:
            continue
        assert isinstance(json.loads(line)["response"], dict)


@pytest.mark.parametrize("kind", ["openai-chat", "openai-responses", "anthropic-messages"])
def test_a_stream_of_an_error_is_no_record(kind: str) -> None:
    answer = b"".join(sse([{"type": "error", "error": {"message": "overloaded"}}]))

    with pytest.raises(Unreadable):
        line_of(call(answer, format=kind, streamed=True))


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("", TEXT.encode()),
        ("identity", TEXT.encode()),
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("x-gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("deflate", zlib.compress(TEXT.encode())),
        ("deflate", zlib.compressobj(wbits=-15).compress(b"") + zlib.compress(TEXT.encode())[2:-4]),
        ("zstd", zstandard.ZstdCompressor().compress(TEXT.encode())),
        ("zstd, gzip", gzip.compress(zstandard.ZstdCompressor().compress(TEXT.encode()), mtime=0)),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "deflate", "raw deflate", "zstd", "two"],
)
def test_compressions_are_undone(coding: str, packed: bytes) -> None:
    assert decoded(packed, coding).decode() == TEXT


def test_of_a_compressed_body_that_was_cut_there_is_what_came() -> None:
    packed = gzip.compress(bytes(range(256)) * 99)

    assert decoded(packed[:-20], "gzip").startswith(bytes(range(256)))


@pytest.mark.parametrize(
    ("data", "coding"),
    [(b"x", "br"), (b"no gzip", "gzip"), (b"no zstd", "zstd"), (b"\xff", "deflate"),
     (gzip.compress(bytes(80 << 20), 1, mtime=0), "gzip")],
    ids=["unknown", "no gzip", "no zstd", "no deflate", "a bomb"],
)  # fmt: skip
def test_what_cannot_be_undone_is_unreadable(data: bytes, coding: str) -> None:
    with pytest.raises(Unreadable):
        decoded(data, coding)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[1]", b'{"a":', b'{"a": "\xff"}'])
def test_an_answer_that_is_no_json_object_is_no_line(answer: bytes) -> None:
    with pytest.raises((Unreadable, msgspec.MsgspecError, UnicodeError)):
        line_of(call(answer))


def test_keys_for_mcp_servers_are_left_out_wherever_they_may_stand() -> None:
    tool = {"type": "mcp", "server_url": "https://x", "authorization": "s1", "headers": {"K": "s2"}}
    asked = {"model": "m", "input": "?", "tools": [tool]}
    mine = {"mcp_servers": [{"url": "https://x", "authorization_token": "s3"}], "messages": []}
    for body in (asked, mine):
        line = line_of(
            call(json.dumps({"tools": [tool]}).encode(), asked=json.dumps(body).encode())
        )
        found = json.loads(line)

        assert not any(secret in line.decode() for secret in ("s1", "s2", "s3"))
        assert found["request"]["model"] == "m" if "model" in body else found["request"]


def test_what_breaks_a_line_elsewhere_is_text_within_a_stream() -> None:
    said = b"".join(sse(message_events())).decode()
    asked = {"messages": [{"role": "user", "content": "?"}]}
    read = call_of(asked, said)

    assert "\u2028" in said
    assert read.messages[-1].content == TEXT


def test_a_response_that_was_cut_is_read_as_truncated() -> None:
    cut = stream(response_events()[:-2], "openai-responses")
    dialogue, _, _ = dialogue_of(responses_call({"request": {"input": "?"}, "response": cut}))

    assert Gap.TRUNCATED in dialogue.gaps
    assert dialogue.stop is Stop.UNKNOWN
