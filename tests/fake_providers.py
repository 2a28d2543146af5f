"""Both providers' APIs on 127.0.0.1, answering as their protocols say, whole or as a stream."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

WORDS = ("The ", "answer ", "is 42: ", "é\u2028\U0001f600", ".")
TEXT = "".join(WORDS)
ARGUMENTS = ('{"ci', 'ty": "Pa', 'ris"}')
SENT_HEADERS = {"X-Request-Id": "req-7", "Set-Cookie": "__cf_bm=secret-cookie; Path=/"}


def chat(*, tools: bool = False) -> dict[str, Any]:
    call = {"id": "c1", "type": "function"}
    call["function"] = {"name": "look", "arguments": "".join(ARGUMENTS)}  # type: ignore[assignment]
    said = {"content": None, "tool_calls": [call]} if tools else {"content": TEXT}
    choice = {"index": 0, "finish_reason": "tool_calls" if tools else "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "m-2026-11-01",
        "choices": [choice | {"message": {"role": "assistant", **said}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    }


def chat_events(*, tools: bool = False) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if tools else ""}]
    if tools:
        named = {"index": 0, "id": "c1", "type": "function"}
        deltas.append({"tool_calls": [named | {"function": {"name": "look", "arguments": ""}}]})
        deltas += [
            {"tool_calls": [{"index": 0, "function": {"arguments": each}}]} for each in ARGUMENTS
        ]
    else:
        deltas += [{"content": word} for word in WORDS]
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000}
    head |= {"model": "m-2026-11-01"}
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": delta, "finish_reason": None} for delta in deltas
    ]
    end = "tool_calls" if tools else "stop"
    choices.append({"index": 0, "delta": {}, "finish_reason": end})
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    return [
        *(head | {"choices": [choice], "usage": None} for choice in choices),
        head | {"choices": [], "usage": usage},
    ]


def message(*, tools: bool = False) -> dict[str, Any]:
    content: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Hm. Well.", "signature": "sig"},
        {"type": "text", "text": TEXT},
    ]
    if tools:
        call = {"type": "tool_use", "id": "t1", "name": "look", "input": {"city": "Paris"}}
        content.append(call)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-m",
        "content": content,
        "stop_reason": "tool_use" if tools else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 7},
    }


def message_events(*, tools: bool = False) -> list[dict[str, Any]]:
    begun = message() | {"content": [], "stop_reason": None}
    found: list[dict[str, Any]] = [{"type": "message_start", "message": begun}]
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
        (
            {"type": "thinking", "thinking": "", "signature": ""},
            [
                *({"type": "thinking_delta", "thinking": each} for each in ("Hm. ", "Well.")),
                {"type": "signature_delta", "signature": "sig"},
            ],
        ),
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": each} for each in WORDS]),
    ]
    if tools:
        pieces = [{"type": "input_json_delta", "partial_json": each} for each in ARGUMENTS]
        blocks.append(({"type": "tool_use", "id": "t1", "name": "look", "input": {}}, pieces))
    for index, (block, deltas) in enumerate(blocks):
        found.append({"type": "content_block_start", "index": index, "content_block": block})
        found += [{"type": "content_block_delta", "index": index, "delta": each} for each in deltas]
        found.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": "tool_use" if tools else "end_turn", "stop_sequence": None}
    found.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 7}})
    return [*found, {"type": "message_stop"}]


def response(**more: Any) -> dict[str, Any]:
    said = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_700_000_000,
        "model": "m-2026-11-01",
        "status": "completed",
        "error": None,
        "output": [item | {"content": [said]}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
        **more,
    }


def response_events() -> list[dict[str, Any]]:
    item = {"type": "message", "id": "msg_1", "role": "assistant"}
    at = {"item_id": "msg_1", "output_index": 0}
    begun = response(status="in_progress", output=[])
    opened = item | {"status": "in_progress", "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": opened},
        {
            "type": "response.content_part.added",
            "content_index": 0,
            "part": {"type": "output_text", "text": "", "annotations": []},
            **at,
        },
        *(
            {
                "type": "response.output_text.delta",
                "content_index": 0,
                "delta": word,
                "logprobs": [],
                **at,
            }
            for word in WORDS
        ),
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": response()["output"][0],
        },
        {"type": "response.completed", "response": response()},
    ]
    return [event | {"sequence_number": n} for n, event in enumerate(events)]


def sse(events: list[dict[str, Any]]) -> list[bytes]:
    """A stream's text, event by event; OpenAI's chat has no names of events, and an end."""
    sent = []
    for event in events:
        name = f"event: {event['type']}\n" if "type" in event else ""
        sent.append(f"{name}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
    return sent if "type" in events[0] else [*sent, b"data: [DONE]\n\n"]


@dataclass
class Providers:
    """What they were asked, and how they behave."""

    url: str = ""
    targets: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    cut_after: int | None = None  # pieces of a stream, then the connection is closed
    held: asyncio.Event | None = None  # a stream waits for it behind its third piece
    left: int = 0  # clients that went away in the midst of a stream

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        self.asked.set()
        self.targets.append(request.raw_path)
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.read())
        if request.method == "GET":
            return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})
        asked = json.loads(self.bodies[-1])
        if asked.get("model") == "busy":
            error = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
            return web.json_response(error, status=429, headers={"Retry-After": "0.01"})
        tools = bool(asked.get("tools"))
        whole, events = {
            "/v1/chat/completions": (chat(tools=tools), chat_events(tools=tools)),
            "/v1/messages": (message(tools=tools), message_events(tools=tools)),
            "/v1/responses": (response(), response_events()),
        }.get(request.path, ({"input_tokens": 3, "data": []}, []))
        if asked.get("stream"):
            return await self._stream(request, sse(events))
        body = json.dumps(whole, indent=1).encode()
        headers = dict(SENT_HEADERS)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, mtime=0)
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def _stream(self, request: web.Request, pieces: list[bytes]) -> web.StreamResponse:
        headers = SENT_HEADERS | {"Content-Type": "text/event-stream; charset=utf-8"}
        sent = web.StreamResponse(headers=headers)
        await sent.prepare(request)
        try:
            for number, piece in enumerate(pieces):
                if number == self.cut_after:
                    assert request.transport is not None
                    request.transport.close()
                    break
                if number == 3 and self.held is not None:
                    await self.held.wait()
                middle = len(piece) // 2  # so that no event arrives whole
                await sent.write(piece[:middle])
                await asyncio.sleep(0)
                await sent.write(piece[middle:])
        except (ConnectionError, asyncio.CancelledError):
            self.left += 1
            raise
        return sent


@asynccontextmanager
async def providing(**how: Any) -> AsyncIterator[Providers]:
    """Both providers, at one address."""
    fake = Providers(**how)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await fake.answer(request)

    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()
