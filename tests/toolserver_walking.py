"""A yard with the sample log in it, and real clients of the server."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

import foretaste
from foretaste.toolserver.fence import Fence
from foretaste.toolserver.server import server_of
from foretaste.toolserver.vetting import Allowance

SOURCE = str(Path(foretaste.__file__).parents[1])
SECRET = "sk-outside-secret"
REFUSES = {"use": "scripted", "replies": [{"say": "I can't help with that.", "share": 0.4}]}
PLAN: dict[str, Any] = {
    "log": {"path": "log.jsonl"},
    "incumbent": {"use": "scripted", "name": "old"},
    "candidate": REFUSES,
    "sample": {"size": 40},
    "behaviors": [{"name": "refusal", "limit": {"per_100k": 5000}}],
}


def yard_in(folder: Path) -> Path:
    """A folder that tools may touch, with the sample log; a secret lies beside it."""
    inside = folder / "inside"
    inside.mkdir()
    sample = resources.files("foretaste") / "data" / "sample.jsonl"
    (inside / "log.jsonl").write_bytes(sample.read_bytes())
    (folder / "secret.jsonl").write_text(f'{{"messages": [{{"content": "{SECRET}"}}]}}')
    return inside


def command(yard: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "foretaste", "mcp", str(yard), *options]


@asynccontextmanager
async def over_pipes(yard: Path, *options: str) -> AsyncIterator[Client]:
    program, *rest = command(yard, *options)
    started = StdioServerParameters(command=program, args=rest, env={"PYTHONPATH": SOURCE})
    async with Client(stdio_client(started)) as client:
        yield client


@asynccontextmanager
async def here(yard: Path, allowance: Allowance | None = None) -> AsyncIterator[Client]:
    """A client of a server in this process, whose messages go through memory."""
    async with Client(server_of(Fence((str(yard),)), allowance or Allowance())) as client:
        yield client


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool found, where it found something."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return dict(result.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """What a tool says, where it refuses."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert SECRET not in text_of(result)
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text
