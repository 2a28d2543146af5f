"""Two lanes on the same items: exact tests, and the interval of the difference.

Only the discordant pairs speak: `only_before` items showed the behavior before and not after,
`only_after` the other way round.
"""

from math import ceil, exp, inf, log2, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import paired_change
from foretaste.stats.proportion import (
    Interval,
    checked,
    clopper_pearson,
    detection_floor,
    normal_quantile,
)
from foretaste.stats.search import crossing
from foretaste.stats.totals import cluster_codes

Floats = npt.NDArray[np.float64]

_WIDEST = 30.0  # log ratio beyond which none is looked for


class Floor(NamedTuple):
    """The smallest change that a sign test among many finds."""

    clusters: int  # that must change, all in one direction
    share: float | None  # of all clusters, at which so many change; None: there are too few


def mcnemar_exact(only_before: int, only_after: int) -> float:
    """Two-sided p-value of McNemar's exact test: Binomial(b + c, 1/2), the smaller tail doubled.

    McNemar 1947; method.md 11.4. With no discordant pair there is no evidence: 1. It takes pairs
    as independent; for clustered ones see `sign_test_by_cluster`.

    Raises:
        ValueError: a count is negative.

    >>> round(mcnemar_exact(1, 9), 4)
    0.0215
    """
    fewer, more = sorted((only_before, only_after))
    if fewer < 0:
        raise ValueError(f"{fewer} is no count of pairs")
    if fewer == more:
        return 1.0
    return min(1.0, 2 * float(special.betaincc(fewer + 1, more, 0.5)))


