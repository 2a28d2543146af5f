"""How far people agree about the same items, beyond what luck would bring.

Limits are those of a jackknife over clusters. Where all agree it would know of no doubt, so the
lower limit is at most that of the same items with one more, on which they differ.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import normal_quantile
from foretaste.stats.totals import Codes, Floats, cluster_codes

MISSING = -1
"""Code of an item that an annotator did not judge."""

_Coefficient: TypeAlias = Callable[[Floats], Floats]


class Agreement(NamedTuple):
    """A coefficient: 1 where all agree, 0 where they agree as often as by luck."""

    value: float
    lower: float
    upper: float
    items: int  # that two or more annotators judged


def cohen_kappa(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Agreement:
    """Agreement of two annotators, each with habits of their own (Cohen 1960).

    It is (p - e) / (1 - e): p the share of items on which both say the same, e the share that two
    people with these shares of each value would reach without looking.

    Args:
        first: a code for each item, `MISSING` where the first annotator did not judge it.
        second: the same of the second.
        cluster: for each item its cluster's code; None: each is a cluster of its own.
        level: of the interval.

    Raises:
        InsufficientData: fewer than two clusters were judged by both, or both use one value only.
        ValueError: arrays differ in length, or `level` is not between 0 and 1.

    >>> found = cohen_kappa([1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15)
    >>> round(found.value, 3)
    0.4
    """
    both, codes = _known(np.stack([_codes(first), _codes(second)]), cluster)
    values, kind = np.unique(both, return_inverse=True)
    k = len(values)
    pair = kind.reshape(both.shape)
    counts = np.zeros((both.shape[1] + 1, k * k))
    counts[np.arange(both.shape[1]), pair[0] * k + pair[1]] = 1
    one_more = np.flatnonzero(~np.eye(k, dtype=bool))[:1]
    counts[-1, one_more] = 1

    def kappa(totals: Floats) -> Floats:
        table = totals.reshape(-1, k, k)
        n = table.sum(axis=(1, 2))
        same = np.trace(table, axis1=1, axis2=2) / n
        luck = np.sum(table.sum(axis=1) * table.sum(axis=2), axis=1) / n**2
        return _coefficient(1 - same, 1 - luck)

    return _agreement(kappa, counts, codes, level)


def krippendorff_alpha(
    values: npt.ArrayLike, cluster: npt.ArrayLike | None = None, level: float = 0.95
) -> Agreement:
    """Agreement of any number of annotators on nominal values, with gaps (Krippendorff 2011).

    It is 1 - observed / expected disagreement, over the pairs of values that share an item and
    over all pairs; items that one annotator judged do not count.

    Args:
        values: annotators x items, a code each; `MISSING` where one did not judge it.
        cluster: for each item its cluster's code; None: each is a cluster of its own.
        level: of the interval.

    Raises:
        InsufficientData: fewer than two clusters were judged by two, or all say one value only.
        ValueError: arrays differ in length, or `level` is not between 0 and 1.

    >>> found = krippendorff_alpha([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])
    >>> round(found.value, 3)
    0.095
    """
    told, codes = _known(np.atleast_2d(np.asarray(values)), cluster)
    kinds = np.unique(told[told != MISSING])
    by_value = np.stack([(told == kind).sum(axis=0) for kind in kinds], axis=1).astype(np.float64)
    by_value = np.vstack([by_value, np.zeros(len(kinds))])
    by_value[-1, :2] = 1  # one more item, on which two differ
    judged = by_value.sum(axis=1)
    differ = (judged**2 - np.sum(by_value**2, axis=1)) / np.maximum(judged - 1, 1)

    def alpha(totals: Floats) -> Floats:
        counts = totals[:, 1:]
        n = counts.sum(axis=1)
        expected = (n**2 - np.sum(counts**2, axis=1)) / np.maximum(n - 1, 1)
        return _coefficient(totals[:, 0], expected)

    return _agreement(alpha, np.column_stack([differ, by_value]), codes, level)


def _codes(values: npt.ArrayLike) -> Codes:
    return np.asarray(values, dtype=np.int64)


def _known(values: Codes, cluster: npt.ArrayLike | None) -> tuple[Codes, Codes]:
    """The items that two or more judged, and their clusters."""
    length = values.shape[1]
    codes = np.arange(length) if cluster is None else cluster_codes(cluster, length)
    known = (values != MISSING).sum(axis=0) >= 2
    if len(np.unique(codes[known])) < 2:
        raise InsufficientData("agreement needs two clusters of items that two people judged")
    if len(np.unique(values[:, known][values[:, known] != MISSING])) < 2:
        raise InsufficientData("all items were judged the same: nothing tells agreement from luck")
    return values[:, known], codes[known]


def _coefficient(observed: Floats, expected: Floats) -> Floats:
    """Of a sample with one value only, all agree."""
    return np.where(expected > 0, 1 - observed / np.where(expected > 0, expected, 1.0), 1.0)


def _agreement(of: _Coefficient, items: Floats, codes: Codes, level: float) -> Agreement:
    """Args: `items` holds what adds up to the coefficient; its last row is the one more."""
    value, half = _jackknifed(of, items[:-1], codes, level)
    low, low_half = _jackknifed(of, items, np.append(codes, codes.max() + 1), level)
    lower = min(value - half, low - low_half)
    return Agreement(value, max(-1.0, lower), min(1.0, value + half), len(codes))


def _jackknifed(of: _Coefficient, items: Floats, codes: Codes, level: float) -> tuple[float, float]:
    """The coefficient, and how far its limits lie from it."""
    _, place = np.unique(codes, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, items.shape[1]))
    np.add.at(sums, place, items)
    total = sums.sum(axis=0)
    left = of(total - sums)
    spread = (len(sums) - 1) / len(sums) * float(np.sum((left - left.mean()) ** 2))
    return float(of(total[None])[0]), normal_quantile(level) * float(np.sqrt(spread))
