"""The recorder's server: on this machine, and for nobody else."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from foretaste.errors import MachineFailed
from foretaste.recording.proxy import Proxy, session
from foretaste.recording.routes import Routes
from foretaste.recording.writing import Log

HERE = "127.0.0.1"
_LAST_WORDS = 0.5  # seconds that calls have left when the server ends


@asynccontextmanager
async def recording(routes: Routes, log: Log, *, port: int = 0) -> AsyncIterator[int]:
    """Answer requests while the context is open; what is not over at its end is recorded as cut.

    Args:
        routes: the providers.
        log: entered already.
        port: 0: any that is free.

    Yields:
        The port.

    Raises:
        MachineFailed: the port is taken.
    """
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((HERE, port))
        except OSError as error:
            raise MachineFailed(f"port {port} cannot be used: {error.strerror}") from error
        bound: int = own.getsockname()[1]
        hosts = frozenset({f"{HERE}:{bound}", f"localhost:{bound}"})
        async with session() as asking:
            proxy = Proxy(
                routes=routes, hosts=hosts, session=asking, take=log.take, tally=log.tally
            )
            server = web.Server(
                proxy, handler_cancellation=True, auto_decompress=False, access_log=None
            )
            runner = web.ServerRunner(server, shutdown_timeout=_LAST_WORDS)
            await runner.setup()
            try:
                await web.SockSite(runner, own).start()
                yield bound
            finally:
                await runner.cleanup()
