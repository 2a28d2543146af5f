"""Rates of turns that come in clusters: a user's turns resemble one another.

The unit of independence is the cluster (a user, or a conversation where the log has no users).
A design effect says how many turns one independent turn is worth; dividing by it gives the
effective n on which the intervals of `proportion` and `paired` are built.
"""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.totals import (
    ClusterTotals,
    Floats,
    cluster_totals,
    indicator,
)

MIN_POSITIVE_CLUSTERS = 5
"""Clusters that must differ from the rest before their correlation is measured.

The cluster-robust variance is a sum over the clusters that hold a sighting. With a handful of them
it is mostly luck: three sightings by three users look independent, whether or not the fourth user
would have brought thirty. Below this number the worst is assumed: that all turns of a cluster say
the same. A rate near one is the mirror image, with the turns that do not show the behavior.
"""

_UPPER = 0.975  # the quantile at which t and normal are compared: that of a 95 % interval


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


class PairTable(NamedTuple):
    """Two lanes on the same items as a table of pairs, deflated for clusters and weights."""

    both: float  # pairs that show it in both lanes
    only_before: float
    only_after: float
    effective_n: float  # independent pairs that say as much, those that show it in neither too

    @property
    def counts(self) -> tuple[float, float]:
        """Sightings before, and after."""
        return self.both + self.only_before, self.both + self.only_after


class _Precision(NamedTuple):
    variance: float | None
    effective_n: float


