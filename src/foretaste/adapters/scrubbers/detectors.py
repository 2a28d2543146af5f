"""How an identifier is found: a table of small values, each one kind of identifier.

Every pattern runs in linear time: runs are possessive or bounded, and a pattern starts only where
a run starts. Logs are hostile, and one message can be megabytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from foretaste.adapters.scrubbers.draws import Draw

WORD = "A-Za-z0-9_"
"""Inside of a character class: what a number or key must not touch. ASCII, since Chinese or
Japanese text stands directly beside a number."""

GAP = " \u00a0\u202f.\\-\u2010\u2011\u2013"
"""Inside of a character class: what stands between the groups of a phone number."""

_RUN = re.compile(f"[0-9](?:[{GAP}/()]{{0,3}}[0-9]){{5,}}+")
_BEFORE_RUN = 2  # "+(" may stand before the first digit
_AFTER_RUN = 24  # an extension may stand behind the last
_ANY = re.compile("[0-9@=]")
# An escape that survived (JSON inside of a string, code) would glue its letter to what follows.
_ESCAPE = re.compile(r"\\(?:u(?!0040)[0-9A-Fa-f]{4}|[nrtbf\"'\\])")


def whole(match: re.Match[str]) -> int:
    """Accept all that the pattern found."""
    return match.end("it")


def never(_: str) -> bool:
    """Nothing is reserved."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One way to find and to replace one kind of identifier."""

    kind: str  # what the account and the option `kinds` call it
    pattern: re.Pattern[str]  # its group "it" is the identifier
    make: Callable[[str, Draw, int], str]  # original, choices, attempt -> stand-in
    gates: tuple[str, ...] = ()  # one of these is in the text; none: looks only at runs of digits
    hint: re.Pattern[str] | None = None  # cheaper than the pattern, and found wherever it matches
    accept: Callable[[re.Match[str]], int] = whole  # where the identifier ends; -1: it is none
    reserved: Callable[[str], bool] = never  # identifies nobody: documentation, or a stand-in
    same: Callable[[str], str] = str  # one form for all spellings of one identifier
    contextual: bool = False  # known only by the words around it


@dataclass(frozen=True, slots=True)
class Find:
    """Where an identifier stands in a text."""

    start: int
    end: int
    detector: Detector


def veil(text: str) -> str:
    """The text as patterns see it: same length, escapes such as backslash-n blanked."""
    return _ESCAPE.sub(lambda m: " " * len(m[0]), text) if "\\" in text else text


def find(text: str, detectors: Iterable[Detector]) -> list[Find]:
    """Find identifiers, first detector first; finds never overlap, and come in order of place."""
    if not _ANY.search(text) and "PRIVATE KEY" not in text:
        return []
    seen = veil(text)
    runs: list[tuple[int, int]] | None = None
    finds: list[Find] = []
    for detector in detectors:
        places = [(0, len(seen))]
        if detector.gates:
            # Written out: a generator would cost more than the search.
            for gate in detector.gates:
                if gate in text:
                    break
            else:
                continue
        else:
            places = runs = _runs(seen) if runs is None else runs
        if not places or (detector.hint is not None and not detector.hint.search(seen)):
            continue
        new = [item for start, end in places for item in _matches(seen, start, end, detector)]
        if new:
            finds += new
            seen = _blank(seen, new)
    return sorted(finds, key=lambda item: item.start)


def _runs(text: str) -> list[tuple[int, int]]:
    """Where six digits and more stand together, with their surroundings; none overlap."""
    places: list[tuple[int, int]] = []
    for match in _RUN.finditer(text):
        start, end = max(0, match.start() - _BEFORE_RUN), match.end() + _AFTER_RUN
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    return places


def groups(text: str) -> list[str]:
    """Split an identifier's text into its runs of letters and digits."""
    return [part for part in re.split(r"[\W_]+", text) if part]


def longest(match: re.Match[str], valid: Callable[[str], bool]) -> int:
    """End of the longest valid start of the match that ends where a group ends, or -1.

    What follows an identifier often looks like one more group of it: a card's security code.
    """
    text = match["it"]
    ends = [m.end() for m in re.finditer("[A-Za-z0-9]+", text)]
    for end in reversed(ends):
        if valid(text[:end]):
            return match.start("it") + end
    return -1


def _matches(text: str, first: int, stop: int, detector: Detector) -> Iterator[Find]:
    last = 0
    for match in detector.pattern.finditer(text, first, stop):
        start = match.start("it")
        if start < last:
            continue
        end = detector.accept(match)
        if end > start:
            last = end
            yield Find(start, end, detector)


def _blank(text: str, finds: Iterable[Find]) -> str:
    """Blank what is found, so that no later detector sees a part of it."""
    parts, last = [], 0
    for item in finds:
        parts += [text[last : item.start], "\0" * (item.end - item.start)]
        last = item.end
    return "".join([*parts, text[last:]])
