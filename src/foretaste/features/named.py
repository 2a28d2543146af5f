"""Links and names in a turn, and those that nothing it could know of holds."""

import re
from collections.abc import Iterator

from foretaste.calls import pairs
from foretaste.discoveries import Seen
from foretaste.records import Message, Prefix

_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`]{3,300}")
_HOST = re.compile(r"https?://(?:[^@/\s]*@)?([^/:?#\s]+)")
_MOST = 30  # of one kind in a turn
# A capital inside a sentence: names of people, places, products. German nouns come with them.
_NAME = re.compile(r"[A-ZÀ-Þ](?<=[a-zà-ÿ,;(] .)[a-zà-ÿ]{2,30}(?:[ -][A-ZÀ-Þ][a-zà-ÿ]{2,30}){0,3}")
_ID = re.compile(r"(?<![\w/.-])(?=[\w-]{0,30}\d)(?=[\w-]{0,30}[A-Za-z])[\w-]{5,30}(?![\w/-])")
_NUMBER = re.compile(r"(?<![\w.,/-])\d[\d.,]{1,20}\d(?![\w/-])")
_DIGIT = re.compile(r"\d")


class Known:
    """All that a turn could take a name or a link from; it is put together when it is asked."""

    __slots__ = ("_messages", "_record", "_text", "_tools")

    def __init__(
        self,
        prefix: Prefix,
        messages: tuple[Message, ...],
        *,
        record: bool,
        beside: tuple[Message, ...] = (),
    ) -> None:
        """Args: the prefix; the turn, for its tools' results; whether the record counts too.

        Where one of two lanes is the record itself, it must not: it would never invent anything.
        What is said `beside` the turn, in another answer, counts as known.
        """
        results = (m for m in messages if m.role == "tool")
        self._messages = (*prefix.messages, *results, *beside)
        self._record = prefix.recorded if record else ()
        self._tools = prefix.tools
        self._text: str | None = None

    def __contains__(self, what: str) -> bool:
        if self._text is None:
            made = (*self._messages, *self._record)
            parts = [message.content for message in made]
            parts += [call.arguments for call, _ in pairs(made)]
            parts += map(str, self._tools)
            self._text = "\n".join(parts).lower()
        return what.lower() in self._text


def links(text: str, known: Known) -> Iterator[Seen]:
    """Hosts that a text links to, and whether a link is nowhere in what is known."""
    for link in linked(text):
        if host := _HOST.match(link):
            yield Seen("link", host[1].lower())
        if link not in known:
            yield Seen("invented", "a link")


def linked(text: str) -> list[str]:
    """Addresses of the web in a text, at most `_MOST`."""
    found = _LINK.findall(text)[:_MOST] if "http" in text else []
    return [link.rstrip(".,;:!?") for link in found]


def invented(text: str, known: Known) -> Iterator[Seen]:
    """Names, ids and numbers that are nowhere in what is known: that there are any, and each.

    A name inside a sentence is told by its capital, so a language that writes every noun with one
    shows nouns here; both lanes' turns are read alike.
    """
    for kind, what in mentioned(text):
        if what not in known:
            yield Seen("invented", kind)
            yield Seen("invented", f"{kind}: {what}")


def mentioned(text: str) -> Iterator[tuple[str, str]]:
    """Names, ids and numbers in a text, each once: `a name`, `an id` or `a number`, and itself."""
    # Most words have no digit, and the other two patterns are slow on those.
    has_digits = _DIGIT.search(text)
    numbered = " ".join(filter(_DIGIT.search, text.split())) if has_digits else ""
    for pattern, of, kind in (
        (_NAME, text, "a name"),
        (_ID, numbered, "an id"),
        (_NUMBER, numbered, "a number"),
    ):
        for what in dict.fromkeys(pattern.findall(of)[:_MOST]):
            yield kind, what
