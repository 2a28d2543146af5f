"""A server on 127.0.0.1 that answers chat completions, or a collector, from a script."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = web.StreamResponse
Script = Iterable[Callable[[web.Request], Any]]


@dataclass
class FakeServer:
    """What the server was asked, and where it is."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def completion(content: str | None = "Paris.", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {
        "model": "next-2026-11-01",
        "choices": [{"index": 0, "finish_reason": "stop", "message": said}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3},
    }


def says(body: Any, status: int = 200, **headers: str) -> Callable[[web.Request], web.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.json_response(body, status=status, headers=named)


def sends(text: bytes, status: int = 200) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(body=text, status=status, content_type="application/json")


def fault(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


@asynccontextmanager
async def serving(*script: Callable[[web.Request], Any]) -> AsyncIterator[FakeServer]:
    """Serve each step of the script once, and its last step from then on."""
    fake = FakeServer()
    steps = list(script) or [says(completion())]

    async def answer(request: web.Request) -> web.StreamResponse:
        fake.bodies.append(await request.json())
        fake.headers.append(dict(request.headers))
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        result = step(request)
        if hasattr(result, "__await__"):
            result = await result
        assert isinstance(result, web.StreamResponse)
        return result

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    app.router.add_post("/v1/logs", answer)  # as a collector of OpenTelemetry
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield fake
    finally:
        await runner.cleanup()