def tango(only_before: float, only_after: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of the rate after minus the rate before, in shares between -1 and 1.

    Tango 1998, in the closed form of method.md 11.4. That quartic always has the difference itself
    as a root; divided out, and shifted and scaled by the half-width sqrt(z^2/n), what is left is a
    cubic with coefficients of one size, which stays exact where the quartic has four nearly equal
    roots (large n). Counts may be fractional: a table deflated for clusters.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: a count is negative, there are more discordant pairs than pairs, or `level` is
            not between 0 and 1.

    >>> [round(limit, 4) for limit in tango(0, 0, 100)]
    [-0.037, 0.037]
    """
    discordant, n = checked(only_before + only_after, n)
    if min(only_before, only_after) < 0:
        raise ValueError("a count of pairs is negative")
    d = (only_after - only_before) / n
    h = normal_quantile(level) ** 2 / n
    step = np.sqrt(h)
    cubic = [
        (1 + h) ** 2,
        3 * step * d * (1 + h),
        d * d - discordant / n + h * (3 * d * d - 1),
        -step * d * (1 - d * d),
    ]
    roots = np.roots(cubic).real
    lower, upper = d + step * min(0.0, roots.min()), d + step * max(0.0, roots.max())
    return Interval(max(-1.0, float(lower)), min(1.0, float(upper)))


def paired_ratio(
    both: float, only_before: float, only_after: float, level: float = 0.95
) -> Interval:
    """Interval of the rate after over the rate before: the wider end of two, on either side.

    One is exact for rare behaviors: given the discordant pairs, those after are a binomial share
    of them, and Clopper and Pearson's interval of that share is one of the ratio; without pairs
    that show it in both lanes it is `unpaired.rate_ratio`. It takes `both` as known, which is too
    narrow where most sightings are. The other inverts the score test of a ratio of paired rates
    (Nam and Blackwelder 2002, Statistics in Medicine 21), which is not, but too narrow where few
    pairs are discordant. Pairs that show it in neither lane say nothing. Counts may be fractional.
    Without a sighting before, the upper limit is infinite.

    Raises:
        InsufficientData: there is no sighting at all.
        ValueError: a count is negative, or `level` is not between 0 and 1.

    >>> [round(limit, 2) for limit in paired_ratio(40, 20, 20)]
    [0.81, 1.24]
    """
    if min(both, only_before, only_after) < 0:
        raise ValueError("a count of pairs is negative")
    discordant = only_before + only_after
    if not both + discordant > 0:
        raise InsufficientData("a ratio of rates needs at least one sighting")
    z = normal_quantile(level)
    lower = upper = 1.0
    if discordant > 0:
        share = clopper_pearson(only_after, discordant, level)
        lower, upper = (
            (both + discordant * each) / (both + discordant * (1 - each))
            if both > 0 or each < 1
            else inf
            for each in share
        )

    def beyond(reach: float) -> float:
        """Log ratio at which the score comes down to `reach`."""
        return crossing(
            lambda x: _ratio_score(both, only_before, only_after, exp(x)) <= reach,
            -_WIDEST,
            _WIDEST,
        )

    low = exp(beyond(z)) if both + only_after > 0 else 0.0
    high = exp(beyond(-z)) if both + only_before > 0 else inf
    return Interval(min(lower, low), max(upper, high))


def _ratio_score(both: float, only_before: float, only_after: float, ratio: float) -> float:
    """Nam and Blackwelder's statistic of a ratio, which falls as the ratio grows.

    With N sightings, the share b of `only_before` among them is the larger root of
    (1 + R) N b^2 + ((both + only_before)(R^2 - 1) - only_before - only_after) b
    = only_before (R - 1), and that of `only_after` is 1 - (1 - b) / R.
    """
    sightings, before, after = (
        both + only_before + only_after,
        both + only_before,
        both + only_after,
    )
    square = (1 + ratio) * sightings
    linear = before * (ratio * ratio - 1) - only_before - only_after
    free = -only_before * (ratio - 1)
    root = sqrt(max(0.0, linear * linear - 4 * square * free))
    # Of two forms of the root, the one that subtracts no nearly equal numbers.
    b = -2 * free / (linear + root) if linear > 0 else (root - linear) / (2 * square)
    c = max(0.0, 1 - (1 - b) / ratio)
    spread = sqrt(sightings * ratio * max(0.0, b + c))
    gap = after - ratio * before
    if not spread > 0:
        return 0.0 if gap == 0 else inf if gap > 0 else -inf
    return gap / spread


def sign_test_by_cluster(
    before: npt.ArrayLike, after: npt.ArrayLike, cluster: npt.ArrayLike
) -> float:
    """Two-sided p-value of the exact sign test over the clusters' net changes; ties left out.

    Each cluster counts once, by the sign of its hits after minus its hits before, so no assumption
    is made of how alike a user's turns are. With one pair a cluster it is `mcnemar_exact`. It asks
    whether more users got worse than better, and may miss a change that a few users bring.

    Args:
        before: 0 or 1 for each item.
        after: 0 or 1 for each item, in the same order.
        cluster: for each item its cluster's code, a non-negative integer.

    Raises:
        ValueError: the arrays differ in length, a hit is neither 0 nor 1, or a code is negative.
    """
    change = paired_change(before, after)
    net = np.bincount(cluster_codes(cluster, len(change)), change)
    return mcnemar_exact(int(np.count_nonzero(net < 0)), int(np.count_nonzero(net > 0)))


def sign_test_floor(
    clusters: int, tests: int, significance: float = 0.05, chance: float = 0.95
) -> Floor:
    """What `sign_test_by_cluster` would have found, alone among so many tests.

    The first to pass Benjamini and Hochberg's needs p <= significance / tests; k clusters that all
    change in one direction have p = 2 (1/2)^k.

    Args:
        clusters: there are.
        tests: made at once; at least one is supposed.
        significance: false discovery rate.
        chance: with which it is to be found.

    >>> sign_test_floor(1_000, 1_000).clusters
    16
    """
    needed = ceil(1 + log2(max(1, tests) / significance))
    try:
        return Floor(needed, detection_floor(clusters, needed, chance))
    except InsufficientData:
        return Floor(needed, None)


def correlation(both: Floats, only_before: Floats, only_after: Floats, pairs: Floats) -> Floats:
    """Correlation of two lanes' outcomes on the same prefixes, a number a behavior, 0 to 0.9.

    The phi coefficient of each 2x2 table is noise where sightings are few; so each is drawn
    towards that of all behaviors together, the more the less it rests on: as much as the average
    behavior's table would draw it. Several tables of one behavior may be stacked on a first axis.

    Args:
        both: prefixes that show the behavior in both lanes, (behaviors,) or (tables, behaviors).
        only_before: those that show it in the first lane alone.
        only_after: those that show it in the second alone.
        pairs: prefixes graded in both.
    """
    n = np.maximum(pairs, 1.0)
    first, second = (both + only_before) / n, (both + only_after) / n
    together = both / n - first * second
    spread = np.sqrt(first * (1 - first) * second * (1 - second))
    if together.ndim > 1:
        together, spread = together.sum(0), spread.sum(0)
    usual = spread.mean()
    if not usual > 0:
        return np.zeros_like(spread)
    common = together.sum() / spread.sum()
    return np.asarray(np.clip((together + usual * common) / (spread + usual), 0.0, 0.9))
