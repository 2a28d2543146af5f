"""Rates of turns that come in clusters: a user's turns resemble one another.

The unit of independence is the cluster (a user, or a conversation where the log has no users).
A design effect says how many turns one independent turn is worth; dividing by it gives the
effective n on which the intervals of `proportion` and `paired` are built.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData

MIN_POSITIVE_CLUSTERS = 5
"""Clusters that must differ from the rest before their correlation is measured.

The cluster-robust variance is a sum over the clusters that hold a sighting. With a handful of them
it is mostly luck: three sightings by three users look independent, whether or not the fourth user
would have brought thirty. Below this number the worst is assumed: that all turns of a cluster say
the same. A rate near one is the mirror image, with the turns that do not show the behavior.
"""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class ClusteredRate(NamedTuple):
    """A weighted rate, and how much its clusters let it say."""

    rate: float
    variance: float | None  # cluster-robust; None where too few clusters tell of it
    effective_n: float  # independent turns that say as much: rate * effective_n are its hits
    clusters: int
    simple_n: float  # the same if turns were independent: n, or Kish's n under unequal weights


class ClusteredDifference(NamedTuple):
    """Rate after minus rate before on the same items, and how much its clusters let it say."""

    difference: float
    variance: float | None  # cluster-robust; None where too few clusters tell of it
    deff: float  # design effect, at least 1: pairs that one independent pair is worth
    clusters: int
    only_before: float  # discordant pairs of the deflated table, for `paired.tango`
    only_after: float
    effective_n: float  # pairs of the deflated table


class _Mean(NamedTuple):
    mean: float
    variance: float | None
    effective_n: float
    clusters: int


def clustered_rate(
    hit: npt.ArrayLike, cluster: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> ClusteredRate:
    """Rate of a behavior among weighted, clustered turns.

    The rate is Hajek's ratio estimator, sum(w y) / sum(w); its variance is linearised and
    cluster-robust, G/(G-1) * sum over clusters of (sum of w (y - r))^2, over sum(w)^2 (method.md
    11.3 with weights; Särndal, Swensson and Wretman 1992, section 5.7). The effective n is n over
    the design effect, the ratio of that variance to r(1-r)/n, which is held to at least 1. Where
    fewer than `MIN_POSITIVE_CLUSTERS` clusters hold a hit, or a non-hit, it is Kish's n of the
    clusters' total weights, sum(w)^2 / sum over clusters of (sum of w)^2: full correlation.

    It fails where a few clusters hold much of the sample and the behavior is rare: with a rate of
    0.02 and 300 clusters of heavy-tailed size, 95 % Wilson intervals on the effective n covered
    about 85 %. A cap on turns per user in the sample prevents that.

    Args:
        hit: 0 or 1 for each turn.
        cluster: for each turn its cluster's code, a non-negative integer; codes that are not used
            do no harm but cost memory.
        weight: for each turn its inverse inclusion probability; None where all are equal.

    Raises:
        InsufficientData: there are no turns.
        ValueError: the arrays differ in length, a hit is neither 0 nor 1, or a weight or a code
            is not what it must be.
    """
    y = _indicator(hit)
    codes, w = _design(y, cluster, weight)
    found = _clustered_mean(y, codes, w)
    return ClusteredRate(
        rate=found.mean,
        variance=found.variance,
        effective_n=found.effective_n,
        clusters=found.clusters,
        simple_n=_kish(w),
    )


def clustered_difference(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    cluster: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> ClusteredDifference:
    """Difference of two rates on the same weighted, clustered items.

    Estimator and variance are those of `clustered_rate`, for the item's own difference, -1, 0 or
    1. The worst is assumed where fewer than `MIN_POSITIVE_CLUSTERS` clusters hold a discordant
    pair (or, the mirror image, a pair that did not change like most).

    Args:
        before: 0 or 1 for each item.
        after: 0 or 1 for each item, in the same order.
        cluster: for each item its cluster's code, a non-negative integer.
        weight: for each item its inverse inclusion probability; None where all are equal.

    Raises:
        InsufficientData: there are no items.
        ValueError: as for `clustered_rate`.
    """
    change = paired_change(before, after)
    codes, w = _design(change, cluster, weight)
    found = _clustered_mean(change, codes, w)
    scale = found.effective_n / w.sum()
    return ClusteredDifference(
        difference=found.mean,
        variance=found.variance,
        deff=len(change) / found.effective_n,
        clusters=found.clusters,
        only_before=float(w[change < 0].sum() * scale),
        only_after=float(w[change > 0].sum() * scale),
        effective_n=found.effective_n,
    )


def paired_change(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """Change of each item, -1, 0 or 1, from two arrays of 0 and 1.

    Raises:
        ValueError: the arrays differ in length, or hold anything else.
    """
    first, second = _indicator(before), _indicator(after)
    if first.shape != second.shape:
        raise ValueError(f"pairs need two arrays of one length: {first.shape}, {second.shape}")
    return second - first


def cluster_codes(cluster: npt.ArrayLike, length: int) -> Codes:
    """Cluster codes as an array.

    Raises:
        ValueError: not `length` non-negative integers.
    """
    codes = np.asarray(cluster)
    if codes.shape != (length,) or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"{length} items need as many integer cluster codes")
    if length and codes.min() < 0:
        raise ValueError("a cluster code is negative")
    return codes.astype(np.intp, copy=False)


def _indicator(values: npt.ArrayLike) -> Floats:
    y = np.asarray(values, dtype=np.float64)
    # Written so that NaN fails too: an ungraded turn must be left out, not counted as a miss.
    if y.ndim != 1 or not np.all((y == 0) | (y == 1)):
        raise ValueError("hits must be 0 or 1, one for each turn; leave ungraded turns out")
    return y


def _design(
    values: Floats, cluster: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[Codes, Floats]:
    if not len(values):
        raise InsufficientData("a rate needs at least one graded turn")
    codes = cluster_codes(cluster, len(values))
    w = np.ones_like(values) if weight is None else np.asarray(weight, dtype=np.float64)
    if w.shape != values.shape or not np.all((w > 0) & np.isfinite(w)):
        raise ValueError("weights must be positive and finite, one for each turn")
    return codes, w


def _clustered_mean(values: Floats, codes: Codes, w: Floats) -> _Mean:
    total = w.sum()
    mean = float(values @ w / total)
    clusters = int(np.count_nonzero(np.bincount(codes)))
    if _telling_clusters(values, codes) < MIN_POSITIVE_CLUSTERS:
        return _Mean(mean, None, _kish(np.bincount(codes, w).astype(np.float64)), clusters)
    residual = w * (values - mean)
    spread = np.bincount(codes, residual)
    variance = float(clusters / (clusters - 1) * (spread @ spread) / total**2)
    simple = float(residual @ (values - mean) / total) / len(values)
    deff = max(1.0, variance / simple)
    return _Mean(mean, variance, len(values) / deff, clusters)


def _telling_clusters(values: Floats, codes: Codes) -> int:
    """The fewest clusters, over all values, that hold something other than that value."""
    unlike = (np.bincount(codes, values != same) for same in (-1.0, 0.0, 1.0))
    return min(int(np.count_nonzero(count)) for count in unlike)


def _kish(w: Floats) -> float:
    return float(w.sum() ** 2 / (w @ w))
