"""The recorder between the official SDKs and fakes of their providers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from fake_providers import Providers, providing
from foretaste.recording.routes import Routes
from foretaste.recording.serving import recording
from foretaste.recording.writing import Log

KEY = "sk-live-4f1c9b7e0d"
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
THEIR_TOOL: Any = {"name": "look", "input_schema": {"type": "object"}}


class Scene(NamedTuple):
    """A recorder at work."""

    openai: Any  # the SDKs' own clients; their types tell apart what tests do not
    anthropic: Any
    fake: Providers
    log: Log
    port: int


@asynccontextmanager
async def scene(folder: Path, **how: Any) -> AsyncIterator[Scene]:
    async with providing(**how) as fake:
        routes = Routes(openai=f"{fake.url}/v1", anthropic=fake.url)
        with Log(folder) as log:
            async with (
                recording(routes, log) as port,
                AsyncOpenAI(api_key=KEY, base_url=f"http://127.0.0.1:{port}/v1") as openai,
                AsyncAnthropic(api_key=KEY, base_url=f"http://127.0.0.1:{port}") as anthropic,
            ):
                yield Scene(openai, anthropic, fake, log, port)


def played(folder: Path, act: Callable[[Scene], Awaitable[Any]], **how: Any) -> Any:
    """What an act gives, once the log is closed."""

    async def play() -> Any:
        async with scene(folder, **how) as stage:
            return await act(stage)

    return asyncio.run(play())


def written(folder: Path) -> list[dict[str, Any]]:
    """The records of all formats."""
    files = sorted(folder.rglob("*.jsonl"))
    return [msgspec.json.decode(line) for file in files for line in file.read_bytes().splitlines()]
