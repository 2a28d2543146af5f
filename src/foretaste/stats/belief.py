"""What is believed of a rate: Beta(a, b), and what follows for future turns.

A forecast needs one belief about the production rate. From it follow the credible interval of the
rate, and in `counts` the predictive interval of the count in any number of future turns, which is
wider: the future sample has luck of its own.
"""

from math import exp, log
from typing import NamedTuple

from scipy import special

from foretaste.stats.proportion import Interval, checked, normal_quantile

_STEPS = 100
_CLOSE = 1e-14


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

    size = _size(present, absent, variance)
    return Belief(size * present, size * absent)


def _size(present: float, absent: float, variance: float) -> float:
    """The a + b of the Beta with that mean and that variance of the log odds.

    Newton's method on the logarithms, where the variance is a convex, falling curve of the size:
    started below, it rises to the size without passing it.
    """
    # trigamma(x) > 1/x makes this too small.
    log_size = -log(variance * min(present, absent))
    for _ in range(_STEPS):
        a, b = exp(log_size) * present, exp(log_size) * absent
        reached = _trigamma(a) + _trigamma(b)
        slope = 2 * (a * float(special.zeta(3.0, a)) + b * float(special.zeta(3.0, b))) / reached
        step = log(reached / variance) / slope
        log_size += step
        if abs(step) < _CLOSE:
            break
    return exp(log_size)


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


def _trigamma(x: float) -> float:
    return float(special.zeta(2.0, x))
