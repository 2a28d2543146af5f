"""What is believed of a rate: Beta(a, b), and what follows for future turns.

A forecast needs one belief about the production rate. From it follow the credible interval of the
rate, and the predictive interval of the count in any number of future turns (beta-binomial), which
is wider: the future sample has luck of its own.
"""

from bisect import bisect_left
from collections.abc import Callable
from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import Interval, checked, normal_quantile
from foretaste.stats.search import crossing

Floats = npt.NDArray[np.float64]

# The quadrature below: normal scores from -7 to 7 in steps of 0.2. The trapezoidal rule converges
# geometrically on them; beyond 7 lies 3e-12 of the mass. Held against sums of the probabilities of
# all counts, the result is right to 1e-9.
_SCORES = np.linspace(-7.0, 7.0, 71)
_WEIGHTS = np.exp(-(_SCORES**2) / 2) / np.exp(-(_SCORES**2) / 2).sum()
_TAILS = special.ndtr(-np.abs(_SCORES))


class Belief(NamedTuple):
    """Beta(a, b) over a rate."""

    a: float
    b: float

    @property
    def rate(self) -> float:
        """The mean, a share between 0 and 1: the point forecast."""
        return self.a / (self.a + self.b)


def direct(k: float, n: float) -> Belief:
    """Jeffreys posterior after k of n: Beta(k + 1/2, n - k + 1/2) (method.md 11.5).

    k and n are deflated for clusters and weights already (`clusters.clustered_rate`).

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n.
    """
    k, n = checked(k, n)
    return Belief(k + 0.5, n - k + 0.5)


def anchored(
    recorded: tuple[float, float], before: tuple[float, float], after: tuple[float, float]
) -> Belief:
    """Production's own rate, moved as far as the replay moved: recorded * after / before.

    What the replay gets wrong in both lanes alike (method.md 9.1) drops out. Each argument is
    (k, n), deflated. The product is taken of the odds of the Jeffreys rates: for rare behaviors
    that is the product of the rates, for common ones it stays below 1 and treats presence and
    absence alike. The belief is the Beta with that mean whose log odds have the variance of the
    product, the sum over the lanes of trigamma(k + 1/2) + trigamma(n - k + 1/2): exact for three
    independent Jeffreys posteriors, and 1/(k + 1/2) each once a rare count is not small. With
    endless data in two lanes it is `direct` of the third.

    Independence is the cautious assumption: the lanes share their prefixes, so `before` mostly
    moves with the other two, which makes the ratio surer than stated here.

    Raises:
        InsufficientData: a lane's n is not above 0.
        ValueError: a lane's k is not between 0 and n.
    """
    base, old, new = (direct(*lane) for lane in (recorded, before, after))
    log_odds = log(base.a / base.b) + log(new.a / new.b) - log(old.a / old.b)
    present, absent = float(special.expit(log_odds)), float(special.expit(-log_odds))
    variance = sum(_trigamma(lane.a) + _trigamma(lane.b) for lane in (base, old, new))

    def certain_enough(log_size: float) -> bool:
        size = exp(log_size)
        return _trigamma(size * present) + _trigamma(size * absent) <= variance

    # 1/x < trigamma(x) < 1/x + 1/x^2 brackets the size of the Beta by its rarer side.
    rarer = min(present, absent)
    smallest = log(1 / (variance * rarer))
    largest = log(4 * (1 / variance + variance**-0.5) / rarer)
    size = exp(crossing(certain_enough, smallest, largest))
    return Belief(size * present, size * absent)


def credible(belief: Belief, level: float = 0.95) -> Interval:
    """Equal-tailed credible interval of the rate.

    Raises:
        ValueError: `level` is not between 0 and 1.

    >>> [round(limit * 200_000, 1) for limit in credible(direct(12, 200_000))]
    [6.6, 20.3]
    """
    tail = special.ndtr(-normal_quantile(level))
    lower = special.betaincinv(belief.a, belief.b, tail)
    upper = special.betainccinv(belief.a, belief.b, tail)
    return Interval(float(lower), float(upper))


def predictive(belief: Belief, turns: int, level: float = 0.95) -> tuple[int, int]:
    """Equal-tailed predictive interval of the count in that many future turns.

    Beta-binomial quantiles (method.md 11.5), each the smallest count whose cumulative probability
    reaches the tail. It takes future turns as independent given the rate.

    Raises:
        InsufficientData: there are no turns.
        ValueError: `level` is not between 0 and 1.

    >>> predictive(direct(12, 200_000), 700_000, level=0.9)
    (23, 69)
    """
    if turns < 1:
        raise InsufficientData(f"nothing to predict for {turns} turns")
    tail = float(special.ndtr(-normal_quantile(level)))
    reached = _count_at_most(belief, turns)
    counts = range(turns)  # the last count, `turns`, is reached for certain
    lower, upper = (bisect_left(counts, share, key=reached) for share in (tail, 1 - tail))
    return lower, upper


def chance_at_most(belief: Belief, count: int, turns: int) -> float:
    """Predictive probability that future turns show the behavior at most `count` times.

    What `calibration.pit_histogram` takes of a forecast and the count that came.

    Raises:
        InsufficientData: there are no turns.
    """
    if turns < 1:
        raise InsufficientData(f"nothing to predict for {turns} turns")
    if count < 0:
        return 0.0
    return 1.0 if count >= turns else _count_at_most(belief, turns)(count)


def _count_at_most(belief: Belief, turns: int) -> Callable[[int], float]:
    """Cumulative beta-binomial distribution, for counts below `turns`.

    A binomial count is at most c when the (c+1)th smallest of as many uniform numbers, which is
    Beta(c + 1, turns - c), lies above the rate. So the probability is that of one Beta variable
    below another: an integral over the narrower of the two of the wider one's distribution, which
    is smooth on that scale. Summing the counts' probabilities would take a term for each.
    """
    if belief.a + belief.b > turns:
        rates = _quantiles(belief)
        return lambda c: float(_WEIGHTS @ special.betaincc(c + 1, turns - c, rates))
    return lambda c: float(
        _WEIGHTS @ special.betainc(belief.a, belief.b, _quantiles(Belief(c + 1, turns - c)))
    )


def _quantiles(belief: Belief) -> Floats:
    below = special.betaincinv(belief.a, belief.b, _TAILS)
    above = special.betainccinv(belief.a, belief.b, _TAILS)
    return np.asarray(np.where(_SCORES < 0, below, above))


def _trigamma(x: float) -> float:
    return float(special.zeta(2.0, x))
