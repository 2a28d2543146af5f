"""The server's two ways in: this process's own pipes, and an address of this machine alone."""

import hmac
import os
import secrets
import socket
from collections.abc import Callable
from typing import Any

import anyio
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from foretaste.errors import MachineFailed, PlanError

HERE = "127.0.0.1"
TOKEN = "FORETASTE_MCP_TOKEN"  # noqa: S105 - a variable's name
_SHORTEST_TOKEN = 16
_CLOSE_S = 3


def over_pipes(server: Server[Any]) -> None:
    """Serve one client over standard input and output, until it closes them."""

    async def serve() -> None:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(serve)


def over_http(server: Server[Any], *, port: int, announce: Callable[[str, str], None]) -> None:
    """Serve any number of clients of this machine over streamable HTTP, until interrupted.

    Args:
        server: what is served.
        port: 0: any that is free.
        announce: told the address, and the token that every request must bring.

    Raises:
        MachineFailed: the port is taken.
        PlanError: the token that the environment names is too short.
    """
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((HERE, port))
            own.listen()  # whoever comes before all is set up waits
        except OSError as error:
            raise MachineFailed(f"port {port} cannot be used: {error.strerror}") from error
        taken = own.getsockname()[1]
        token = _token()
        config = uvicorn.Config(
            app_of(server, taken, token),
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=_CLOSE_S,
        )
        announce(f"http://{HERE}:{taken}/mcp", token)
        uvicorn.Server(config).run(sockets=[own])


def app_of(server: Server[Any], port: int, token: str) -> ASGIApp:
    """The server behind its guard: who knows the token, by our name, from no other's page."""
    hosts = [f"{HERE}:{port}", f"localhost:{port}"]
    inner = server.streamable_http_app(
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=hosts,
            allowed_origins=[f"http://{host}" for host in hosts],
        )
    )
    return _Guarded(inner, token, frozenset(hosts))


class _Guarded:
    """Lets a request in that brings the token; see `web/guard.py` for what else is looked at."""

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app = app
        self._token = f"Bearer {token}".encode()
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        host = [value.decode("latin-1") for value in headers.get(b"host", [])]
        origin = [value.decode("latin-1") for value in headers.get(b"origin", [])]
        foreign = any(each not in {f"http://{own}" for own in self._hosts} for each in origin)
        site = headers.get(b"sec-fetch-site", [b"same-origin"])
        if len(host) != 1 or host[0] not in self._hosts or foreign or site != [b"same-origin"]:
            return PlainTextResponse("Not from here.", 403)
        given = headers.get(b"authorization", [])
        if len(given) != 1 or not hmac.compare_digest(given[0], self._token):
            return PlainTextResponse(
                "Bring the token that was printed at the start.",
                401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        return None


def _token() -> str:
    given = os.environ.get(TOKEN)
    if given is None:
        return secrets.token_urlsafe(32)
    if len(given) < _SHORTEST_TOKEN or not given.isascii() or not given.isprintable():
        raise PlanError(f"{TOKEN} has at least {_SHORTEST_TOKEN} plain characters")
    return given
