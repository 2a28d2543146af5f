"""Two rates of different turns: a test whether they are one, and the interval of their ratio.

For a sample held against later production, say. Two lanes on the same items say more as pairs
(`paired`).
"""

from math import inf

import numpy as np
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import Interval, checked, clopper_pearson

_TIES = 1 + 1e-7  # tables as likely as the one that came, but for rounding; as in R


def fisher_exact(k_before: int, n_before: int, k_after: int, n_after: int) -> float:
    """Two-sided p-value of Fisher's exact test that two rates are equal.

    Fisher 1935: given all sightings, the probability of the tables that are no likelier than the
    one that came. It is the published method's test (method.md 11.4), and takes turns as
    independent. Without sightings, or with nothing else, there is no evidence: 1.

    Raises:
        InsufficientData: an n is not above 0.
        ValueError: a k is not between 0 and its n.

    >>> round(fisher_exact(1, 10, 7, 10), 4)
    0.0198
    """
    checked(k_before, n_before)
    checked(k_after, n_after)
    sightings, turns = k_before + k_after, n_before + n_after
    k = np.arange(max(0, sightings - n_after), min(sightings, n_before) + 1, dtype=np.float64)
    # From one table to the next: the ratio of their hypergeometric probabilities.
    here = k[:-1]
    gain = (sightings - here) * (n_before - here)
    loss = (here + 1) * (turns - sightings - n_before + here + 1)
    log_chance = np.concatenate(([0.0], np.cumsum(np.log(gain / loss))))
    chance = np.exp(log_chance - log_chance.max())
    came = chance[k_before - int(k[0])]
    return float(chance[chance <= came * _TIES].sum() / chance.sum())


def rate_ratio(
    k_before: float, n_before: float, k_after: float, n_after: float, level: float = 0.95
) -> Interval:
    """Interval of the rate after over the rate before: covers at least `level`.

    Given all sightings, those after are a binomial share of them; Clopper and Pearson's interval of
    that share is one of the ratio (Przyborowski and Wilenski 1940; method.md 11.4). Exact for rare
    behaviors, whose counts are Poisson; too wide for common ones. Counts may be fractional. Without
    a sighting before, the upper limit is infinite.

    Raises:
        InsufficientData: an n is not above 0, or there is no sighting at all.
        ValueError: a k is not between 0 and its n, or `level` not between 0 and 1.

    >>> [round(limit, 2) for limit in rate_ratio(10, 1_000, 20, 1_000)]
    [0.89, 4.78]
    """
    (before, n1), (after, n2) = checked(k_before, n_before), checked(k_after, n_after)
    if not before + after > 0:
        raise InsufficientData("a ratio of rates needs at least one sighting")
    first = clopper_pearson(before, before + after, level)
    second = clopper_pearson(after, before + after, level)
    turns = n1 / n2
    upper = turns * second.upper / first.lower if first.lower > 0 else inf
    return Interval(turns * second.lower / first.upper, upper)


def more_often(k_before: float, n_before: float, k_after: float, n_after: float) -> float:
    """One-sided p-value that the rate after is no higher than the rate before.

    The conditional test that goes with `rate_ratio` (Przyborowski and Wilenski 1940): given all
    sightings, the chance of so many or more after. Counts may be fractional, which continues the
    binomial's tail; for common behaviors it is too large rather than too small.

    Raises:
        InsufficientData: an n is not above 0.
        ValueError: a k is not between 0 and its n.

    >>> round(more_often(10, 1_000, 20, 1_000), 3)
    0.049
    """
    (before, n1), (after, n2) = checked(k_before, n_before), checked(k_after, n_after)
    if not after > 0:
        return 1.0
    return float(special.betainc(after, before + 1, n2 / (n1 + n2)))