def clustered_rate(
    hit: npt.ArrayLike, cluster: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> ClusteredRate:
    """Rate of a behavior among weighted, clustered turns.

    The rate is Hajek's ratio estimator, sum(w y) / sum(w); its variance is linearised and
    cluster-robust, G/(G-1) * sum over clusters of z^2, over sum(w)^2, for the clusters' residuals
    z = sum of w (y - r) (method.md 11.3 with weights; Särndal, Swensson and Wretman 1992, section
    5.7). The effective n is n over the design effect, the ratio of that variance to r(1-r)/n. It
    is at most Kish's n of the weights, sum(w)^2 / sum(w^2): a part of the traffic that few turns
    with large weights stand for, and that showed nothing, adds no variance but is not known.

    Where few clusters dominate that sum, the variance is itself uncertain, and mostly too small.
    So the design effect is multiplied by the square of the ratio of the t quantile at the sum's
    degrees of freedom, (sum of z^2)^2 / sum of z^4 (Satterthwaite 1946), to the one it would have
    if turns were independent (the form of Korn and Graubard 1998); but not beyond full
    correlation: Kish's n of the clusters' total weights, sum(w)^2 / sum over clusters of (sum of
    w)^2. Where fewer than `MIN_POSITIVE_CLUSTERS` clusters hold a hit, or a non-hit, full
    correlation is assumed.

    With 300 clusters of log-normal size (sigma 1.5), a rate of 0.02 and a correlation of 0.1 to
    0.3, 95 % Wilson intervals on the effective n cover 0.91 to 0.94. It still fails where one
    cluster may hold much of the sample: with Zipf-distributed sizes (exponent 1.6) they cover
    0.86. A cap on turns per user in the sample prevents that.

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
    totals = cluster_totals(indicator(hit)[:, np.newaxis], cluster, weight)
    return rate_against(totals, 0)


def clustered_rates(totals: ClusterTotals) -> tuple[ClusteredRate | None, ...]:
    """`clustered_rate` of every behavior; None where no turn was graded."""
    return tuple(
        rate_against(totals, behavior) if turns else None
        for behavior, turns in enumerate(totals.turns)
    )


def rate_against(
    totals: ClusterTotals, behavior: int, expected: Floats | None = None
) -> ClusteredRate:
    """`clustered_rate`, with residuals from what each cluster was expected to show.

    Args:
        totals: sums of the turns by cluster.
        behavior: which row of them.
        expected: for each cluster the summed weight of hits that its turns were expected to show;
            None for the rate itself times the weight of its turns.

    Raises:
        InsufficientData: no turn was graded.
    """
    hit, seen = totals.of(behavior)
    if not totals.turns[behavior]:
        raise InsufficientData("a rate needs at least one graded turn")
    rate = float(hit.sum() / seen.sum())
    residual = hit - (rate * seen if expected is None else expected)
    shares = {1.0: rate, 0.0: 1 - rate}
    found = _precision(totals, behavior, residual, shares, totals.telling(behavior))
    return ClusteredRate(
        rate=rate,
        variance=found.variance,
        effective_n=found.effective_n,
        clusters=int(np.count_nonzero(seen)),
        simple_n=float(totals.simple_n[behavior]),
    )


def _telling(less: Floats, more: Floats, seen: Floats) -> int:
    """The fewest clusters, over all values, that hold something other than that value."""
    others = (less + more, less < seen, more < seen)
    return int(min(np.count_nonzero(each) for each in others))


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
    if not len(change):
        raise InsufficientData("a difference needs at least one graded pair")
    totals = cluster_totals(np.array([change < 0, change > 0]).T, cluster, weight)
    (less, more), (seen,) = totals.hit, totals.seen
    lost, gained = (totals.hit.sum(axis=1) / seen.sum()).tolist()
    difference = gained - lost
    shares = {-1.0: lost, 0.0: 1 - lost - gained, 1.0: gained}
    residual = more - less - difference * seen
    found = _precision(totals, 0, residual, shares, _telling(less, more, seen))
    return ClusteredDifference(
        difference=difference,
        variance=found.variance,
        deff=len(change) / found.effective_n,
        clusters=int(np.count_nonzero(seen)),
        only_before=lost * found.effective_n,
        only_after=gained * found.effective_n,
        effective_n=found.effective_n,
    )


def clustered_table(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    cluster: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> PairTable:
    """Table of weighted, clustered pairs at the size that their ratio of rates deserves.

    Estimator and variance are those of `clustered_rate`, for the ratio's linearised residual of
    each pair: after - R before, with R the ratio of the two rates (Särndal, Swensson and Wretman
    1992, section 5.6). What a user's turns share in both lanes cancels, as it does in
    `clustered_difference`, whose worst case is assumed where few clusters hold a discordant pair.
    Without a sighting in one of the lanes there is no R, and 1 takes its place.

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
    if not len(change):
        raise InsufficientData("a ratio needs at least one graded pair")
    shown = np.asarray(before) == 1
    cells = np.array([shown & (change == 0), change < 0, change > 0]).T
    totals = cluster_totals(cells, cluster, weight)
    (together, less, more), (seen,) = totals.hit, totals.seen
    both, lost, gained = (totals.hit.sum(axis=1) / seen.sum()).tolist()
    ratio = (both + gained) / (both + lost) if both + gained > 0 and both + lost > 0 else 1.0
    shares: dict[float, float] = {}
    for value, share in ((1.0, gained), (-ratio, lost), (1 - ratio, both)):
        shares[value] = shares.get(value, 0.0) + share
    shares[0.0] = shares.get(0.0, 0.0) + 1 - both - lost - gained
    residual = more - ratio * less + (1 - ratio) * together
    residual -= residual.sum() / seen.sum() * seen
    n = _precision(totals, 0, residual, shares, _telling(less, more, seen)).effective_n
    return PairTable(both * n, lost * n, gained * n, n)


def paired_change(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """Change of each item, -1, 0 or 1, from two arrays of 0 and 1.

    Raises:
        ValueError: the arrays differ in length, or hold anything else.
    """
    first, second = indicator(before), indicator(after)
    if first.shape != second.shape:
        raise ValueError(f"pairs need two arrays of one length: {first.shape}, {second.shape}")
    return second.astype(np.float64) - first


def _precision(
    totals: ClusterTotals,
    behavior: int,
    residual: Floats,
    shares: Mapping[float, float],
    telling: int,
) -> _Precision:
    """Variance and effective n of a mean, from each cluster's summed residuals.

    `shares` has the values a turn can have, and the weighted share of the turns that have each;
    `telling` the clusters that hold something other than one value, the fewest over all values.
    """
    _, seen = totals.of(behavior)
    turns, simple_n = int(totals.turns[behavior]), float(totals.simple_n[behavior])
    total = float(seen.sum())
    full = min(total**2 / float(seen @ seen), simple_n)
    if telling < MIN_POSITIVE_CLUSTERS:
        return _Precision(None, full)
    mean = sum(value * share for value, share in shares.items())
    second, fourth = (
        sum(share * (value - mean) ** power for value, share in shares.items()) for power in (2, 4)
    )
    squares = residual**2
    spread = float(squares.sum())
    clusters = int(np.count_nonzero(seen))
    variance = clusters / (clusters - 1) * spread / total**2
    freedom = spread**2 / float(squares @ squares) if spread else inf
    t, t_independent = special.stdtrit((freedom, turns * second**2 / fourth), _UPPER)
    deff, least = variance * turns / second, turns / simple_n
    cautious = deff * max(1.0, float(t / t_independent)) ** 2
    measured, widened = turns / max(deff, least), turns / max(cautious, least)
    return _Precision(variance, max(widened, min(measured, full)))
