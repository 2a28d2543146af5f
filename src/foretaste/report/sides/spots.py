"""Where quotes stand in a text that is marked already."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from foretaste.report.diff import Kind, Span
from foretaste.report.visible import visible

MOST = 30
"""Places of one quote that are marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of text, what became of it, and whether a flag quotes it."""

    kind: Kind
    quoted: bool
    text: str


def _places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Places of a quote, as whole words wherever it is found as such."""
    wanted = visible(quote.strip())
    if not wanted:
        return
    alone = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    found = [match.span() for match in re.finditer(alone, text)]
    if not found and (at := text.find(wanted)) >= 0:
        found = [(at, at + len(wanted))]
    yield from found[:MOST]


def holds(text: str, quote: str) -> bool:
    """Whether a visible text holds the quote."""
    return next(_places(text, quote), None) is not None


def _joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def stretches(spans: Sequence[Span], quotes: Iterable[str]) -> Iterator[Stretch]:
    """Cut spans at the borders of the quotes in them; a quote may go over several spans."""
    text = "".join(span.text for span in spans)
    places = _joined(place for quote in quotes for place in _places(text, quote))
    borders = sorted({border for place in places for border in place})
    at = 0
    for span in spans:
        end = at + len(span.text)
        cuts = [at, *(border for border in borders if at < border < end), end]
        for start, stop in pairwise(cuts):
            quoted = any(first <= start < last for first, last in places)
            yield Stretch(kind=span.kind, quoted=quoted, text=text[start:stop])
        at = end
