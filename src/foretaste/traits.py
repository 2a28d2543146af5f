"""What is known of a prefix before anyone answers it: what one traffic is told from another by."""

import re
from collections.abc import Iterable, Mapping
from math import log1p
from typing import NamedTuple
from zlib import crc32

import numpy as np

from foretaste.columns import Floats
from foretaste.language import language_of
from foretaste.records import Message, Prefix

BUCKETS = 16
"""Columns that the words of the last user message are counted in, by a hash of each word."""

RARE = 20
"""Turns that a language or a tag's value must be seen on to have a column of its own."""

_MOST_NAMED = 40  # values with a column: the most frequent
_WORDS_READ = 400  # of a message, and so many times ten characters
_WORD = re.compile(r"\w{3,30}")


class Traits(NamedTuple):
    """One prefix: values that are words, and values that are numbers."""

    named: Mapping[str, str]  # language and tags
    numbers: tuple[float, ...]


class Matrix(NamedTuple):
    """Prefixes of two traffics, described alike."""

    source: Floats  # prefixes x columns
    target: Floats
    strange: Mapping[str, float]  # "name value" that only the target has -> its share there
    unlike: float  # share of the target with any of those
    apart: tuple[str, ...]  # tags of which the two have no value in common; not among the columns


def tag_of(messages: Iterable[Message], tags: Mapping[str, str], name: str) -> str:
    """A tag of the log; the language is found in the first user message where no tag says it."""
    found = tags.get(name)
    if found is None and name == "language":
        found = language_of(next((m.content for m in messages if m.role == "user"), ""))
    return found or "unknown"


def traits(prefix: Prefix) -> Traits:
    """Language and tags; place in the conversation, lengths, tools, system prompt, and words.

    Words are those of the last user message, counted in `BUCKETS` columns by CRC-32, which is the
    same on every machine.
    """
    asked = next((m.content for m in reversed(prefix.messages) if m.role == "user"), "")
    counts = [0] * BUCKETS
    for word in _WORD.findall(asked[: 10 * _WORDS_READ].lower())[:_WORDS_READ]:
        counts[crc32(word.encode()) % BUCKETS] += 1
    return Traits(
        named={"language": tag_of(prefix.messages, prefix.tags, "language"), **prefix.tags},
        numbers=(
            log1p(sum(m.role == "user" for m in prefix.messages)),
            log1p(len(asked)),
            log1p(sum(len(m.content) for m in prefix.messages)),
            float(bool(prefix.tools)),
            float(any(m.role == "system" for m in prefix.messages)),
            *map(log1p, counts),
        ),
    )


def describe(source: Iterable[Traits], target: Iterable[Traits]) -> Matrix:
    """Columns of numbers for both, with one for each value of a word that enough turns have.

    A tag without a value in common, such as a month, or a tag that one log does not have, would
    tell the two apart whatever was asked in them; it is left out and named.
    """
    here, there = list(source), list(target)
    counted = [_counts(rows) for rows in (here, there)]
    names = sorted({name for counts in counted for name, _ in counts})
    apart = tuple(name for name in names if _is_apart(name, counted[0], counted[1]))
    both = {
        key: sum(counts.get(key, 0) for counts in counted) for counts in counted for key in counts
    }
    enough = [key for key, count in both.items() if count >= RARE and key[0] not in apart]
    columns = sorted(enough, key=lambda key: (-both[key], key))[:_MOST_NAMED]
    new = [key for key in enough if key not in counted[0]]
    unlike = sum(any(row.named.get(name) == value for name, value in new) for row in there)
    return Matrix(
        source=_matrix(here, columns),
        target=_matrix(there, columns),
        strange={f"{name} {value}": counted[1][name, value] / len(there) for name, value in new},
        unlike=unlike / max(1, len(there)),
        apart=apart,
    )


def _counts(rows: Iterable[Traits]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        for key in row.named.items():
            found[key] = found.get(key, 0) + 1
    return found


def _is_apart(
    name: str, here: Mapping[tuple[str, str], int], there: Mapping[tuple[str, str], int]
) -> bool:
    values = [{value for key, value in counts if key == name} for counts in (here, there)]
    return not values[0] & values[1]


def _matrix(rows: list[Traits], columns: list[tuple[str, str]]) -> Floats:
    found = [
        [*row.numbers, *(float(row.named.get(name) == value) for name, value in columns)]
        for row in rows
    ]
    return np.array(found, dtype=np.float64).reshape(len(rows), -1)
