"""Serve the labelling pages on this machine, and to nobody else."""

import asyncio
import secrets
import socket
from collections.abc import Callable

from aiohttp import web

from foretaste.after.desk import Desk
from foretaste.errors import MachineFailed
from foretaste.web.guard import Guard, Handler
from foretaste.web.review import Pages

HERE = "127.0.0.1"
LARGEST = 64 * 1024  # bytes of a request's body


def app_of(desk: Desk, guard: Guard, annotator: str | None = None) -> web.Application:
    """The pages behind their guard."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard(request, handler)

    app = web.Application(middlewares=[guarded], client_max_size=LARGEST)
    app.add_routes(Pages(desk=desk, annotator=annotator).routes())
    return app


def serve(
    desk: Desk, *, announce: Callable[[str], None], annotator: str | None = None, port: int = 0
) -> None:
    """Serve until interrupted.

    Args:
        desk: what is labelled.
        announce: told the address to open, which holds the token.
        annotator: whose queue opens; None: the page asks.
        port: 0: any that is free.

    Raises:
        MachineFailed: the port is taken.
    """
    asyncio.run(_serve(desk, announce, annotator, port))


async def _serve(
    desk: Desk, announce: Callable[[str], None], annotator: str | None, port: int
) -> None:
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((HERE, port))
        except OSError as error:
            raise MachineFailed(f"port {port} cannot be used: {error.strerror}") from error
        guard = Guard(token=secrets.token_urlsafe(32), port=own.getsockname()[1])
        runner = web.AppRunner(app_of(desk, guard, annotator), access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, own).start()
            whose = f"label?as={annotator}&" if annotator else "?"
            announce(f"http://{HERE}:{guard.port}/{whose}token={guard.token}")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
