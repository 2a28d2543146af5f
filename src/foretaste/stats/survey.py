"""Samples that differ from the traffic they stand for, where it is known how.

Weights made here go into `clusters.clustered_rate` too; for weights learned from features see
`shift`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import MIN_POSITIVE_CLUSTERS, ClusteredRate, rate_against
from foretaste.stats.proportion import Interval
from foretaste.stats.totals import (
    Codes,
    Floats,
    cluster_codes,
    cluster_totals,
    indicator,
    positive_weights,
)

_SUM_SLACK = 1e-6  # of target shares, which people write with few digits


class PopulationTotal(NamedTuple):
    """Hits in a population of known size, as the sample puts them."""

    total: float
    rate: float  # total over the population: above 1 where luck has it
    variance: float | None  # of the rate, cluster-robust; None where too few clusters tell of it
    clusters: int  # that hold a turn of the sample


class PostStrata(NamedTuple):
    """Weights that give every stratum its share of the target."""

    weight: Floats  # for each turn; 1 on average, whatever the base weights
    group: Codes  # for each turn its stratum, or the code of the strata it was merged with
    uncovered: float  # share of the target in strata of which the sample holds nothing
    merged: tuple[int, ...]  # strata that were too small to stand alone


def horvitz_thompson(
    hit: npt.ArrayLike,
    cluster: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    population: float,
    clusters: int,
) -> PopulationTotal:
    """Hits among all turns of the population: the sum of y / p over the sample.

    Horvitz and Thompson 1952. Its variance is that of independent cluster sums t (Hansen and
    Hurwitz 1943), G/(G-1) * sum over clusters of (t - mean)^2 over G clusters, those without a
    sampled turn counting as 0. Where the sample's size is random, or the behavior common,
    `clusters.clustered_rate` is the more precise by far: it divides by the size that was drawn.

    Args:
        hit: 0 or 1 for each sampled turn.
        cluster: for each sampled turn its cluster's code, a non-negative integer.
        probability: for each sampled turn its inclusion probability.
        population: turns from which the sample was drawn.
        clusters: G, clusters whose turns were open to the draw: all of the population where turns
            were drawn one by one, those drawn where whole clusters were drawn to a fixed number.

    Raises:
        InsufficientData: there are no turns.
        ValueError: a probability is not above 0 and at most 1, the population or the number of
            clusters is smaller than the sample's, or else as for `clusters.clustered_rate`.

    >>> horvitz_thompson([1, 0], [0, 1], [0.1, 0.5], population=20, clusters=10).rate
    0.5
    """
    p = np.asarray(probability, dtype=np.float64)
    if not np.all((p > 0) & (p <= 1)):
        raise ValueError("an inclusion probability is above 0 and at most 1")
    totals = cluster_totals(indicator(hit)[:, np.newaxis], cluster, 1 / p)
    if not len(p):
        raise InsufficientData("a total needs at least one graded turn")
    (expanded,), sampled = totals.hit, int(np.count_nonzero(totals.seen))
    if population < len(p) or clusters < sampled:
        raise ValueError(
            f"{len(p)} turns of {sampled} clusters are more than {population} of {clusters}"
        )
    total = float(expanded.sum())
    variance = None
    if np.count_nonzero(expanded) >= MIN_POSITIVE_CLUSTERS:
        squares = max(0.0, float(expanded @ expanded) - total**2 / clusters)
        variance = clusters / (clusters - 1) * squares / population**2
    return PopulationTotal(total, total / population, variance, sampled)


def poststratify(
    stratum: npt.ArrayLike,
    target: Mapping[int, float],
    *,
    weight: npt.ArrayLike | None = None,
    smallest: int = 20,
) -> PostStrata:
    """Weights under which each stratum has its share of the target (Holt and Smith 1979).

    Strata with fewer than `smallest` turns are merged, and where that is still too few, with the
    next smallest. A stratum of the target of which the sample holds nothing cannot be weighted
    up: the weights are for the rest of the target, and `uncovered` is the share e to put into
    `unseen_traffic`.

    Args:
        stratum: for each turn its stratum's code, a non-negative integer.
        target: share of each stratum in the traffic that is asked about.
        weight: for each turn the weight it has already; None where all are equal.
        smallest: turns that a stratum needs to stand alone.

    Raises:
        InsufficientData: there are no turns.
        ValueError: the shares are not a distribution, a turn's stratum has no share in the target
            (leave such turns out), or a code or a weight is not what it must be.

    >>> poststratify([0] * 60 + [1] * 20, {0: 0.5, 1: 0.3, 2: 0.2}).uncovered
    0.2
    """
    codes = cluster_codes(stratum, np.size(stratum))
    if not len(codes):
        raise InsufficientData("weights need at least one turn")
    base = np.ones(len(codes)) if weight is None else positive_weights(weight, len(codes))
    total = sum(target.values())
    if not abs(total - 1) <= _SUM_SLACK or not all(share >= 0 for share in target.values()):
        raise ValueError(f"target shares must be 0 or more and sum to 1, not {total}")
    counts = np.bincount(codes)
    held = set(np.flatnonzero(counts).tolist())
    strangers = [code for code in held if not target.get(code)]
    if strangers:
        raise ValueError(f"strata {strangers} have no share in the target; leave their turns out")
    merged = _too_small(counts, smallest)
    place = np.arange(len(counts))
    place[merged] = merged[:1]
    group = place[codes]
    covered = [target[code] if code in held else 0.0 for code in range(len(counts))]
    weights = base * np.bincount(place, covered)[group] / np.bincount(group, base)[group]
    return PostStrata(
        weight=weights * len(codes) / weights.sum(),
        group=group,
        uncovered=float(sum(share for code, share in target.items() if code not in held) / total),
        merged=tuple(merged.tolist()),
    )


def _too_small(counts: Codes, smallest: int) -> Codes:
    """Strata to merge into one: the smallest ones, until each group is large enough."""
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > 0]
    if counts[order[0]] >= smallest:
        return order[:0]
    # The first stratum that is large enough joins only if those before it are still too few.
    alone, together = counts[order] >= smallest, np.cumsum(counts[order]) >= smallest
    enough = np.flatnonzero(together & np.append(alone[1:], True))
    last = enough[0] if len(enough) else len(order) - 1
    return np.sort(order[: last + 1])


def poststratified_rate(
    hit: npt.ArrayLike, cluster: npt.ArrayLike, strata: PostStrata
) -> ClusteredRate:
    """Rate in the target traffic: the strata's rates, each with its share of the target.

    `clusters.clustered_rate` with the weights of `poststratify`, but for the residuals, which are
    taken from the stratum's own rate: what strata differ by is known and no luck. With a turn a
    cluster the variance is sum of W^2 r (1 - r) / n over the strata (method.md 11.7), but for
    factors G/(G-1). The effective n is at most Kish's n of the weights, as there.

    Args:
        hit: 0 or 1 for each turn.
        cluster: for each turn its cluster's code, a non-negative integer.
        strata: what `poststratify` made of the same turns.

    Raises:
        InsufficientData: there are no turns.
        ValueError: as for `clusters.clustered_rate`.
    """
    y, w = indicator(hit), strata.weight
    totals = cluster_totals(y[:, np.newaxis], cluster, w)
    _, group = np.unique(strata.group, return_inverse=True)
    of_stratum = np.bincount(group, w * y) / np.bincount(group, w)
    expected = np.bincount(cluster_codes(cluster, len(y)), w * of_stratum[group])
    return rate_against(totals, 0, expected.astype(np.float64, copy=False))


def unseen_traffic(interval: Interval, share: float, rate_at_most: float = 1.0) -> Interval:
    """Limits of a rate if that share of the traffic is of a kind the sample does not hold.

    [(1 - e) lower, (1 - e) upper + e q] (method.md 11.7): nothing is known of the new kind but
    that its rate is at most q.

    Raises:
        ValueError: `share` or `rate_at_most` is not between 0 and 1.

    >>> [round(limit, 4) for limit in unseen_traffic(Interval(0.01, 0.02), 0.1, 0.5)]
    [0.009, 0.068]
    """
    if not (0 <= share <= 1 and 0 <= rate_at_most <= 1):
        raise ValueError(f"{share} of the traffic at a rate of {rate_at_most} are no shares")
    known = 1 - share
    return Interval(known * interval.lower, known * interval.upper + share * rate_at_most)
