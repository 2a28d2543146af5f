"""Which of very many features two turns of a pair differ in, counted by user and tested.

Most features are rare: a first pass counts them in a table of hashed places, which never counts
too few, and only what it leaves is counted exactly.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.stats.sieve import (
    FULL,
    Ints,
    Keys,
    Sieve,
    Table,
    counted_places,
    distinct,
    gathered,
    places_with,
)
from foretaste.stats.totals import Codes, Flags, Floats

FEWEST = 6
"""Users with a discordant pair that a test takes: fewer cannot reach p = 0.05."""

_MOST_FEATURES = 4_000_000  # that are counted exactly
_AT_ONCE = 4_000_000  # occurrences that are worked on together
_FEATURE_BITS = 52
_PAIR_BITS = np.uint64(40)


class Changes(NamedTuple):
    """Features that some pairs show, each once a pair."""

    pair: Ints
    feature: Keys  # at most 52 bits
    change: npt.NDArray[np.int8]  # -1: only the first turn shows it, 1: only the second, 0: both


class _Counts(NamedTuple):
    only_before: Ints  # pairs
    only_after: Ints
    both: Ints
    users: Ints  # with a discordant pair
    fell: Ints
    rose: Ints


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
    seen: int  # features in which any pair differs: an estimate
    least: int  # users with a discordant pair that a feature needed


def changed_features(
    batches: Callable[[Sieve | None], Iterable[Changes]],
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
    tests, is at most the level (Tarone 1990); or more, where memory would not hold the features.

    Under the null hypothesis that it makes no difference which lane a user's turns are from, each
    user's net change is as likely up as down; so the sign test is exact whatever the correlation
    within a user.

    Args:
        batches: gives all pairs' features, or those that go through a sieve; the same each time
            it is called, a user's pairs in one piece.
        cluster: for each pair its user's code.
        weight: for each pair its inverse inclusion probability.
        most: occurrences there are at most, both turns counted.
        level: of the false discovery rate that will be asked for.
    """
    table = counted_places(_discordant(batches(None)), most)
    seen = distinct(table)
    floor = _floor(table, max(1.0, len(cluster) / max(1, len(np.unique(cluster)))), level)
    sieve = Sieve(table >= floor)
    del table
    feature = _counted(batches(sieve), floor)
    groups = _whole_users(batches(Sieve.of(feature)), cluster)
    counts = _Counts(*(np.zeros(len(feature), dtype=np.int64) for _ in range(6)))
    both_weight = np.zeros(len(feature))
    for batch in groups if len(feature) else ():
        _count(batch, feature, cluster, weight, counts, both_weight)
    least = max(floor, _least(counts.users, level))
    kept = counts.users >= least
    return Tested(
        feature=feature[kept],
        only_before=counts.only_before[kept],
        only_after=counts.only_after[kept],
        both=counts.both[kept],
        both_weight=both_weight[kept],
        fell=counts.fell[kept],
        rose=counts.rose[kept],
        p_value=sign_tests(counts.fell[kept], counts.rose[kept]),
        seen=seen,
        least=least,
    )


def discordant_pairs(batches: Iterable[Changes], features: Keys) -> list[Keys]:
    """Of each feature its discordant pairs, in order: twice the pair, plus one where it rose.

    Args:
        batches: all pairs' features, or those that a sieve of the wanted ones lets through.
        features: which are wanted, one or more.
    """
    ordered = np.argsort(features)
    found = []
    for batch in batches:
        row, wanted = _rows(batch.feature, features[ordered])
        apart = wanted & (batch.change != 0)
        entry = (batch.pair[apart] << 1) + (batch.change[apart] > 0)
        found.append(
            (ordered[row[apart]].astype(np.uint64) << _PAIR_BITS) | entry.astype(np.uint64)
        )
    packed = np.concatenate([features[:0], *found])
    packed.sort()
    ends = np.searchsorted(packed, np.arange(1, len(features), dtype=np.uint64) << _PAIR_BITS)
    return np.split(packed & ((np.uint64(1) << _PAIR_BITS) - np.uint64(1)), ends)


def sign_tests(fell: npt.ArrayLike, rose: npt.ArrayLike) -> Floats:
    """`paired.mcnemar_exact` of many counts at once.

    >>> sign_tests([1, 3], [9, 3]).round(4).tolist()
    [0.0215, 1.0]
    """
    one, other = np.asarray(fell), np.asarray(rose)
    fewer, more = np.minimum(one, other), np.maximum(one, other)
    tail = 2 * special.betaincc(fewer + 1.0, np.maximum(more, 1.0), 0.5)
    return np.where(fewer == more, 1.0, np.minimum(1.0, tail))


