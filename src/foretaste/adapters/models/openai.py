"""Models behind OpenAI's chat-completions protocol: OpenAI itself, vLLM, Ollama, gateways."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from yarl import URL

from foretaste.adapters.http import Refused, Transport
from foretaste.adapters.models import chat
from foretaste.errors import ItemFailed, ModelUnavailable, PlanError
from foretaste.protocols import Reply, Request
from foretaste.records import JSON

DEFAULT_URL = "https://api.openai.com/v1"

_CONNECT_S = 20.0

_REFUSES = re.compile(
    r"unsupported|not support|unrecognized|unknown|not permitted|not allowed|unexpected",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Link:
    """What is open while the plug-in is entered, and what its server has taught us."""

    users: int = 0
    url: str = ""
    transport: Transport | None = None
    refused: set[tuple[str, str]] = field(default_factory=set)  # (parameter, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAI:
    """Asks a chat-completions server.

    Production's settings go out under their own names. What the protocol does not know goes out
    only with `extra`; what the server refuses by name is left out and the request sent again.
    Either way the reply says what went out and what did not.

    Args:
        model: the server's name of the model.
        base_url: where the server is, up to and including `/v1`. The environment variable
            `OPENAI_BASE_URL` replaces the default, never a value that was given.
        key_from: environment variable that holds the key. Local servers need none.
        timeout: seconds for one try.
        retries: further tries after the first.
        extra: send settings beyond the protocol too (`top_k`, `min_p`, `repetition_penalty`).
        trust_env: use the proxy that the environment names.
    """

    model: str
    base_url: str = DEFAULT_URL
    key_from: str = "OPENAI_API_KEY"
    timeout: float = 120.0
    retries: int = 6
    extra: bool = False
    trust_env: bool = False
    _link: _Link = field(init=False, repr=False, compare=False, default_factory=_Link)

    def __post_init__(self) -> None:
        _checked(self.base_url, "base_url")
        if self.timeout <= 0 or self.retries < 0:
            raise PlanError("timeout must be above 0 and retries at least 0")

    async def __aenter__(self) -> Self:
        """Read the key and open a connection pool.

        Raises:
            ModelUnavailable: a server on another machine needs a key, and there is none.
            PlanError: `OPENAI_BASE_URL` is no usable address.
        """
        link = self._link
        if not link.users:
            named = os.environ.get("OPENAI_BASE_URL") if self.base_url == DEFAULT_URL else None
            url = _checked(named, "OPENAI_BASE_URL") if named else URL(self.base_url)
            key = self._key(url)
            headers = {"User-Agent": "foretaste", "Content-Type": "application/json"}
            session = aiohttp.ClientSession(
                headers=headers | ({"Authorization": f"Bearer {key}"} if key else {}),
                timeout=aiohttp.ClientTimeout(
                    total=self.timeout, sock_connect=min(self.timeout, _CONNECT_S)
                ),
                connector=aiohttp.TCPConnector(limit=0),  # the engine bounds concurrency
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self.trust_env,
            )
            link.url = str(url / "chat/completions")
            link.transport = Transport(session=session, secret=key, retries=self.retries)
        link.users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        link = self._link
        link.users -= 1
        if not link.users and link.transport is not None:
            await link.transport.session.close()
            link.transport = None

    async def __call__(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ItemFailed: the server refuses this request, or answers with something else.
            ModelUnavailable: the server refuses every request, or is not there.
        """
        transport = self._link.transport
        if transport is None:
            raise ModelUnavailable("the model was asked before it was entered")
        settings, dropped = chat.settings(request, extra=self.extra)
        for name in list(settings):
            if (name, repr(settings.get(name))) in self._link.refused:
                _leave_out(name, settings, dropped)
        while True:
            body = chat.body(self.model, request, settings)
            try:
                answer = await transport.post(self._link.url, body)
            except Refused as error:
                refused = _unsupported(error, settings)
                if refused is None:
                    raise ItemFailed(str(error)) from None
                self._link.refused.add((refused, repr(settings[refused])))
                _leave_out(refused, settings, dropped)
            else:
                return chat.reply(
                    answer,
                    asked_model=self.model,
                    sent=settings,
                    dropped=tuple(dropped),
                    clean=transport.clean,
                )

    def _key(self, url: URL) -> str:
        key = os.environ.get(self.key_from, "").strip()
        if not key and not _is_loopback(url):
            raise ModelUnavailable(f"no key: the environment variable {self.key_from} is not set")
        if not (key.isascii() and key.isprintable()):
            raise ModelUnavailable(f"the key in {self.key_from} holds characters that no key has")
        return key


def _checked(text: str, where: str) -> URL:
    # The text is not repeated in any message: it may hold a password.
    try:
        url = URL(text)
    except ValueError:
        raise PlanError(f"{where} is not a web address") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise PlanError(f"{where} must start with http:// or https:// and name a host")
    if url.user is not None or url.password is not None:
        raise PlanError(f"{where} holds credentials; put the key into a variable (key_from)")
    if url.query_string or url.fragment:
        raise PlanError(f"{where} ends at the path, without ? or #")
    return url


def _is_loopback(url: URL) -> bool:
    host = url.host or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unsupported(error: Refused, settings: Mapping[str, JSON]) -> str | None:
    """Name of the one setting that the server refuses, or None where it refuses something else."""
    message = str(error.fault.get("message", ""))
    code = str(error.fault.get("code", ""))
    named = str(error.fault.get("param") or "")
    if error.status not in (400, 422):
        return None
    if "logprobs" in settings and "logprobs" in f"{named} {message}":
        return "logprobs"  # too many of them, or none at all: an answer does without
    if not _REFUSES.search(f"{code} {message}"):
        return None
    if named in settings:
        return named
    quoted = [name for name in settings if re.search(rf"['\"`]{re.escape(name)}['\"`]", message)]
    return quoted[0] if len(quoted) == 1 else None


def _leave_out(name: str, settings: dict[str, JSON], dropped: list[str]) -> None:
    value = settings.pop(name)
    if name == "max_tokens":  # newer models of OpenAI take the limit under this name only
        settings.setdefault("max_completion_tokens", value)
        name = "max_tokens (sent as max_completion_tokens)"
    if name == "logprobs":  # one goes nowhere without the other
        settings.pop("top_logprobs", None)
    dropped.append(name)
