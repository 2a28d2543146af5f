"""A turn's own words around the place where a feature shows. They are data, whoever reads them."""

import re

from foretaste.calls import pairs
from foretaste.discoveries import Seen
from foretaste.records import Message

LONGEST = 240
"""Characters of a quote."""

_BEFORE = 80  # characters before the place
_SAID = {"word", "phrase", "opening", "closing"}
_BY_TOOL = {"tool", "arguments", "argument", "calls"}
_PART = re.compile(r"[^\W_]+")


def quote(seen: Seen, messages: tuple[Message, ...]) -> str:
    """Where a turn shows the feature; its beginning, where that is no one place or not there.

    Args:
        seen: the feature.
        messages: the turn.
    """
    if seen.kind in _BY_TOOL:
        return _calls(seen, messages) or quote(Seen("", ""), messages)
    texts = [m.content for m in messages if m.role == "assistant" and m.content.strip()]
    for text in texts if seen.kind in _SAID or seen.kind in ("link", "invented") else ():
        if (place := _place(seen, text)) is not None:
            return _around(text, *place)
    if seen == Seen("structure", "ends with a question") and texts:
        return _around(texts[-1], len(texts[-1]), len(texts[-1]))
    return _around(texts[-1], 0, 0) if texts else _calls(None, messages)


def _calls(seen: Seen | None, messages: tuple[Message, ...]) -> str:
    made = [call for call, _ in pairs(messages)]
    first = re.split(r"[( ]", seen.what)[0] if seen is not None else ""
    found = [call for call in made if call.name[:80].startswith(first)]
    if seen is not None and seen.kind == "calls":
        found = made
    many = 3 if seen is not None and seen.kind == "calls" else 1
    return _short(" → ".join(f"{call.name}({call.arguments[:200]})" for call in found[:many]))


def _place(seen: Seen, text: str) -> tuple[int, int] | None:
    if seen.kind in ("link", "invented"):
        what = seen.what.split(": ", 1)[-1]
        start = text.find("http" if what == "a link" else what)
        start = text.lower().find(what) if start < 0 else start
        return None if start < 0 else (start, start + len(what))
    # Signs between words do not matter, and never more of them than a few.
    said = r"[\W_]{0,5}".join(map(re.escape, _PART.findall(seen.what)))
    found = re.search(rf"(?<![^\W_]){said}(?![^\W_])", text, re.IGNORECASE)
    # Where words stand without spaces between them, a word is part of a longer run of letters.
    found = found or re.search(said, text, re.IGNORECASE)
    return found.span() if found else None


def _around(text: str, start: int, end: int) -> str:
    begin = max(0, min(start - _BEFORE, end - LONGEST // 2)) if start > _BEFORE else 0
    piece = text[begin : begin + LONGEST]
    return (
        ("…" if begin else "")
        + " ".join(piece.split())
        + ("…" if begin + LONGEST < len(text) else "")
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
