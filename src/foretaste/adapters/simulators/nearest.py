"""The nearest of many argument texts, by BM25 over their keys and values."""

import importlib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import numpy as np

_WORD = re.compile(r"\w+")
_LONGEST = 512  # tokens of one call; a file's content given as an argument needs no more
_TEXT = 8192  # characters of one value
_MANY = 1000  # calls from which on tokens that most of them share are left out


class Near(NamedTuple):
    """A call of the shard, and how near it is."""

    place: int  # in the order in which the shard got its calls
    score: float  # BM25, not bounded; comparable within one query


def tokens(arguments: str) -> list[str]:
    """Keys, words of values, and words with their key, since `to=JFK` is not `from=JFK`."""
    try:
        parsed: Any = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        parsed = arguments
    found: list[str] = []
    left: list[tuple[str, Any]] = [("", parsed)]
    while left and len(found) < _LONGEST:
        key, value = left.pop()
        if isinstance(value, dict):
            left.extend((str(name), inner) for name, inner in value.items())
        elif isinstance(value, list):
            left.extend((key, inner) for inner in value)
        else:
            words = _WORD.findall(str(value)[:_TEXT].lower())
            found += [f"{key}="] if key else []
            found += (*words, *(f"{key}={word}" for word in words))
    return found[:_LONGEST]


class Shard:
    """The calls of one tool.

    BM25 in Lucene's form, k1 = 1.5, b = 0.75 (Lù, BM25S, arXiv:2407.03618). In a shard of more
    than 1,000 calls, tokens that more than half of them hold are left out: their weight is next to
    nothing (below log 2), and adding it up would be most of the work.
    """

    def __init__(self, arguments: Iterable[str]) -> None:
        vocabulary: dict[str, int] = {}
        rows = [
            [vocabulary.setdefault(token, len(vocabulary)) for token in tokens(text)]
            for text in arguments
        ]
        self._size = len(rows)
        if len(rows) > _MANY:
            rows, vocabulary = _without_common(rows, vocabulary)
        self._vocabulary = vocabulary
        # Imported where the first index is made: it takes most of a second.
        self._index = importlib.import_module("bm25s").BM25() if any(rows) else None
        if self._index is not None:
            self._index.index((rows, vocabulary), create_empty_token=False, show_progress=False)

    def nearest(self, arguments: str, count: int) -> list[Near]:
        """Up to `count` calls that share a token with these, best first; of equals the latest."""
        known = [self._vocabulary.get(token) for token in dict.fromkeys(tokens(arguments))]
        asked = [number for number in known if number is not None]
        if self._index is None or not asked or count < 1:
            return []
        scores = self._index.get_scores_from_ids(asked)
        count = min(count, self._size)
        best = np.argpartition(scores, -count)[-count:]
        best = best[np.lexsort((-best, -scores[best]))]
        return [Near(int(p), float(scores[p])) for p in best if scores[p] > 0]


def _without_common(
    rows: list[list[int]], vocabulary: dict[str, int]
) -> tuple[list[list[int]], dict[str, int]]:
    held = np.zeros(len(vocabulary), dtype=np.int64)
    for row in rows:
        held[list(set(row))] += 1
    kept = (held <= len(rows) / 2).tolist()
    place = (np.cumsum(kept) - 1).tolist()
    return (
        [[place[number] for number in row if kept[number]] for row in rows],
        {token: place[number] for token, number in vocabulary.items() if kept[number]},
    )
