"""How far one turn is from another, by what is said and which tools are called."""

from collections import Counter
from itertools import pairwise
from math import log1p, sqrt

from foretaste.calls import canonical, pairs
from foretaste.features import text_of
from foretaste.features.words import BREAK, words
from foretaste.records import Message

_LONGEST = 40_000  # characters of a turn that are read


def distance(one: tuple[Message, ...], other: tuple[Message, ...]) -> float:
    """How unlike two turns are: 0 where both say the same and call the same, 1 with nothing shared.

    Of texts it is one minus the cosine of their counts of words and of pairs of neighbouring
    words, each count as log(1 + n) (Salton and Buckley 1988, without a weight for rare words, as a
    few turns say little on what is rare). Of tool calls it is one minus the shared part of all, a
    call being half its tool and half its arguments. Where either turn calls tools, it is the mean
    of both.
    """
    said = _apart(_counts(one), _counts(other))
    called, calls = _calls(one), _calls(other)
    if not called and not calls:
        return said
    whole = (called | calls).total()
    return (said + 1 - (called & calls).total() / whole) / 2


def _apart(one: "Counter[str]", other: "Counter[str]") -> float:
    if not one or not other:
        return float(bool(one) != bool(other))
    shared = sum(log1p(one[word]) * log1p(other[word]) for word in one.keys() & other.keys())
    sizes = (sum(log1p(n) ** 2 for n in counts.values()) for counts in (one, other))
    return min(1.0, max(0.0, 1 - shared / sqrt(next(sizes) * next(sizes))))


def _counts(messages: tuple[Message, ...]) -> "Counter[str]":
    said = words(text_of(messages)[:_LONGEST])
    counts = Counter(word for word in said if word != BREAK)
    counts.update(
        f"{first} {second}" for first, second in pairwise(said) if BREAK not in (first, second)
    )
    return counts


def _calls(messages: tuple[Message, ...]) -> "Counter[str | tuple[str, str]]":
    found: Counter[str | tuple[str, str]] = Counter()
    for call, _ in pairs(messages):
        found[call.name] += 1
        found[canonical(call)] += 1
    return found
