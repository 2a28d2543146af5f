import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import openai
import pytest

from fake_providers import ARGUMENTS, TEXT
from foretaste.adapters.readers.anthropic_messages import AnthropicMessages
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.openai_responses import OpenAIResponses
from foretaste.recording.routes import Routes
from foretaste.recording.serving import recording
from foretaste.recording.writing import Log
from foretaste.records import Conversation, Gap, Stop
from unit.recording.sdks import KEY, THEIR_TOOL, TOOL, Scene, played, written

ASKED: Any = [{"role": "user", "content": "What is it?"}]


async def chat(stage: Scene, **more: Any) -> Any:
    return await stage.openai.chat.completions.create(model="m", messages=ASKED, user="ann", **more)


async def streamed(stage: Scene, **more: Any) -> list[Any]:
    return [chunk async for chunk in await chat(stage, stream=True, **more)]


async def message(stage: Scene, **more: Any) -> Any:
    return await stage.anthropic.messages.create(
        model="claude-m", max_tokens=99, messages=ASKED, metadata={"user_id": "ann"}, **more
    )


def only(reader: Any) -> Conversation:
    (found,) = reader()
    assert isinstance(found, Conversation), found
    return found


def test_a_chat_of_the_sdk_is_answered_and_read_back(tmp_path: Path) -> None:
    answer = played(tmp_path, chat)
    read = only(OpenAIChat(path=str(tmp_path)))

    assert answer.choices[0].message.content == TEXT
    assert [each.content for each in read.dialogue.messages] == ["What is it?", TEXT]
    assert (read.user, read.dialogue.model, read.dialogue.stop) == (
        "ann",
        "m-2026-11-01",
        Stop.FINAL,
    )
    assert read.dialogue.own_from == 1
    assert read.dialogue.started_at is not None


def test_a_streamed_chat_comes_to_what_the_sdk_makes_of_it(tmp_path: Path) -> None:
    async def act(stage: Scene) -> Any:
        async with stage.openai.chat.completions.stream(model="m", messages=ASKED) as stream:
            return await stream.get_final_completion()

    theirs = played(tmp_path, act)
    (record,) = written(tmp_path)
    (choice,) = record["response"]["choices"]

    assert choice["message"]["content"] == theirs.choices[0].message.content == TEXT
    assert choice["finish_reason"] == "stop"
    assert record["response"]["usage"]["completion_tokens"] == 7
    assert 0 <= record["first_seconds"] <= record["seconds"]


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls_are_recorded_whole(tmp_path: Path, stream: bool) -> None:
    played(tmp_path, lambda stage: (streamed if stream else chat)(stage, tools=[TOOL]))
    (call,) = only(OpenAIChat(path=str(tmp_path))).dialogue.messages[-1].tool_calls

    assert (call.id, call.name, call.arguments) == ("c1", "look", "".join(ARGUMENTS))


@pytest.mark.parametrize("tools", [[], [THEIR_TOOL]])
def test_messages_of_anthropics_sdk_are_the_same_streamed_or_not(
    tmp_path: Path, tools: list[Any]
) -> None:
    async def act(stage: Scene) -> Any:
        whole = await message(stage, tools=tools)
        async with stage.anthropic.messages.stream(
            model="claude-m", max_tokens=99, messages=ASKED, tools=tools
        ) as stream:
            return whole, await stream.get_final_message()

    whole, theirs = played(tmp_path, act)
    first, second = written(tmp_path)
    read = [*AnthropicMessages(path=str(tmp_path))()]

    assert first["response"]["content"] == second["response"]["content"]
    assert first["response"]["stop_reason"] == second["response"]["stop_reason"]
    assert second["response"]["content"][1]["text"] == theirs.content[1].text == TEXT
    assert len(theirs.content) == len(whole.content) == 2 + len(tools)
    assert all(isinstance(each, Conversation) for each in read)
    assert read[0].user == "ann"  # type: ignore[union-attr]


@pytest.mark.parametrize("stream", [False, True])
def test_responses_are_recorded_whole(tmp_path: Path, stream: bool) -> None:
    async def act(stage: Scene) -> Any:
        answer = await stage.openai.responses.create(model="m", input="What is it?", stream=stream)
        return [event async for event in answer][-1].response if stream else answer

    theirs = played(tmp_path, act)
    read = only(OpenAIResponses(path=str(tmp_path)))

    assert theirs.output_text == TEXT
    assert [each.content for each in read.dialogue.messages] == ["What is it?", TEXT]


