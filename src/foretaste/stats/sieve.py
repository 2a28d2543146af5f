"""Most features are rare: a table of hashed places rules them out before anything is counted."""

from collections.abc import Iterable, Iterator
from math import log

import numpy as np
import numpy.typing as npt

from foretaste.stats.totals import Flags

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Table = npt.NDArray[np.uint16]

FULL = np.iinfo(np.uint16).max
"""Occurrences beyond which a place is not counted on."""

_PLACES = (16, 26)  # powers of two: least and most
_AT_ONCE = 8_000_000  # occurrences that are put in order together


def counted_places(features: Iterable[Keys], most: int) -> Table:
    """How often each place is met: for every feature in it too many, never too few.

    Args:
        features: hashes, evenly spread, as often as they occur; a feature's place is its last bits.
        most: occurrences there are at most.
    """
    table = np.zeros(_power_of_two(most), dtype=np.uint16)
    lowest = np.uint64(len(table) - 1)
    # Many at a time and in order: then the table is gone through from end to end.
    for found in gathered(features, _AT_ONCE):
        places = (found & lowest).astype(np.uint32)
        places.sort()
        first = np.flatnonzero(np.append(True, places[1:] != places[:-1])[: len(places)])
        counts = np.diff(first, append=len(places))
        once = places[first]
        table[once] = np.minimum(table[once] + counts, FULL)
    return table


def distinct(table: Table) -> int:
    """About how many features there were: linear counting (Whang et al. 1990)."""
    empty = max(1, int(np.count_nonzero(table == 0)))
    return round(len(table) * log(len(table) / empty))


def places_with(table: Table) -> Ints:
    """For each count from 0 to `FULL`, how many places have it or more."""
    counts = np.zeros(FULL + 1, dtype=np.int64)
    for begin in range(0, len(table), _AT_ONCE):
        counts += np.bincount(table[begin : begin + _AT_ONCE], minlength=FULL + 1)
    return np.asarray(np.cumsum(counts[::-1])[::-1])


class Sieve:
    """Tells which features may be among some; it lets a few others through, and loses none."""

    def __init__(self, flags: Flags) -> None:
        """Args: for each place, a power of two of them, whether its features go through."""
        self._lowest = np.uint64(len(flags) - 1)
        # Eight places a byte: most look-ups stay in the cache.
        self._bits = np.packbits(flags, bitorder="little")

    @classmethod
    def of(cls, features: Keys) -> "Sieve":
        """Lets these through."""
        flags = np.zeros(_power_of_two(64 * len(features)), dtype=np.bool_)
        flags[(features & np.uint64(len(flags) - 1)).astype(np.int64)] = True
        return cls(flags)

    def __call__(self, features: Keys) -> Flags:
        """Whether each goes through."""
        place = (features & self._lowest).astype(np.uint32)
        bit = (place & np.uint32(7)).astype(np.uint8)
        found = (self._bits[place >> np.uint32(3)] >> bit) & np.uint8(1)
        return np.asarray(found, dtype=np.bool_)


def gathered(parts: Iterable[Keys], size: int) -> Iterator[Keys]:
    """Arrays put together until they hold more than so many."""
    waiting: list[Keys] = []
    held = 0
    for part in parts:
        waiting.append(part)
        held += len(part)
        if held > size:
            yield np.concatenate(waiting)
            waiting, held = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _power_of_two(most: int) -> int:
    low, high = _PLACES
    return 1 << min(high, max(low, int(most).bit_length()))
