"""Answer tool calls from live MCP servers that are only ever read."""

import glob
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from foretaste.adapters.simulators.effects import Effects
from foretaste.calls import storable
from foretaste.errors import MachineFailed, PlanError
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import JSON, Prefix, ToolCall

if TYPE_CHECKING:  # the SDK is an extra
    from mcp.types import CallToolResult, ContentBlock, ToolAnnotations

    from foretaste.adapters.simulators.mcplink import Link

_NEEDED = ("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP")  # for a program to start
_COMPLAINT = 300  # characters of what a server last wrote to its standard error


@dataclass(slots=True)
class _Entered:
    """What is open while the plug-in is entered."""

    users: int = 0
    link: "Link | None" = None
    held: ExitStack = field(default_factory=ExitStack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """Forwards calls that only read to an MCP server, and nothing else.

    A call reaches the server only if its tool is on the allow list, and its name says that it reads
    (or `reads` does), and the server does not say that it writes, and this rollout wrote nothing
    that the call is about: the server knows nothing of a rollout's own writes. Any other call of a
    tool of the server is refused: it stays open for the next layer, and the record says why. So
    does it where the server is slow, broken or gone; one that answers nothing at all makes the
    rollout a failure. Answers are of today, not of the time of the conversation, and not scrubbed.

    Args:
        allow: tools that may be called, by shell patterns (`search_*`), as the server names them.
        command: program and arguments of a server on this machine; no shell reads them.
        url: where a server listens (streamable HTTP), in place of a command.
        env_from: environment variables that a command's server gets, besides those that any program
            needs to start (`PATH`).
        key_from: environment variable that holds the bearer token of a `url`.
        prefix: what production put before the server's names (`mcp__github__`); other tools are
            none of this server's.
        reads: tools that read although their names do not say so; whole names, no patterns.
        writes: tools that write although their names do not say so, by shell patterns.
        seconds: one call may take.

    Raises:
        PlanError: no tool is allowed, there is not one of `command` and `url`, `reads` holds a
            pattern, or `url` is no usable address.
    """

    allow: tuple[str, ...]
    command: tuple[str, ...] = ()
    url: str | None = None
    env_from: tuple[str, ...] = ()
    key_from: str | None = None
    prefix: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    seconds: float = 20.0
    _entered: _Entered = field(init=False, repr=False, compare=False, default_factory=_Entered)

    def __post_init__(self) -> None:
        if bool(self.command) == bool(self.url):
            raise PlanError("connector needs either `command` or `url`: an MCP server to ask")
        if not self.allow:
            raise PlanError("connector needs `allow`: the tools that may be called")
        for name in self.reads:
            if glob.has_magic(name):
                raise PlanError(f"connector, reads: {name!r} is a pattern; write out every tool")
        if self.seconds <= 0:
            raise PlanError("connector: `seconds` must be above 0")
        if self.url and self.env_from:
            raise PlanError("connector: `env_from` is for a `command`; a `url` takes `key_from`")
        if self.command and self.key_from:
            raise PlanError("connector: `key_from` is for a `url`; a `command` takes `env_from`")
        if self.url:
            _check(self.url)

    async def __aenter__(self) -> Self:
        """Connect to the server, and start it where it is a command.

        Raises:
            PlanError: the SDK is not installed, or an environment variable is not set.
            MachineFailed: the server does not start, or does not answer.
        """
        entered = self._entered
        if entered.link is None:
            with ExitStack() as held:
                link = self._link(held)
                try:
                    await link.open()
                    entered.link, entered.held = link, held.pop_all()
                finally:
                    if entered.link is None:
                        await link.close()  # it was cut short: no server is left behind
        entered.users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the connection, and the server that was started."""
        entered = self._entered
        entered.users -= 1
        if not entered.users and entered.link is not None:
            link, entered.link = entered.link, None
            with entered.held:
                await link.close()

    def __call__(self, prefix: Prefix) -> "ConnectorSession":  # noqa: ARG002 - all alike
        """Open a session over the one connection.

        Raises:
            MachineFailed: the connector was not entered, so it is connected to nothing.
        """
        if self._entered.link is None:
            raise MachineFailed("the connector is not connected: enter it first")
        return ConnectorSession(self, self._entered.link)

    def refusal(self, call: ToolCall, before: Sequence[Act], says: "ToolAnnotations | None") -> str:
        """Why a call does not reach the server; "" where it may.

        Args:
            call: by the server's name of the tool.
            before: what this rollout did so far.
            says: the server's own word on the tool, which can only forbid.
        """
        effects = Effects(reads=self.reads, writes=self.writes)
        if not any(fnmatchcase(call.name, pattern) for pattern in self.allow):
            return f"{call.name!r} is not on the allow list"
        if effects.may_write(call.name):
            return f"{call.name!r} may write"
        if says is not None and (says.read_only_hint is False or says.destructive_hint is True):
            return f"{call.name!r} writes, as the server says"
        own = [act._replace(call=self._own(act.call)) for act in before]
        if (earlier := effects.touched(call, own)) is not None:
            return f"this rollout may have changed what it asks for by {earlier.name!r}"
        return ""

    def asks(self, call: ToolCall) -> ToolCall | None:
        """The call by the server's name of the tool; None for tools of others."""
        return self._own(call) if call.name.startswith(self.prefix) else None

    def _own(self, call: ToolCall) -> ToolCall:
        return structs.replace(call, name=call.name.removeprefix(self.prefix))

    def _link(self, held: ExitStack) -> "Link":
        try:
            from foretaste.adapters.simulators import mcplink  # noqa: PLC0415  (an extra)
        except ImportError as error:
            raise PlanError("connectors need the MCP SDK: pip install 'foretaste[mcp]'") from error
        if self.url:
            address, key = self.url, _variable(self.key_from) if self.key_from else ""
            return mcplink.Link(lambda: mcplink.streaming(address, key), self.seconds)
        environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        environment |= {name: _variable(name) for name in self.env_from}
        complaints = held.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - `held` does
        return mcplink.Link(
            lambda: mcplink.pipes(self.command, environment, complaints),
            self.seconds,
            lambda: _end_of(complaints),
        )


class ConnectorSession:
    """The server as one rollout may see it; `left_open` says why the last call got no answer."""

    def __init__(self, connector: Connector, link: "Link") -> None:
        self.left_open = ""
        self._connector = connector
        self._link = link

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        """The server's answer; None where the call is refused, or none comes.

        Raises:
            ItemFailed: the server answers nothing any more.
        """
        self.left_open = ""
        asked = self._connector.asks(call)
        if asked is None or asked.name not in self._link.tools:
            return None
        refused = self._connector.refusal(asked, before, self._link.tools[asked.name])
        arguments = _arguments(asked)
        if refused or arguments is None:
            self.left_open = f"refused: {refused or 'the arguments are no JSON object'}"
            return None
        result = await self._link.call(asked.name, arguments)
        if isinstance(result, str):
            self.left_open = f"{asked.name!r} of {self._link.name!r}: {result}"
            return None
        why = f"{asked.name!r} of the MCP server {self._link.name!r}, as of now, not as of then"
        return ToolAnswer(_text(result), "connector", why + ", an error" * result.is_error)


def _check(text: str) -> None:
    # The text is not repeated in any message: it may hold a password.
    try:
        url = urlsplit(text)
        usable = url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise PlanError("connector: `url` must start with http:// or https:// and name a host")
    if "@" in url.netloc:
        raise PlanError("connector: `url` holds credentials; put them into a variable (key_from)")


def _variable(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise PlanError(f"connector: the environment variable {name} is not set") from None


def _end_of(complaints: IO[bytes]) -> str:
    complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, complaints.tell() - _COMPLAINT))
    text = " ".join(complaints.read().decode(errors="replace").split())
    return "".join(sign for sign in text if sign.isprintable())


def _arguments(call: ToolCall) -> dict[str, JSON] | None:
    try:
        parsed: JSON = msgspec.json.decode(call.arguments or "{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _text(result: "CallToolResult") -> str:
    """What a model reads of an answer: its texts, a line for what is none, or else its JSON."""
    parts = [_shown(block) for block in result.content]
    if not parts and result.structured_content is not None:
        parts = [msgspec.json.encode(result.structured_content).decode()]
    return storable("\n".join(parts))


def _shown(block: "ContentBlock") -> str:
    if block.type == "text":
        return block.text
    if block.type == "resource_link":
        return f"[{block.name}: {block.uri}]"
    held = block.resource if block.type == "resource" else block
    text = getattr(held, "text", None)
    if isinstance(text, str):
        return text
    kind = held.mime_type or "application/octet-stream"
    data = str(getattr(held, "data", "") or getattr(held, "blob", ""))
    return f"[{kind}, {len(data) * 3 // 4:,} bytes, left out]"