def test_no_key_cookie_or_header_is_ever_written(tmp_path: Path) -> None:
    async def act(stage: Scene) -> None:
        server = {
            "type": "mcp",
            "server_label": "x",
            "server_url": "http://x",
            "authorization": KEY,
        }
        mine = {"type": "url", "name": "x", "url": "http://x", "authorization_token": KEY}
        await chat(stage, extra_query={"api-key": KEY}, extra_headers={"X-Extra": KEY})
        await message(stage, extra_body={"mcp_servers": [mine]})
        tools: Any = [server | {"headers": {"X-Api-Key": KEY}}]
        await stage.openai.responses.create(model="m", input="?", tools=tools)
        assert stage.fake.headers[0]["Authorization"] == f"Bearer {KEY}"
        assert KEY in stage.fake.targets[0]
        assert KEY.encode() in stage.fake.bodies[1]

    played(tmp_path, act)
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*.jsonl"))

    assert kept.count(b"\n") == 3
    for secret in (KEY, "secret-cookie", "api-key", "Authorization", "req-7"):
        assert secret.lower().encode() not in kept.lower()


def test_errors_go_through_and_are_counted_not_recorded(tmp_path: Path) -> None:
    async def act(stage: Scene) -> None:
        mine = stage.openai.with_options(max_retries=0)
        with pytest.raises(openai.RateLimitError, match="slow down"):
            await mine.chat.completions.create(model="busy", messages=ASKED)
        assert stage.log.tally.failed == 1

    played(tmp_path, act)

    assert written(tmp_path) == []


def test_a_provider_that_is_not_there_is_a_502_and_counted(tmp_path: Path) -> None:
    async def act() -> bytes:
        with socket.socket() as taken, Log(tmp_path) as log:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
            async with recording(Routes(openai=nobody, anthropic=nobody), log) as port:
                answer = await raw(port, b"POST /v1/messages HTTP/1.1\r\n", b"{}")
            assert log.tally.failed == 1
            return answer

    answer = asyncio.run(act())

    assert answer.startswith(b"HTTP/1.1 502")
    assert b"the provider cannot be reached" in answer


@pytest.mark.parametrize(("after", "is_whole"), [(5, False), (8, True)])
def test_a_stream_that_broke_off_is_broken_for_the_client_too_and_recorded_as_cut(
    tmp_path: Path, after: int, is_whole: bool
) -> None:
    async def act(stage: Scene) -> None:
        with pytest.raises(openai.APIConnectionError):
            await streamed(stage)

    played(tmp_path, act, cut_after=after)
    (record,) = written(tmp_path)
    read = only(OpenAIChat(path=str(tmp_path)))

    assert record["cut"] == "the provider broke off"
    assert read.dialogue.messages[-1].content.startswith("The answer")
    # All was said before the eighth piece, which would have told the usage.
    assert (Gap.TRUNCATED not in read.dialogue.gaps) == is_whole


@pytest.mark.parametrize("path", ["chat", "messages", "responses"])
def test_a_client_that_leaves_stops_the_provider_and_what_came_is_recorded(
    tmp_path: Path, path: str
) -> None:
    async def act(stage: Scene) -> None:
        if path == "chat":
            stream: Any = await chat(stage, stream=True)
        elif path == "messages":
            stream = await message(stage, stream=True)
        else:
            stream = await stage.openai.responses.create(model="m", input="?", stream=True)
        async for event in stream:  # what was sent arrives while the rest is held back
            if getattr(event, "type", "") not in ("message_start", "response.created"):
                break
        await stream.close()
        for _ in range(500):
            if stage.fake.left:
                break
            await asyncio.sleep(0.01)
        assert stage.fake.left == 1

    played(tmp_path, act, held=asyncio.Event())
    records = written(tmp_path)

    # Of Responses, nothing had been said yet.
    assert [each["cut"] for each in records] == ["the client left"] * (path != "responses")


