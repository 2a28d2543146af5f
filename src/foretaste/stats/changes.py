"""Which of very many features two turns of a pair differ in, counted by user and tested.

Most features are rare: a first pass counts them in a table of hashed places, which never counts
too few, and only what it leaves is counted exactly.
"""

from collections.abc import Callable, Iterable, Iterator
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.stats.totals import Codes, Flags, Floats

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

FEWEST = 6
"""Users with a discordant pair that a test takes: fewer cannot reach p = 0.05."""

_ENTRIES = 60_000_000  # discordant occurrences that are kept, eight bytes each
_PLACES = (16, 26)  # powers of two: least and most places of the table
_AT_ONCE = 4_000_000  # occurrences that are grouped by user at a time
_FULL = np.iinfo(np.uint16).max


class Changes(NamedTuple):
    """Features that some pairs show, each once a pair."""

    pair: Ints
    feature: Keys  # at most 52 bits
    change: npt.NDArray[np.int8]  # -1: only the first turn shows it, 1: only the second, 0: both


class Tested(NamedTuple):
    """One row a feature that was tested. All counts are exact."""

    feature: Keys
    only_before: Ints  # pairs
    only_after: Ints
    both: Ints
    both_weight: Floats  # summed weights of those
    fell: Ints  # users who show it on fewer turns after than before
    rose: Ints
    p_value: Floats  # exact sign test over the users' net changes, two-sided
    entry: Keys  # discordant pairs of all these: pair << 1 | (1 where only the second shows it)
    ends: Ints  # of each feature's piece of `entry`
    seen: int  # features in which any pair differs: an estimate
    least: int  # users with a discordant pair that a feature needed

    def pairs_of(self, row: int) -> Keys:
        """Discordant pairs of one feature, as in `entry`, in order."""
        return self.entry[self.ends[row - 1] if row else 0 : self.ends[row]]


def changed_features(
    batches: Callable[[], Iterable[Changes]],
    cluster: Codes,
    weight: Floats,
    most: int,
    level: float = 0.05,
) -> Tested:
    """Count every feature's discordant pairs by user, and test those that can be told.

    A feature is tested where enough users have a discordant pair, in whatever direction: swap the
    lanes and the same features are tested, so that the choice leaves the p-values what they are
    (Bourgon, Gentleman and Huber 2010). Enough is the least number k, `FEWEST` or more, at which
    (features with k users or more) * 2^(1 - k), the smallest p-value k users can give times the
    tests, is at most the level (Tarone 1990); or more, where memory would not hold the pairs.

    Under the null hypothesis that it makes no difference which lane a user's turns are from, each
    user's net change is as likely up as down; so the sign test is exact whatever the correlation
    within a user.

    Args:
        batches: gives all pairs' features, the same each time it is called.
        cluster: for each pair its user's code.
        weight: for each pair its inverse inclusion probability.
        most: occurrences there are at most, both turns counted.
        level: of the false discovery rate that will be asked for.
    """
    table = _table(batches(), most)
    empty = max(1, int(np.count_nonzero(table == 0)))
    seen = round(len(table) * log(len(table) / empty))  # linear counting, Whang et al. 1990
    floor = _affordable(table)
    passes = table >= floor
    del table
    feature, discordant = _counted(batches(), passes, floor)
    shift = np.uint64(len(cluster).bit_length() + 1)
    size = int(discordant.sum())
    entry, both, both_weight = _entries(_only(batches(), passes), feature, size, shift, weight)
    del passes
    ends = np.cumsum(discordant)
    entry &= (np.uint64(1) << shift) - np.uint64(1)
    users, fell, rose = _by_user(entry, ends, cluster)
    least = max(floor, _least(users, level))
    kept = np.flatnonzero(users >= least)
    sizes = np.diff(ends, prepend=0)
    in_kept = np.repeat(users >= least, sizes)
    entry = entry[in_kept]
    ends = np.cumsum(sizes[kept])
    after = np.append(0, np.cumsum(entry & np.uint64(1), dtype=np.int64))
    only_after = np.diff(after[ends], prepend=0)
    return Tested(
        feature=feature[kept],
        only_before=sizes[kept] - only_after,
        only_after=only_after,
        both=both[kept],
        both_weight=both_weight[kept],
        fell=fell[kept],
        rose=rose[kept],
        p_value=sign_tests(fell[kept], rose[kept]),
        entry=entry,
        ends=ends,
        seen=seen,
        least=least,
    )


def sign_tests(fell: npt.ArrayLike, rose: npt.ArrayLike) -> Floats:
    """`paired.mcnemar_exact` of many counts at once.

    >>> sign_tests([1, 3], [9, 3]).round(4).tolist()
    [0.0215, 1.0]
    """
    one, other = np.asarray(fell), np.asarray(rose)
    fewer, more = np.minimum(one, other), np.maximum(one, other)
    tail = 2 * special.betaincc(fewer + 1.0, np.maximum(more, 1.0), 0.5)
    return np.where(fewer == more, 1.0, np.minimum(1.0, tail))


def _table(batches: Iterable[Changes], most: int) -> npt.NDArray[np.uint16]:
    """Discordant pairs counted by the lowest bits of their feature: too many, never too few."""
    low, high = _PLACES
    places = 1 << min(high, max(low, int(most).bit_length()))
    table = np.zeros(places, dtype=np.uint16)
    for batch in batches:
        place = _place(batch.feature[batch.change != 0], places)
        place.sort()
        first = np.flatnonzero(np.diff(place, prepend=-1))
        counts = np.diff(np.append(first, len(place)))
        place = place[first]
        table[place] = np.minimum(table[place] + counts, _FULL)
    return table


