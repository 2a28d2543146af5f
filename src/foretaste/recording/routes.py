"""Where a request goes on to, and whether it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from foretaste.errors import PlanError

RECORDED = {
    "/v1/chat/completions": "openai-chat",
    "/v1/responses": "openai-responses",
    "/v1/messages": "anthropic-messages",
}
"""The paths that are written down, each in the format of the reader of that name."""

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com"

_PREFIX = "/v1"  # stands in OpenAI's base URL, and not in Anthropic's


class Route(NamedTuple):
    """What becomes of a request."""

    url: str
    format: str | None  # in which it is written down; None: it is passed on only


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Two providers, fixed at the start: nothing in a request can name a third.

    Attributes:
        openai: what `OPENAI_BASE_URL` would be without the proxy.
        anthropic: what `ANTHROPIC_BASE_URL` would be without the proxy.

    Raises:
        PlanError: one is not the address of a server.
    """

    openai: str = OPENAI
    anthropic: str = ANTHROPIC

    def __post_init__(self) -> None:
        for url in (self.openai, self.anthropic):
            try:
                parts = urlsplit(url)
                good = parts.scheme in ("http", "https") and bool(parts.hostname)
                good = good and not (parts.query or parts.fragment or parts.username)
                good = good and parts.port != 0
            except ValueError:
                good = False
            if not good:
                raise PlanError(f"{url!r} is not a provider's address, such as {OPENAI!r}")

    def route(self, method: str, target: str, headers: Mapping[str, str]) -> Route | None:
        """The route of a request, or None where there is none.

        Args:
            method: the HTTP method.
            target: path and query as they came.
            headers: of the request; names are told in whatever case.
        """
        path = target.partition("?")[0]
        if not target.startswith("/"):  # it would lengthen the host's name
            return None
        kept = RECORDED.get(path) if method == "POST" else None
        messages = path == "/v1/messages" or path.startswith("/v1/messages/")
        if messages or ("anthropic-version" in headers and kept is None):
            return Route(self.anthropic.rstrip("/") + target, kept)
        if not path.startswith(f"{_PREFIX}/"):
            return None
        return Route(self.openai.rstrip("/") + target.removeprefix(_PREFIX), kept)
