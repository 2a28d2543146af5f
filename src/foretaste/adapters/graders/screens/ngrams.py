"""Words and neighboring words of an answer as numbers."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from foretaste.adapters.graders.passages import LONGEST

CELLS = 2**16
"""Cells that n-grams are hashed to. No text of the examples stands in a trained screen."""

FORM = "n-grams 1"
"""Name of these features; it changes when they do, and older screens are refused."""

_OPENING = 200  # characters; how an answer begins says more than what it goes on with
_WORD = re.compile(r"\w+|[^\w\s]")

Counts = tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]
"""Cells, ascending, and the value of each."""


def counts(text: str) -> Counts:
    """Words and pairs of the text, and words, pairs and triples of its opening.

    Values are 1 + log of the count, and each of the two parts has length 1.
    """
    read = text[:LONGEST].lower()
    total: Counter[int] = Counter()
    for mark, words, longest in (
        ("t", _WORD.findall(read), 2),
        ("o", _WORD.findall(read[:_OPENING]), 3),
    ):
        cells = Counter(
            zlib.crc32(f"{mark} {gram}".encode(errors="replace")) % CELLS
            for gram in _grams(words, longest)
        )
        size = np.sqrt(sum((1 + np.log(n)) ** 2 for n in cells.values()))
        for cell, n in cells.items():
            total[cell] += (1 + np.log(n)) / size
    places = np.array(sorted(total), dtype=np.intp)
    return places, np.array([total[int(cell)] for cell in places], dtype=np.float64)


def rarity(all_counts: Sequence[Counts]) -> npt.NDArray[np.float64]:
    """Weight of each cell: 1 + log of how few texts hold it (smoothed inverse frequency)."""
    held = np.zeros(CELLS)
    for cells, _ in all_counts:
        held[cells] += 1
    found: npt.NDArray[np.float64] = np.log((1 + len(all_counts)) / (1 + held)) + 1
    return found


def matrix(all_counts: Sequence[Counts], rare: npt.NDArray[np.float64]) -> Any:
    """One sparse row of length sqrt(2), or of zeros, for each text."""
    columns, values = [np.zeros(0, np.intp)], [np.zeros(0)]
    for cells, value in all_counts:
        row = value * rare[cells]
        columns.append(cells)
        values.append(row * np.sqrt(2) / (np.sqrt(row @ row) or 1.0))
    ends = np.cumsum([0, *(len(each) for each in columns[1:])])
    data = (np.concatenate(values), np.concatenate(columns), ends)
    return sparse.csr_matrix(data, shape=(len(all_counts), CELLS))


def _grams(words: list[str], longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])
