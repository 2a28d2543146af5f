"""One POST to a server: retries, waits, limits, and errors that say nothing secret."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec
import tenacity

from foretaste.errand import ERRAND
from foretaste.errors import ItemFailed, ModelUnavailable
from foretaste.records import JSON, Usage

MAX_ANSWER_BYTES = 32 * 2**20
LONGEST_WAIT_S = 600.0
"""A server that asks for a longer wait has failed the request."""

_RETRIED = frozenset({408, 409, 429})
_UNAVAILABLE = frozenset({401, 402, 403, 404})
_KEY_LIKE = re.compile(r"\b[sr]k-[\w*.-]{4,}")
_BACKOFF = tenacity.wait_random_exponential(multiplier=0.5, max=60)


class Refused(ItemFailed):
    """The server refuses this request as it is (HTTP 4xx)."""

    def __init__(self, status: int, fault: dict[str, JSON], message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status
        self.fault = fault


class _Taken(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int


class _Answer(msgspec.Struct):
    usage: _Taken | None = None


class _Transient(Exception):
    def __init__(self, reason: str, *, wait_s: float | None = None, reached: bool = True) -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.reached = reached  # somebody answered the connection


@dataclass(frozen=True, slots=True)
class Transport:
    """Posts JSON and gives back parsed JSON.

    Args:
        session: carries the headers, the key among them; its time limit is per try.
        secret: what no message may repeat; empty where there is none.
        retries: further tries after the first.
        sleep: waits a number of seconds.
    """

    session: aiohttp.ClientSession = field(repr=False)
    secret: str = field(repr=False)
    retries: int
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def post(self, url: str, body: Mapping[str, JSON]) -> JSON:
        """Send one request and parse its answer.

        Tries again after 408, 409, 429, 5xx, time-outs and lost connections: after the time the
        server asks for, else after a random time that doubles up to 60 s.

        Raises:
            Refused: another 4xx.
            ItemFailed: an answer that is too large or no JSON, or no success after all tries.
            ModelUnavailable: 401, 402, 403, 404, an exhausted quota, a redirect, or nobody there.
            BudgetSpent: whoever gave the errand allows no further call.
        """
        try:
            data = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise ItemFailed("the request holds text that is not valid Unicode") from None
        tries = tenacity.AsyncRetrying(
            sleep=self.sleep,
            stop=tenacity.stop_after_attempt(self.retries + 1),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(_Transient),
            reraise=True,
        )
        try:
            raw: bytes = await tries(self._tolled, url, data, body)
        except _Transient as error:
            message = f"{error} ({self.retries + 1} tries)"
            raise (ItemFailed if error.reached else ModelUnavailable)(message) from None
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ItemFailed("the server's answer is not valid JSON") from None

    def clean(self, text: object) -> str:
        """A server's text for a message: printable, without keys, at most 200 characters."""
        words = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
        if self.secret:
            words = words.replace(self.secret, "[key]")
        return _KEY_LIKE.sub("[key]", words)[:200]

    async def _tolled(self, url: str, data: bytes, body: Mapping[str, JSON]) -> bytes:
        """One try, for which whoever gave the errand may take a toll."""
        errand = ERRAND.get()
        if errand is None or errand.toll is None:
            return await self._once(url, data)
        fare = errand.toll(body)
        try:
            raw = await self._once(url, data)
        except _Transient as error:
            if not error.reached:
                fare.give_back()
            raise
        fare.settle(_usage(raw))
        return raw

    async def _once(self, url: str, data: bytes) -> bytes:
        # Causes are cut off (`from None`): they may hold headers, and headers hold the key.
        try:
            async with self.session.post(url, data=data, allow_redirects=False) as response:
                raw = await _read(response)
                if response.status != 200:
                    raise self._problem(response.status, response.headers, raw)
                return raw
        except aiohttp.ClientConnectorCertificateError:
            raise ModelUnavailable("the server's certificate is not valid") from None
        except aiohttp.ConnectionTimeoutError:
            raise _Transient("no connection in time", reached=False) from None
        except TimeoutError:
            raise _Transient("the server did not answer in time") from None
        except aiohttp.ClientConnectorError as error:
            reason = self.clean(error.os_error.strerror or type(error).__name__)
            raise _Transient(f"no connection: {reason}", reached=False) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _Transient(f"the connection broke: {type(error).__name__}") from None

    def _problem(self, status: int, headers: Mapping[str, str], raw: bytes) -> Exception:
        fault = _fault(raw)
        said = self.clean(fault.get("message") or "no reason given")
        text = f"HTTP {status}: {said}"
        if 300 <= status < 400:
            return ModelUnavailable(f"HTTP {status}: the server redirects; mend base_url")
        if status == 429 and "insufficient_quota" in (fault.get("code"), fault.get("type")):
            return ModelUnavailable(text)
        if status in _RETRIED or status >= 500:
            wait = asked_wait(headers, now=datetime.now(UTC))
            if wait is not None and wait > LONGEST_WAIT_S:
                return ItemFailed(f"{text} (asks to wait {wait:.0f} s)")
            return _Transient(text, wait_s=wait)
        if status in _UNAVAILABLE and not _moderated(fault):
            return ModelUnavailable(text)
        return Refused(status, fault, said)


def asked_wait(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that a server asks to wait, by `retry-after-ms` or `Retry-After` (RFC 9110, 10.2.3).

    Headers are looked up by their lower-case names where `headers` is a plain dictionary. None
    where the server does not say, or says nonsense.
    """
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text, re.ASCII):
            return float(text) * unit
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    # An HTTP date is in GMT; "-0000" leaves it without a zone.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, _Transient) and error.wait_s is not None:
        return error.wait_s
    return _BACKOFF(state)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    # Counted after decompression, so a small answer cannot unpack into a large one.
    raw = bytearray()
    async for block in response.content.iter_chunked(2**16):
        raw += block
        if len(raw) > MAX_ANSWER_BYTES:
            response.close()
            raise ItemFailed(f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB")
    return bytes(raw)


def _fault(raw: bytes) -> dict[str, Any]:
    """The error object of an answer, in the forms that servers use; empty where there is none."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, str):
        return {"message": inner}
    return inner if isinstance(inner, dict) else {}


def _usage(raw: bytes) -> Usage | None:
    """What an answer says that it took; None where it does not say."""
    try:
        said = msgspec.json.decode(raw, type=_Answer).usage
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if said is None:
        return None
    return Usage(input_tokens=said.prompt_tokens, output_tokens=said.completion_tokens)


def _moderated(fault: Mapping[str, JSON]) -> bool:
    """Whether a 403 is about this prompt alone: some gateways answer so where a filter strikes."""
    detail = fault.get("metadata")
    flagged = isinstance(detail, dict) and "flagged_input" in detail
    return flagged or fault.get("code") in ("content_filter", "content_policy_violation")
