"""Who may talk to a server on this machine: whoever knows its token, from its own pages.

A page of anybody's in the same browser can send requests here too, and can make its own name lead
to 127.0.0.1. So the token alone is not enough: the `Host` must be ours, and an `Origin` or a
`Sec-Fetch-Site`, where the browser names them, must be our own.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_PLAIN = re.compile(r"/[a-z]*")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Lets nobody in who does not know the token; `middleware` stands before every page."""

    token: str
    port: int

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no ports, and two servers must not share one."""
        return f"foretaste-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """By what names we are called."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or refuse it; every answer carries the protective headers."""
        response: web.StreamResponse | None = self._refusal(request) or self._entry(request)
        if response is None:
            try:
                response = await handler(request)
            except web.HTTPException as known:
                response = web.Response(status=known.status, text=known.reason)
        response.headers.update(HEADERS)
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        origin = request.headers.get("Origin")
        # A browser sends an origin with every form; only a program can leave it out.
        foreign = origin is not None and origin not in {f"http://{host}" for host in self.hosts}
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.headers.get("Host") not in self.hosts or foreign:
            return web.Response(status=403, text="Not from here.")
        if request.method != "GET" and site != "same-origin":
            return web.Response(status=403, text="Not from here.")
        given = request.query.get("token") or request.cookies.get(self.cookie, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            return web.Response(status=403, text="Open the address that was printed at the start.")
        return None

    def _entry(self, request: web.Request) -> web.Response | None:
        """The token leaves the address bar for a cookie that no script and no other site gets."""
        if "token" not in request.query:
            return None
        if request.method != "GET":
            return web.Response(status=403, text="The token belongs in the cookie.")
        query = {key: value for key, value in request.query.items() if key != "token"}
        # Two slashes would lead to another host.
        path = request.path if _PLAIN.fullmatch(request.path) else "/"
        target = f"{path}?{urlencode(query)}" if query else path
        response = web.Response(status=303, headers={"Location": target})
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
        return response
