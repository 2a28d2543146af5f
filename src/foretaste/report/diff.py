"""What differs between two texts, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from foretaste.report.visible import visible

Kind = Literal["same", "removed", "added"]

LONGEST = 1_000
"""Most words a side that are compared; the time grows faster than the square of it."""

WIDEST = 10 * LONGEST
"""Most characters a side that are compared."""

_TOKEN = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_WORD = re.compile(r"\w")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Two texts, each whole and in its own white space, and a note on what was not compared."""

    before: tuple[Span, ...]  # same or removed
    after: tuple[Span, ...]  # same or added
    alike: float  # share of the longer one's characters that both have, of what is compared
    note: str = ""


def _tokens(text: str) -> tuple[list[str], bool]:
    """The first words of a text, and whether there are more."""
    tokens = _TOKEN.findall(text[:WIDEST])
    return tokens[:LONGEST], len(text) > WIDEST or len(tokens) > LONGEST


def _merged(pieces: Sequence[tuple[Kind, str]]) -> tuple[Span, ...]:
    return tuple(Span(kind=kind, text=visible(text)) for kind, text in pieces if text)


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Stretches that follow one another: whether they are equal, as in the old, as in the new."""
    keys_old = [token.strip() for token in old]
    keys_new = [token.strip() for token in new]
    matcher = SequenceMatcher(None, keys_old, keys_new, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        yield kind == "equal", "".join(old[i:j]), "".join(new[k:m])


def _note(*cut: bool) -> str:
    if not any(cut):
        return ""
    return f"Only the first {LONGEST:,} words or {WIDEST:,} characters are compared."


def words(before: str, after: str) -> Diff:
    """Compare two texts word by word; white space is shown but not compared.

    Of longer texts only the first `LONGEST` words or `WIDEST` characters are compared, and the
    note says so.
    """
    old, cut_old = _tokens(before)
    new, cut_new = _tokens(after)
    pieces: list[tuple[Kind, str]] = []
    for equal, was, now in _compared(old, new):
        pieces += [("same", now)] if equal else [("removed", was), ("added", now)]
    return Diff(spans=_merged(pieces), note=_note(cut_old, cut_new))


def sides(before: str, after: str) -> Sides:
    """Compare two texts as `words` does, for a reader who sees them side by side.

    What lies behind the part that is compared follows unmarked.
    """
    old, cut_old = _tokens(before)
    new, cut_new = _tokens(after)
    stretches = list(_compared(old, new))
    left: list[tuple[Kind, str]] = []
    right: list[tuple[Kind, str]] = []
    for i, (equal, was, now) in enumerate(stretches):
        # A full stop that two rewritten sentences share says nothing: marks go over it.
        same = equal and (i in (0, len(stretches) - 1) or _WORD.search(now) is not None)
        left.append(("same" if same else "removed", was))
        right.append(("same" if same else "added", now))
    shared = sum(len(now) for kind, now in right if kind == "same")
    sizes = [sum(map(len, tokens)) for tokens in (old, new)]
    left.append(("same", before[sizes[0] :]))
    right.append(("same", after[sizes[1] :]))
    return Sides(
        before=_merged(_runs(left)),
        after=_merged(_runs(right)),
        alike=shared / max(*sizes, 1),
        note=_note(cut_old, cut_new),
    )


def _runs(pieces: Iterable[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """Neighbours of one kind as one."""
    runs = groupby(pieces, key=lambda piece: piece[0])
    return [(kind, "".join(text for _, text in run)) for kind, run in runs]
