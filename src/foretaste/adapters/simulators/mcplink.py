"""One connection to an MCP server, for many callers; what goes wrong with it stays in it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client._transport import Transport, TransportStreams
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED, CallToolResult, ToolAnnotations

from foretaste.adapters.simulators.pipes import LONGEST, pipes
from foretaste.errors import ItemFailed, MachineFailed
from foretaste.records import JSON

_CONNECT_S = 60.0  # a server may first have to be fetched
_CLOSE_S = 10.0
_STARTS = 3  # without an answer in between; then the server is given up
_PAGES = 100  # of a list of tools
_SHOWN = 200  # characters of what a server says of an error

# What a server sends that is no message must not reach the terminal.
logging.getLogger("mcp").addHandler(logging.NullHandler())


__all__ = ["Link", "pipes", "streaming"]


@asynccontextmanager
async def streaming(url: str, key: str = "") -> AsyncIterator[TransportStreams]:
    """The way to a server that listens; no proxy and no password file of this machine is used."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        # `Link` keeps the time.
        httpx2.AsyncClient(headers=headers, timeout=None, trust_env=False) as http,
        streamable_http_client(url, http_client=http, max_sse_event_size=LONGEST) as streams,
    ):
        yield streams


class Link:
    """Holds the connection in a task of its own, since a dying one takes its task with it.

    Args:
        transport: opens the way to the server, as the SDK takes it.
        seconds: one call may take.
        complaint: what the server last wrote of its troubles, or "".
    """

    def __init__(
        self,
        transport: Callable[[], Transport],
        seconds: float,
        complaint: Callable[[], str] = str,
    ) -> None:
        self.name = ""  # as the server calls itself
        self.tools: dict[str, ToolAnnotations | None] = {}
        self._transport = transport
        self._seconds = seconds
        self._complaint = complaint
        self._lock = asyncio.Lock()
        self._starts = 0  # since the last answer
        self._answers = 0
        self._client: Client | None = None
        self._owner: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def open(self) -> None:
        """Connect, and ask which tools there are.

        Raises:
            MachineFailed: the server does not start, or does not answer.
        """
        self._starts += 1
        self._stop = asyncio.Event()
        ready = asyncio.Event()
        self._owner = asyncio.create_task(self._own(ready, self._stop))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait(
            {self._owner, waiting}, timeout=_CONNECT_S, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        if not ready.is_set():
            reason = _ending(self._owner) or f"no answer within {_CONNECT_S:g} seconds"
            await self.close()
            said = self._complaint()
            raise MachineFailed(
                f"no connection to the MCP server: {reason}"
                + (f"; it said: {said}" if said else "")
            )

    async def close(self) -> None:
        """End the connection, and the server if it was started here."""
        self._stop.set()
        self._client = None
        owner, self._owner = self._owner, None
        if owner is not None:
            await asyncio.wait({owner}, timeout=_CLOSE_S)
            owner.cancel()
            await asyncio.wait({owner}, timeout=_CLOSE_S)
            _ending(owner)

    async def call(self, tool: str, arguments: dict[str, JSON]) -> CallToolResult | str:
        """The server's answer to one call, or why there is none.

        Raises:
            ItemFailed: the server answered nothing since it was started for the third time.
        """
        try:
            client, owner = await self._live()
        except MachineFailed as error:
            return str(error)
        answers = self._answers
        asked = asyncio.create_task(_asked(client.call_tool(tool, arguments)))
        try:
            done, _ = await asyncio.wait(
                {asked, owner}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            asked.cancel()
        if asked in done:
            return self._taken(asked.result(), owner)
        if done or answers == self._answers:
            self._break(owner)  # it is gone; or nobody got an answer meanwhile: it hangs
        if done:
            return f"the connection broke: {_ending(owner)}"
        return f"no answer within {self._seconds:g} seconds"

    def _taken(
        self, result: CallToolResult | Exception, owner: "asyncio.Task[None]"
    ) -> CallToolResult | str:
        if not isinstance(result, Exception):
            self._answers += 1
            self._starts = 0
            return result
        if not isinstance(result, MCPError) or result.error.code == CONNECTION_CLOSED:
            self._break(owner)
        return _text(result)

    def _break(self, owner: "asyncio.Task[None]") -> None:
        if owner is self._owner:  # and no newer one
            self._stop.set()

    async def _live(self) -> tuple[Client, "asyncio.Task[None]"]:
        """The connection; a new one where it is gone."""
        async with self._lock:
            if self._owner is None or self._owner.done() or self._stop.is_set():
                if self._starts >= _STARTS:
                    raise ItemFailed(
                        f"the MCP server {self.name!r} answered nothing after {_STARTS} starts"
                    )
                await self.close()
                await self.open()
            if self._client is None or self._owner is None:
                raise MachineFailed("the connection is closed")
            return self._client, self._owner

    async def _own(self, ready: asyncio.Event, stop: asyncio.Event) -> None:
        async with Client(self._transport()) as client:
            self.tools = await _tools(client)
            info = client.server_info
            self.name = info.name[:_SHOWN] if info else ""
            self._client = client
            ready.set()
            await stop.wait()


async def _asked(call: Coroutine[Any, Any, CallToolResult]) -> CallToolResult | Exception:
    """What came of a call; what a server or a broken line raises is a value."""
    try:
        return await call
    except (MCPError, ValueError, OSError, anyio.ClosedResourceError) as error:
        return error
    except anyio.BrokenResourceError as error:
        return error


async def _tools(client: Client) -> dict[str, ToolAnnotations | None]:
    found: dict[str, ToolAnnotations | None] = {}
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        found |= {tool.name: tool.annotations for tool in page.tools}
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _ending(owner: "asyncio.Task[None]") -> str:
    """Why the connection's task ended; "" while it runs, or where it was told to."""
    if not owner.done() or owner.cancelled():
        return ""
    error = owner.exception()
    return "" if error is None else _text(error)


def _text(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {str(error)[:_SHOWN]}"
