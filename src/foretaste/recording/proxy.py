"""Passes requests on and answers back, byte for byte, and keeps a copy of what is to be recorded.

Nothing is held back: what arrives goes on at once, and only after the last byte is a call handed to
the writer. Headers go on as they came, but for those of one connection (RFC 9110, 7.6.1).
"""

import io
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from foretaste.adapters.readers.files.streams import LONGEST
from foretaste.recording.lines import CODINGS, Exchange
from foretaste.recording.routes import Route, Routes
from foretaste.recording.writing import Tally

_OF_ONE_CONNECTION = (
    *("Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection"),
    *("TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"),
)
_ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_CAN_BE_READ = frozenset([*CODINGS, "identity"])
_AS_SENT = ("utf-8", "surrogateescape")
_LARGE = 1 << 20  # bytes; a longer body is sent in pieces
_CLIENT_LEFT = "the client left"
_PROVIDER_LEFT = "the provider broke off"


class Passed(web.StreamResponse):
    """An answer that goes on as it came: no header is added to it, and none is changed."""

    def __init__(self, request: web.BaseRequest, answer: ClientResponse) -> None:
        super().__init__(status=answer.status)
        self._to, self._answer = request, answer
        self._is_whole = True

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow on this connection."""
        return self._is_whole and self._to.keep_alive and self._is_framed

    @property
    def _is_framed(self) -> bool:
        """Whether the client can tell where the body ends."""
        return self._to.version >= (1, 1) or "Content-Length" in self._answer.headers

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing: `begin` has sent the headers."""

    async def begin(self) -> None:
        """Send status and headers."""
        writer, answer = self._to.writer, self._answer
        headers = passed(answer.raw_headers)
        has_body = self._to.method != "HEAD" and answer.status not in (204, 304)
        if has_body and "Content-Length" not in headers and self._to.version >= (1, 1):
            writer.enable_chunking()
            headers["Transfer-Encoding"] = "chunked"
        if not self.keep_alive:
            headers["Connection"] = "close"
        await writer.write_headers(f"HTTP/1.1 {answer.status} {answer.reason}", headers)
        writer.send_headers()

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a part of the body; waits where the client is slow."""
        await self._to.writer.write(data)

    async def write_eof(self, data: bytes = b"") -> None:
        """End the body, unless it was broken off: then the client must see that it was."""
        if self._is_whole:
            await self._to.writer.write_eof(data)

    def break_off(self) -> None:
        """Close the connection in the midst of the body."""
        self._is_whole = False
        if self._to.transport is not None:
            self._to.transport.abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Answers each request with what the provider answers.

    Attributes:
        routes: where requests go on to.
        hosts: by what names we are called: another one leads here from a page of anybody's.
        session: asks the providers; it decompresses nothing and keeps no cookies.
        take: is given each call that is to be recorded, once it has ended.
        tally: counts what failed.
    """

    routes: Routes
    hosts: frozenset[str]
    session: ClientSession
    take: Callable[[Exchange], None]
    tally: Tally

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Pass one request on, or refuse it."""
        if self._is_foreign(request.headers):
            return _said(403, "only programs on this machine may ask, and no web page")
        route = self.routes.route(request.method, request.raw_path, request.headers)
        if route is None:
            return _said(404, "OpenAI's base URL ends in /v1 here, and Anthropic's has no path")
        body: bytes | None = None
        if route.format is not None:
            body = await request.content.read()
        try:
            return await self._passed_on(request, route, body)
        except (ClientError, TimeoutError, OSError) as error:
            self.tally.failed += 1
            return _said(502, f"the provider cannot be reached: {type(error).__name__}")

    def _is_foreign(self, headers: Mapping[str, str]) -> bool:
        # A program may leave these out; a browser cannot.
        from_page = "Origin" in headers or "Sec-Fetch-Site" in headers
        return from_page or headers.get("Host") not in self.hosts

    async def _passed_on(
        self, request: web.BaseRequest, route: Route, body: bytes | None
    ) -> web.StreamResponse:
        headers = passed(request.raw_headers)
        headers.pop("Host", None)
        data: object = request.content if request.can_read_body else None
        if body is not None:
            data = body if len(body) < _LARGE else io.BytesIO(body)
            _accept_what_can_be_read(headers)
        began, start = time.time(), time.perf_counter()
        async with self.session.request(
            request.method,
            URL(route.url, encoded=True),
            headers=headers,
            data=data,
            allow_redirects=False,
        ) as answer:
            response = Passed(request, answer)
            if body is None or route.format is None or not 200 <= answer.status < 300:
                self.tally.failed += body is not None
                await _through(answer, response, None)
                return response
            copy = _Copy()
            cut: str | None = _CLIENT_LEFT
            try:
                cut = await _through(answer, response, copy)
            finally:  # a client that leaves cancels this
                if copy.size + len(body) > LONGEST:
                    self.tally.dropped += 1
                elif copy.pieces:
                    self.take(
                        Exchange(
                            format=route.format,
                            asked=body,
                            asked_coding=request.headers.get("Content-Encoding", ""),
                            answered=copy.pieces,
                            coding=answer.headers.get("Content-Encoding", ""),
                            streamed=answer.content_type == "text/event-stream",
                            began=began,
                            seconds=time.perf_counter() - start,
                            first_seconds=copy.first - start,
                            cut=cut,
                        )
                    )
            return response


class _Copy:
    """The pieces of an answer, up to more than a line may hold."""

    __slots__ = ("first", "pieces", "size")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.first = 0.0

    def add(self, piece: bytes) -> None:
        if not self.pieces:
            self.first = time.perf_counter()
        self.size += len(piece)
        if self.size <= LONGEST:
            self.pieces.append(piece)


async def _through(answer: ClientResponse, response: Passed, copy: _Copy | None) -> str | None:
    """Pass an answer on; say why where it did not come to its end."""
    await response.begin()
    while True:
        try:
            piece = await answer.content.readany()
        except (ClientError, TimeoutError, OSError):
            response.break_off()
            return _PROVIDER_LEFT
        if not piece:
            return None
        if copy is not None:
            copy.add(piece)
        try:
            await response.write(piece)
        except (ConnectionError, ClientError):
            response.break_off()
            return _CLIENT_LEFT


def passed(headers: Iterable[tuple[bytes, bytes]]) -> CIMultiDict[str]:
    """Headers as they were spelled, without those that belong to one connection."""
    found = CIMultiDict(
        (name.decode(*_AS_SENT), value.decode(*_AS_SENT)) for name, value in headers
    )
    named = [name.strip() for each in found.getall("Connection", ()) for name in each.split(",")]
    for name in (*_OF_ONE_CONNECTION, *named):
        found.popall(name, None)
    return found


def _accept_what_can_be_read(headers: CIMultiDict[str]) -> None:
    """Ask for no compression that the record could not undo, such as Brotli's."""
    given = headers.get("Accept-Encoding")
    if given is not None:
        wanted = [each.strip() for each in given.split(",")]
        known = [
            each for each in wanted if each.partition(";")[0].strip() in (*CODINGS, "identity")
        ]
        if known != wanted:
            headers["Accept-Encoding"] = ", ".join(known) or "identity"


def _said(status: int, text: str) -> web.Response:
    error = {"message": f"foretaste record: {text}", "type": "foretaste_record"}
    body = msgspec.json.encode({"type": "error", "error": error})
    return web.Response(status=status, body=body, content_type="application/json")


def session() -> ClientSession:
    """A session that passes bytes on as they come, without a clock of its own."""
    return ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=5),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_ADDED_BY_AIOHTTP,
        timeout=ClientTimeout(total=None, sock_connect=30),
    )
