"""How a turn is built: its marks of layout, its paragraphs, how it opens and closes."""

import re
from collections.abc import Iterator

from foretaste.discoveries import Seen
from foretaste.features.words import BREAK, joined, words

_OPENING = 3  # words
_CLOSING = 30  # words, at most
_EDGES = 60, 250  # characters of the beginning and the end that are looked at for those

# Signs with one of which a line begins, else the pattern cannot match; the pattern; what it is.
_LINES = (
    ("#", re.compile(r"^#{1,6} \S", re.MULTILINE), "heading"),
    ("-*•+", re.compile(r"^[ \t]{0,8}[-*•+] \S", re.MULTILINE), "bullet list"),
    ("0123456789", re.compile(r"^[ \t]{0,8}\d{1,3}[.)] \S", re.MULTILINE), "numbered list"),
    ("|", re.compile(r"^\|.*\|", re.MULTILINE), "table"),
    (">", re.compile(r"^> \S", re.MULTILINE), "block quote"),
)
# A sign without which the pattern cannot match, the pattern, and what it is.
_INLINE = (
    ("```", re.compile(r"```"), "code block"),
    ("`", re.compile(r"(?<!`)`[^`\n]{1,200}`(?!`)"), "inline code"),
    ("**", re.compile(r"\*\*[^*\n]{1,200}\*\*"), "bold"),
    ("\\", re.compile(r"\\[(\[]|\\(?:frac|sum|begin)\b"), "formula"),
    ("—", re.compile("—"), "long dash"),
    ("!", re.compile(r"!(?:\s|$)"), "exclamation"),
)
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")
_MANY = ((1, "1 paragraph"), (3, "2 or 3 paragraphs"), (7, "4 to 7 paragraphs"))


def structure(text: str) -> Iterator[Seen]:
    """Marks of layout of a turn's text."""
    if not text.strip():
        yield Seen("structure", "no text")
        return
    begins = {line.lstrip()[:1] for line in text.split("\n")}
    for signs, pattern, what in _LINES:
        if not begins.isdisjoint(signs) and pattern.search(text):
            yield Seen("structure", what)
    for sign, pattern, what in _INLINE:
        if sign in text and pattern.search(text):
            yield Seen("structure", what)
    if not text.isascii() and _EMOJI.search(text):
        yield Seen("structure", "emoji")
    if text.rstrip().endswith(("?", "？", "؟")):
        yield Seen("structure", "ends with a question")
    paragraphs = sum(1 for part in text.split("\n\n") if part.strip())
    fits = (name for most, name in _MANY if paragraphs <= most)
    yield Seen("structure", next(fits, "8 paragraphs or more"))
    first, last = _EDGES
    if opening := [word for word in words(text.lstrip()[:first]) if word != BREAK][:_OPENING]:
        yield Seen("opening", joined(opening))
    closing = _last_sentence(words(f"\n{text}"[-last:]))
    if 0 < len(closing) <= _CLOSING:
        yield Seen("closing", joined(closing))


def _last_sentence(of: list[str]) -> list[str]:
    """The last words that stand behind a break; none, where there is no break before them."""
    found: list[str] = []
    for word in reversed(of):
        if word != BREAK:
            found.append(word)
        elif found:
            return found[::-1]
    return []
