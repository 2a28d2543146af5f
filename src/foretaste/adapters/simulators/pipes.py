"""An MCP server in a process of its own, spoken to through its pipes.

The SDK's own client for this hands parts of the environment on unasked, writes what the server
complains of to the terminal, and takes 67 seconds for an answer of 50 MB (it starts over with every
64 KB that arrive); this one takes 2.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

LONGEST = 128_000_000  # bytes of a message; a longer one is no message
_GRACE_S = 2.0  # for a server to end by itself once its input is closed


@asynccontextmanager
async def pipes(
    command: Sequence[str], environment: Mapping[str, str], complaints: IO[bytes]
) -> AsyncIterator[TransportStreams]:
    """Start a server and open both directions; the server and its children end with the block.

    Args:
        command: program and arguments; no shell reads them.
        environment: all that the server gets of it.
        complaints: takes what it writes to its standard error.

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=complaints,
        env=dict(environment),
        limit=LONGEST,
        start_new_session=True,  # so that its children can be ended with it
    )
    arrived, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, leaving = anyio.create_memory_object_stream[SessionMessage](0)
    tasks = [
        asyncio.create_task(_read(process, arrived)),
        asyncio.create_task(_write(process, leaving, arrived)),
    ]
    try:
        yield incoming, outgoing
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for stream in (incoming, outgoing, arrived, leaving):
            stream.close()
        await asyncio.shield(_end(process))


async def _read(process: Process, arrived: ObjectSendStream[SessionMessage | Exception]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    async with arrived:
        while True:
            try:
                line = await process.stdout.readline()
                if not line:
                    return
                message = SessionMessage(jsonrpc_message_adapter.validate_json(line))
            except ValueError:
                continue  # too long, or no message: whoever waits for it will not wait for ever
            try:
                await arrived.send(message)
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                return


async def _write(
    process: Process,
    leaving: ObjectReceiveStream[SessionMessage],
    arrived: ObjectSendStream[SessionMessage | Exception],
) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    try:
        async for message in leaving:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(f"{text}\n".encode())
            await process.stdin.drain()
    except OSError:
        await arrived.aclose()  # nobody reads: whoever waits is told


async def _end(process: Process) -> None:
    """Close its input, wait, then kill it with all of its children."""
    if process.stdin is not None:
        process.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await _ended(process)
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await _ended(process)
    # A stranger that holds the pipe open would keep it from being closed.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


async def _ended(process: Process) -> None:
    # `wait` would also wait for whoever else holds the pipes.
    while process.returncode is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
