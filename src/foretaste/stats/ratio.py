"""The ratio of two smoothed rates, from samples of their own."""

from math import exp, log, sqrt
from typing import NamedTuple

from foretaste.stats.proportion import checked, jeffreys_rate, normal_quantile


class Ratio(NamedTuple):
    """How many times one rate is the other, with its interval."""

    value: float
    lower: float
    upper: float


def smoothed_ratio(k1: float, n1: float, k2: float, n2: float, level: float = 0.95) -> Ratio:
    """Ratio of the first Jeffreys-smoothed rate to the second, with its interval on the log scale.

    The log ratio's variance is 1/(k1+1/2) - 1/(n1+1) + 1/(k2+1/2) - 1/(n2+1): the delta method
    with half a case added (Walter 1975, Biometrika 62), n + 1 as in the smoothed rate. method.md
    11.4 leaves the subtractions out, which is too wide for frequent behaviors. The samples are
    taken as independent: where the same turns were answered twice, the interval is too wide.
    Counts may be fractional: deflated for clusters. `unpaired.rate_ratio` guarantees its level, at
    the price of infinite limits; this one always has a middle, and middles multiply exactly.

    Raises:
        InsufficientData: n1 or n2 is not above 0.
        ValueError: a count is not between 0 and its n, or `level` is not between 0 and 1.

    >>> [round(each, 2) for each in smoothed_ratio(40, 1000, 20, 1000)]
    [1.98, 1.17, 3.34]
    """
    (k1, n1), (k2, n2) = checked(k1, n1), checked(k2, n2)
    center = log(jeffreys_rate(k1, n1)) - log(jeffreys_rate(k2, n2))
    variance = 1 / (k1 + 0.5) - 1 / (n1 + 1) + 1 / (k2 + 0.5) - 1 / (n2 + 1)
    reach = normal_quantile(level) * sqrt(variance)
    return Ratio(exp(center), exp(center - reach), exp(center + reach))
