"""What a text must hold for a pattern to match: looked for first, since that is far cheaper.

A search of Python's `re` tries a pattern at every place of a text. Most patterns of behaviors need
one of a few words ("sorry", "as far as i know"), which most texts do not hold.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from itertools import product
from typing import Any

_MOST = 48  # literals: looking for more of them costs as much as it saves
_JOINED = 16  # strings that neighbors in a pattern are multiplied out to
_LONG = 6  # characters; longer literals are hardly rarer
_KEPT = 8  # texts; one is searched by many patterns in a row
# What `re` takes for an i or an s where case is ignored, and `str.lower` does not make one.
_LIKE_ASCII = re.compile("[\u0130\u0131\u017f]")


@dataclass(frozen=True, slots=True)
class Search:
    """A pattern that is tried only on texts which hold what every match of it holds.

    It finds what the pattern finds, and no less.
    """

    pattern: re.Pattern[str]
    literals: tuple[str, ...] = field(init=False)  # every match holds one; none: nothing is known
    ignore_case: bool = field(init=False)  # the literals are then in lower case

    def __post_init__(self) -> None:
        object.__setattr__(self, "literals", required(self.pattern))
        object.__setattr__(self, "ignore_case", bool(self.pattern.flags & re.IGNORECASE))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match, as `re.finditer` finds them."""
        return self.pattern.finditer(text) if self.may_match(text) else iter(())

    def search(self, text: str) -> re.Match[str] | None:
        """The first match, as `re.search` finds it."""
        return self.pattern.search(text) if self.may_match(text) else None

    def may_match(self, text: str) -> bool:
        """Whether there can be a match; where it cannot be told, there may."""
        if not self.literals:
            return True
        if self.ignore_case:
            folded = _folded(text)
            if folded is None:
                return True
            text = folded
        # Written out: a generator would cost more than the search.
        for literal in self.literals:  # noqa: SIM110
            if literal in text:
                return True
        return False


def required(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Literals of which every match of a pattern holds at least one; none where nothing is known.

    Read from the parse tree of `re` itself, whose kinds of nodes are the pattern language. A kind
    that is not known here, or a tree that cannot be had, says nothing.
    """
    ignore_case = bool(pattern.flags & re.IGNORECASE)
    try:
        tree = import_module("re._parser").parse(pattern.pattern, pattern.flags)
        return tuple(sorted(_best(_candidates(tree, ignore_case))))
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        return ()


@lru_cache(maxsize=_KEPT)
def _folded(text: str) -> str | None:
    """The text in lower case; None where `re` would see ASCII letters that are not there."""
    if not text.isascii() and _LIKE_ASCII.search(text):
        return None
    return text.lower()


def _best(candidates: Iterable[frozenset[str]]) -> frozenset[str]:
    """The set that is met least often: one of long literals, and of few."""
    found = [_shortest(each) for each in candidates if each and all(each)]
    return max(
        (each for each in found if len(each) <= _MOST),
        key=lambda each: (min(_LONG, *map(len, each)), -len(each)),
        default=frozenset(),
    )


def _shortest(literals: frozenset[str]) -> frozenset[str]:
    """Without those that hold another one."""
    return frozenset(a for a in literals if not any(b != a and b in a for b in literals))


def _candidates(tree: Any, ignore_case: bool) -> Iterator[frozenset[str]]:  # noqa: FBT001
    """Sets of strings, of each of which every match of a sequence holds one."""
    spelled = frozenset({""})  # all that the nodes since the last unknown one can be
    for kind, argument in tree:
        exact = _spelled(str(kind), argument, ignore_case)
        joined = _joined(spelled, exact) if exact is not None else None
        if joined is not None:
            spelled = joined
            continue
        yield spelled
        inner = _within(str(kind), argument, ignore_case)
        if inner:
            yield inner
        spelled = exact or frozenset({""})
    yield spelled


def _joined(first: frozenset[str], second: frozenset[str]) -> frozenset[str] | None:
    """Every string of the one followed by every one of the other; None where these are too many."""
    if len(second) > 1 and len(first) * len(second) > _JOINED:
        return None
    return frozenset(a + b for a, b in product(first, second))


def _spelled(kind: str, argument: Any, ignore_case: bool) -> frozenset[str] | None:  # noqa: FBT001
    """All strings that a node can match, where they are few; None where they are not known."""
    match kind:
        case "LITERAL":
            return _letter(argument, ignore_case)
        case "AT" | "ASSERT" | "ASSERT_NOT":  # match no character
            return frozenset({""})
        case "IN":
            return _one_of(argument, ignore_case)
        case "SUBPATTERN":
            _, added, removed, inner = argument
            return None if added or removed else _sequence(inner, ignore_case)
        case "BRANCH":
            return _union(_sequence(each, ignore_case) for each in argument[1])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = argument
            once = _sequence(inner, ignore_case)
            if once is None or int(most) != 1:
                return None
            return once if least else once | {""}
    return None


def _within(kind: str, argument: Any, ignore_case: bool) -> frozenset[str]:  # noqa: FBT001
    """The best set of strings of which every match of a node holds one."""
    match kind:
        case "SUBPATTERN":
            _, added, removed, inner = argument
            parts = [] if added or removed else [inner]
        case "BRANCH":
            parts = argument[1]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            parts = [argument[2]] if argument[0] else []
        case _:
            parts = []
    found = [_best(_candidates(each, ignore_case)) for each in parts]
    return frozenset().union(*found) if found and all(found) else frozenset()


def _sequence(tree: Any, ignore_case: bool) -> frozenset[str] | None:  # noqa: FBT001
    spelled = frozenset({""})
    for kind, argument in tree:
        exact = _spelled(str(kind), argument, ignore_case)
        joined = _joined(spelled, exact) if exact is not None else None
        if joined is None:
            return None
        spelled = joined
    return spelled


def _one_of(members: Any, ignore_case: bool) -> frozenset[str] | None:  # noqa: FBT001
    """The characters of a class that names each of them."""
    if any(str(kind) != "LITERAL" for kind, _ in members):
        return None
    return _union(_letter(code, ignore_case) for _, code in members)


def _letter(code: int, ignore_case: bool) -> frozenset[str] | None:  # noqa: FBT001
    letter = chr(code)
    if not ignore_case:
        return frozenset({letter})
    lower = letter.lower()
    if not lower.isascii() and (len(lower) > 1 or ord(lower) in _third_cases()):
        return None
    return frozenset({lower})


@lru_cache(maxsize=1)
def _third_cases() -> frozenset[int]:
    """Lower-case letters that `re` takes for other lower-case letters where case is ignored."""
    return frozenset(vars(import_module("re._casefix"))["_EXTRA_CASES"])


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for each in sets:
        if each is None:
            return None
        found |= each
    return found
