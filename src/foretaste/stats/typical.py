"""The centre of a few clustered changes: exact, whatever their distribution, if it is symmetric."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData
from foretaste.stats.totals import Floats, cluster_codes

EXACT = 14
"""Clusters up to which every subset is taken; of more, `DRAWN` are drawn."""

DRAWN = 9_999
"""Subsets that are drawn."""


class Shift(NamedTuple):
    """A mean change, and how much a few clusters let it say."""

    mean: float
    lower: float  # -inf where there are too few clusters for the level
    upper: float  # inf there
    p: float  # two-sided, that the centre is 0
    clusters: int


def shift(
    change: npt.ArrayLike,
    cluster: npt.ArrayLike,
    rng: np.random.Generator,
    level: float = 0.95,
) -> Shift:
    """Mean change of items that come in clusters, with an interval from the means of subsets.

    Under the null that the two sides of each change are exchanged with a cluster as a whole, every
    cluster's sum is as likely to come with the other sign. The means of all non-empty subsets of
    the clusters are then typical values of the centre (Hartigan 1969, theorem 1): it lies between
    any two that are neighbours with the same chance. So the interval leaves out as many of them at
    each end, and the p-value, of the same sign flips, counts the subsets whose sum is not above 0,
    or not below. Both are exact up to `EXACT` clusters, and for any number of drawn subsets nearly.

    Args:
        change: for each item, second minus first.
        cluster: for each item its cluster's code, a non-negative integer.
        rng: source of the drawn subsets.
        level: of the interval.

    Raises:
        InsufficientData: there are no items.
        ValueError: the arrays differ in length, or a change is no finite number.
    """
    values = np.asarray(change, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("changes must be finite numbers")
    if not len(values):
        raise InsufficientData("a mean change needs at least one pair")
    own = np.unique(cluster_codes(cluster, len(values)), return_inverse=True)[1]
    total, size = np.bincount(own, values), np.bincount(own).astype(np.float64)
    inside = _subsets(len(total), rng)
    sums, sizes = inside @ total, inside @ size
    means = np.sort(sums / sizes)
    gaps = len(means) + 1
    # Half a hair of slack: sums of the same numbers in another order differ in their last bits.
    slack = 1e-9 * float(np.abs(total).sum())
    tails = [(1 + np.count_nonzero(each <= slack)) / gaps for each in (sums, -sums)]
    left_out = int((1 - level) / 2 * gaps + 1e-9)
    lower, upper = (means[left_out - 1], means[-left_out]) if left_out else (-np.inf, np.inf)
    return Shift(
        mean=float(values.mean()),
        lower=float(lower),
        upper=float(upper),
        p=float(min(1.0, 2 * min(tails))),
        clusters=len(total),
    )


def _subsets(clusters: int, rng: np.random.Generator) -> Floats:
    """Non-empty subsets, one a row: all of them, or some that are drawn."""
    if clusters <= EXACT:
        numbers = np.arange(1, 2**clusters)[:, np.newaxis]
        return np.asarray(numbers >> np.arange(clusters) & 1, dtype=np.float64)
    drawn = rng.random((DRAWN, clusters)) < 0.5  # a coin
    drawn[~drawn.any(axis=1), 0] = True
    return drawn.astype(np.float64)