def _place(feature: Keys, places: int) -> Ints:
    return (feature & np.uint64(places - 1)).astype(np.int64)


def _affordable(table: npt.NDArray[np.uint16]) -> int:
    """The least count, `FEWEST` or more, from which on there is room for all occurrences."""
    counts = np.bincount(table, minlength=FEWEST + 1).astype(np.int64)
    left = np.cumsum((counts * np.arange(len(counts)))[::-1])[::-1]
    fits = np.flatnonzero(left <= _ENTRIES)
    return max(FEWEST, int(fits[0]) if len(fits) else len(counts))


def _counted(batches: Iterable[Changes], passes: Flags, floor: int) -> tuple[Keys, Ints]:
    """Features with at least so many discordant pairs, in order, and how many each has."""
    feature, count = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    waiting: list[Keys] = []
    size = 0
    for batch in _only(batches, passes):
        waiting.append(batch.feature[batch.change != 0])
        size += len(waiting[-1])
        if size > 2 * _AT_ONCE:
            feature, count = _added(feature, count, waiting)
            waiting, size = [], 0
    feature, count = _added(feature, count, waiting)
    return feature[count >= floor], count[count >= floor]


def _only(batches: Iterable[Changes], passes: Flags) -> Iterator[Changes]:
    """What the table does not rule out."""
    for batch in batches:
        kept = passes[_place(batch.feature, len(passes))]
        yield Changes(batch.pair[kept], batch.feature[kept], batch.change[kept])


def _added(feature: Keys, count: Ints, waiting: list[Keys]) -> tuple[Keys, Ints]:
    new, more = np.unique(np.concatenate([feature[:0], *waiting]), return_counts=True)
    both, place = np.unique(np.concatenate([feature, new]), return_inverse=True)
    total = np.bincount(place, np.concatenate([count, more]), minlength=len(both))
    return both, total.astype(np.int64)


def _entries(
    batches: Iterable[Changes], feature: Keys, size: int, shift: np.uint64, weight: Floats
) -> tuple[Keys, Ints, Floats]:
    """Discordant pairs (row of the feature, pair, side; in order), and concordant ones counted."""
    entry, filled = np.empty(size, dtype=np.uint64), 0
    both = np.zeros(len(feature), dtype=np.int64)
    both_weight = np.zeros(len(feature))
    for batch in batches if len(feature) else ():
        row = np.searchsorted(feature, batch.feature)
        row[row == len(feature)] = 0
        wanted = feature[row] == batch.feature
        row, pair, change = row[wanted], batch.pair[wanted], batch.change[wanted]
        shared = row[change == 0]
        both += np.bincount(shared, minlength=len(feature))
        both_weight += np.bincount(shared, weight[pair[change == 0]], minlength=len(feature))
        apart = change != 0
        side = (change[apart] > 0).astype(np.uint64)
        packed = (row[apart].astype(np.uint64) << shift) | (
            pair[apart].astype(np.uint64) << np.uint64(1)
        )
        entry[filled : filled + len(packed)] = packed | side
        filled += len(packed)
    entry.sort()
    return entry, both, both_weight


def _by_user(entry: Keys, ends: Ints, cluster: Codes) -> tuple[Ints, Ints, Ints]:
    """For each feature its users with a discordant pair, those who fell, and those who rose."""
    users, fell, rose = (np.zeros(len(ends), dtype=np.int64) for _ in range(3))
    span = np.uint64(int(cluster.max(initial=0)) + 1)
    for rows, begin, end in _pieces(ends):
        sizes = np.diff(ends[rows], prepend=begin)
        row = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
        piece = entry[begin:end]
        user = cluster[(piece >> np.uint64(1)).astype(np.int64)].astype(np.uint64)
        packed = ((row * span + user) << np.uint64(1)) | (piece & np.uint64(1))
        packed.sort()
        who = packed >> np.uint64(1)
        first = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
        net = np.add.reduceat((packed & np.uint64(1)).astype(np.int64) * 2 - 1, first)
        of = (who[first] // span).astype(np.int64)
        users[rows] = np.bincount(of, minlength=len(sizes))
        fell[rows] = np.bincount(of[net < 0], minlength=len(sizes))
        rose[rows] = np.bincount(of[net > 0], minlength=len(sizes))
    return users, fell, rose


def _pieces(ends: Ints) -> Iterator[tuple[slice, int, int]]:
    """Rows that are worked on together, and where their entries begin and end."""
    row = begin = 0
    while row < len(ends):
        last = max(row + 1, int(np.searchsorted(ends, begin + _AT_ONCE, "right")))
        yield slice(row, last), begin, int(ends[last - 1])
        row, begin = last, int(ends[last - 1])


def _least(users: Ints, level: float) -> int:
    """Users below which a feature could not be told from chance among all that have as many."""
    enough = FEWEST
    at_least = np.cumsum(np.bincount(users, minlength=FEWEST + 1)[::-1])[::-1]
    while enough < len(at_least) and at_least[enough] * 2.0 ** (1 - enough) > level:
        enough += 1
    return enough
