"""One rate: intervals, smoothing, and what a sample cannot see.

Throughout, k of n turns show the behavior; rates are shares between 0 and 1. Where k and n may be
fractional, they are counts deflated for clusters and weights (`clusters.clustered_rate`).
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from foretaste.errors import InsufficientData

_ROUNDING = 1e-9  # a fractional k is rate times n, and may pass n by rounding alone


class Interval(NamedTuple):
    """Two limits, `lower <= upper`."""

    lower: float
    upper: float


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95.

    Raises:
        ValueError: `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")
    return float(special.ndtri(0.5 + level / 2))


def checked(k: float, n: float) -> tuple[float, float]:
    """The counts as floats, k held to 0..n where rounding took it past.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n.
    """
    if not n > 0:
        raise InsufficientData(f"a rate needs at least one observation, not n = {n}")
    if not -_ROUNDING * n <= k <= n * (1 + _ROUNDING):
        raise ValueError(f"{k} of {n} is no share")
    return min(max(float(k), 0.0), float(n)), float(n)


def wilson(k: float, n: float, level: float = 0.95) -> Interval:
    """Wilson's score interval of a rate; the default for display.

    Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1. k and n may be fractional.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n, or `level` not between 0 and 1.

    >>> [round(limit, 4) for limit in wilson(0, 10)]
    [0.0, 0.2775]
    """
    k, n = checked(k, n)
    z = normal_quantile(level)
    center = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)
    # At the ends the limit is exact; the formula would miss it by a rounding error.
    lower = max(0.0, float(center - half)) if k > 0 else 0.0
    upper = min(1.0, float(center + half)) if k < n else 1.0
    return Interval(lower, upper)


def clopper_pearson(k: float, n: float, level: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval of a rate: covers at least `level`, often more.

    Clopper and Pearson 1934, as quantiles of Beta(k, n-k+1) and Beta(k+1, n-k).

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n, or `level` not between 0 and 1.

    >>> [round(limit, 4) for limit in clopper_pearson(0, 10)]
    [0.0, 0.3085]
    """
    return _beta_limits(k, n, level, shift=0.0)


def jeffreys(k: float, n: float, level: float = 0.95) -> Interval:
    """Jeffreys interval of a rate: quantiles of Beta(k + 1/2, n - k + 1/2).

    Brown, Cai and DasGupta 2001, section 3.1.3; with them, the lower limit of k = 0 is 0 and the
    upper limit of k = n is 1, without which coverage collapses at the ends. k and n may be
    fractional.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n, or `level` not between 0 and 1.

    >>> [round(limit, 4) for limit in jeffreys(1, 10)]
    [0.011, 0.3813]
    """
    return _beta_limits(k, n, level, shift=0.5)


def jeffreys_rate(k: float, n: float) -> float:
    """The smoothed rate (k + 1/2) / (n + 1): never 0 or 1, so ratios of it always exist.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n.
    """
    k, n = checked(k, n)
    return (k + 0.5) / (n + 1)


def zero_event_bound(n: float, level: float = 0.95) -> float:
    """One-sided upper bound of a rate that n turns did not show once: about 3 / n.

    Exact (Clopper and Pearson 1934); the "rule of three" is its limit for large n.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: `level` is not between 0 and 1.

    >>> round(zero_event_bound(100_000) * 100_000, 2)
    3.0
    """
    return detection_floor(n, chance=level)


def detection_floor(n: float, sightings: int = 1, chance: float = 0.95) -> float:
    """Rate at which n turns show the behavior at least `sightings` times with that chance.

    The rate p with P(Binomial(n, p) >= m) = chance, which is I_p(m, n - m + 1) = chance; for one
    sighting, 1 - (1 - chance)^(1/n). n may be fractional.

    Raises:
        InsufficientData: n turns cannot show that many sightings at any rate.
        ValueError: `sightings` is below 1, or `chance` not between 0 and 1.

    >>> round(detection_floor(1_000, sightings=3) * 1_000, 1)
    6.3
    """
    if sightings < 1 or not 0 < chance < 1:
        raise ValueError(f"no floor for {sightings} sightings with chance {chance}")
    if not n > sightings - 1:
        raise InsufficientData(f"{n} turns cannot show {sightings} sightings at any rate")
    return float(special.betaincinv(sightings, n - sightings + 1, chance))


def _beta_limits(k: float, n: float, level: float, shift: float) -> Interval:
    k, n = checked(k, n)
    tail = special.ndtr(-normal_quantile(level))
    # At the ends the limit is 0 or 1 by definition, and a Beta without shift does not exist.
    lower = float(special.betaincinv(k + shift, n - k + 1 - shift, tail)) if k > 0 else 0.0
    upper = float(special.betainccinv(k + 1 - shift, n - k + shift, tail)) if k < n else 1.0
    return Interval(lower, upper)