async def raw(port: int, head: bytes, body: bytes = b"", host: str = "") -> bytes:
    """The bytes of an answer, over a plain socket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    host = host or f"127.0.0.1:{port}"
    rest = f"Host: {host}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head + rest.encode() + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def unframed(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Status line, headers but for the connection's own, and the body without its chunks."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    if b"Transfer-Encoding: chunked" in headers:
        whole = b""
        while body:
            size, _, body = body.partition(b"\r\n")
            whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
        body = whole
    kept = [each for each in headers if not re.match(rb"Connection|Date", each)]
    return status, sorted(kept), body


@pytest.mark.parametrize("path", ["chat/completions", "messages?beta=true", "responses", "other"])
@pytest.mark.parametrize("stream", [b"true", b"false"])
@pytest.mark.parametrize("coding", [b"gzip", b"identity"])
def test_the_client_gets_the_bytes_that_it_would_get_directly(
    tmp_path: Path, path: str, stream: bytes, coding: bytes
) -> None:
    async def act(stage: Scene) -> None:
        body = (
            b'{"model":"m",\n "messages":[{"role":"user","content":"x"}],"input":"x","stream":%b}'
        )
        head = f"POST /v1/{path} HTTP/1.1\r\nAccept-Encoding: ".encode() + coding + b"\r\n"
        port = int(stage.fake.url.rpartition(":")[2])
        direct = await raw(port, head, body % stream)
        through = await raw(stage.port, head, body % stream)
        assert unframed(through) == unframed(direct)
        assert stage.fake.bodies[0] == stage.fake.bodies[1]
        assert stage.fake.targets[0] == stage.fake.targets[1]
        named = [{k: v for k, v in each.items() if k not in ("Host", "Connection")}
                 for each in stage.fake.headers]  # fmt: skip
        assert named[0] == named[1]

    played(tmp_path, act)

    assert len(written(tmp_path)) == (path != "other")


def test_each_piece_goes_on_at_once(tmp_path: Path) -> None:
    async def act(stage: Scene) -> list[str]:
        assert stage.fake.held is not None
        words = []
        async for chunk in await chat(stage, stream=True):
            words += [choice.delta.content or "" for choice in chunk.choices]
            if len(words) == 3:  # the provider sends no more until these have arrived
                stage.fake.held.set()
        return words

    words = played(tmp_path, act, held=asyncio.Event())

    assert "".join(words) == TEXT


def test_brotli_is_not_asked_for_where_it_could_not_be_read(tmp_path: Path) -> None:
    async def act(stage: Scene) -> None:
        await chat(stage, extra_headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
        assert stage.fake.headers[0]["Accept-Encoding"] == "gzip;q=0.8"

    played(tmp_path, act)

    assert len(written(tmp_path)) == 1


@pytest.mark.parametrize(
    ("head", "host", "status"),
    [
        (b"POST /v1/chat/completions HTTP/1.1\r\nOrigin: http://evil.example\r\n", "", 403),
        (b"GET /v1/models HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n", "", 403),
        (b"GET /v1/models HTTP/1.1\r\n", "evil.example", 403),
        (b"GET http://evil.example/v1/models HTTP/1.1\r\n", "", 404),
        (b"GET .evil.example/v1/models HTTP/1.1\r\n", "", 400),
        (b"GET /elsewhere HTTP/1.1\r\n", "", 404),
    ],
)
def test_pages_foreign_names_and_other_servers_are_refused(
    tmp_path: Path, head: bytes, host: str, status: int
) -> None:
    async def act(stage: Scene) -> None:
        answer = await raw(stage.port, head, host=host)
        assert answer.split()[1] == str(status).encode()
        assert stage.fake.targets == []

    played(tmp_path, act)


def test_a_large_body_and_a_get_go_through(tmp_path: Path) -> None:
    async def act(stage: Scene) -> None:
        asked: Any = [{"role": "user", "content": "x" * 3_000_000}]
        await stage.openai.chat.completions.create(model="m", messages=asked)
        models = await stage.openai.models.list()
        assert [each.id for each in models.data] == ["m"]
        counted = await stage.anthropic.messages.count_tokens(model="claude-m", messages=ASKED)
        assert counted.input_tokens == 3

    played(tmp_path, act)
    (record,) = written(tmp_path)

    assert len(record["request"]["messages"][0]["content"]) == 3_000_000
