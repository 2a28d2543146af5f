"""What differs between two texts, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from foretaste.report.visible import visible

Kind = Literal["same", "removed", "added"]

LONGEST = 1_000
"""Most words a side that are compared; the time grows faster than the square of it."""

WIDEST = 10 * LONGEST
"""Most characters a side that are compared."""

_TOKEN = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of text and what became of it."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Two texts as one sequence of spans, and a note on what was not compared."""

    spans: tuple[Span, ...]
    note: str = ""


def _tokens(text: str) -> tuple[list[str], bool]:
    """The first words of a text, and whether there are more."""
    tokens = _TOKEN.findall(text[:WIDEST])
    return tokens[:LONGEST], len(text) > WIDEST or len(tokens) > LONGEST


def _merged(pieces: Sequence[tuple[Kind, str]]) -> tuple[Span, ...]:
    return tuple(Span(kind=kind, text=visible(text)) for kind, text in pieces if text)


def words(before: str, after: str) -> Diff:
    """Compare two texts word by word; white space is shown but not compared.

    Of longer texts only the first `LONGEST` words or `WIDEST` characters are compared, and the
    note says so.
    """
    old, cut_old = _tokens(before)
    new, cut_new = _tokens(after)
    keys_old = [token.strip() for token in old]
    keys_new = [token.strip() for token in new]
    matcher = SequenceMatcher(None, keys_old, keys_new, autojunk=False)
    pieces: list[tuple[Kind, str]] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(new[k:m])))
        else:
            pieces += [("removed", "".join(old[i:j])), ("added", "".join(new[k:m]))]
    note = ""
    if cut_old or cut_new:
        note = f"Only the first {LONGEST:,} words or {WIDEST:,} characters are compared."
    return Diff(spans=_merged(pieces), note=note)