def _floor(table: Table, each: float, level: float) -> int:
    """Discordant pairs below which a feature has too few users to be tested, or to be held.

    A first guess at `_least`, from pairs, of which a user has `each` on average.
    """
    at_least = places_with(table)
    enough = FEWEST
    while at_least[min(FULL, round(enough * each))] * 2.0 ** (1 - enough) > level:
        enough += 1
    return max(enough, int(np.argmax(at_least <= _MOST_FEATURES)))


def _counted(batches: Iterable[Changes], floor: int) -> Keys:
    """Features with at least so many discordant pairs, in order."""
    feature, count = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    for more in gathered(_discordant(batches), 2 * _AT_ONCE):
        feature, count = _added(feature, count, more)
    return feature[count >= floor]


def _added(feature: Keys, count: Ints, more: Keys) -> tuple[Keys, Ints]:
    new, often = np.unique(more, return_counts=True)
    both, place = np.unique(np.concatenate([feature, new]), return_inverse=True)
    total = np.bincount(place, np.concatenate([count, often]), minlength=len(both))
    return both, total.astype(np.int64)


def _discordant(batches: Iterable[Changes]) -> Iterator[Keys]:
    return (batch.feature[batch.change != 0] for batch in batches)


def _whole_users(batches: Iterable[Changes], cluster: Codes) -> Iterator[Changes]:
    """Batches put together, each with all pairs of its users."""
    waiting: list[Changes] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        size += len(batch.pair)
        if size > _AT_ONCE:
            joined = Changes(*map(np.concatenate, zip(*waiting, strict=True)))
            last = cluster[joined.pair] == cluster[joined.pair[-1]]
            yield Changes(joined.pair[~last], joined.feature[~last], joined.change[~last])
            waiting = [Changes(joined.pair[last], joined.feature[last], joined.change[last])]
            size = len(waiting[0].pair)
    if waiting:
        yield Changes(*map(np.concatenate, zip(*waiting, strict=True)))


def _rows(feature: Keys, known: Keys) -> tuple[Ints, Flags]:
    """Place of each feature among those known, which are in order, and whether it is one.

    Features are hashes, so their first bits say where to look to within a place or two.
    """
    bits = len(known).bit_length() + 1
    shift = np.uint64(max(0, _FEATURE_BITS - bits))
    starts = np.searchsorted(known, np.arange(1 << bits, dtype=np.uint64) << shift)
    row = np.minimum(starts[(feature >> shift).astype(np.int64)], len(known) - 1)
    behind = np.flatnonzero(known[row] < feature)
    while len(behind):
        row[behind] += 1
        behind = behind[row[behind] < len(known)]
        behind = behind[known[row[behind]] < feature[behind]]
    row[row == len(known)] = 0
    return row, known[row] == feature


def _count(
    batch: Changes,
    feature: Keys,
    cluster: Codes,
    weight: Floats,
    counts: _Counts,
    both_weight: Floats,
) -> None:
    """Add what some users' pairs say of each feature."""
    size = len(feature)
    row, wanted = _rows(batch.feature, feature)
    alike, apart = wanted & (batch.change == 0), wanted & (batch.change != 0)
    counts.both[:] += np.bincount(row[alike], minlength=size)
    both_weight += np.bincount(row[alike], weight[batch.pair[alike]], minlength=size)
    rises = batch.change[apart] > 0
    counts.only_before[:] += np.bincount(row[apart][~rises], minlength=size)
    counts.only_after[:] += np.bincount(row[apart][rises], minlength=size)
    packed = row[apart].astype(np.uint64) << np.uint64(32)
    packed |= cluster[batch.pair[apart]].astype(np.uint64)
    packed = (packed << np.uint64(1)) | rises.astype(np.uint64)
    packed.sort()
    who = packed >> np.uint64(1)
    first = np.flatnonzero(np.append(True, who[1:] != who[:-1])[: len(who)])
    if not len(first):
        return
    net = np.add.reduceat((packed & np.uint64(1)).astype(np.int64) * 2 - 1, first)
    of = (who[first] >> np.uint64(32)).astype(np.int64)
    counts.users[:] += np.bincount(of, minlength=size)
    counts.fell[:] += np.bincount(of[net < 0], minlength=size)
    counts.rose[:] += np.bincount(of[net > 0], minlength=size)


def _least(users: Ints, level: float) -> int:
    """Users below which a feature could not be told from chance among all that have as many."""
    enough = FEWEST
    at_least = np.cumsum(np.bincount(users, minlength=FEWEST + 1)[::-1])[::-1]
    while enough < len(at_least) and at_least[enough] * 2.0 ** (1 - enough) > level:
        enough += 1
    return enough
