"""How far a forecast was off, and how far it would have been off by luck alone."""

from math import exp, floor, inf, isclose, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import checked, jeffreys_rate, normal_quantile
from foretaste.stats.search import crossing

Floats = npt.NDArray[np.float64]

_SPREAD = 9.0  # standard deviations of a count kept on each side; beyond lies under 1e-15
ROUNDING = 1e-9  # relative; rates this close are the same
MOVED = 1.5  # factor from which on a rate is said to have moved (method.md 4.2)
_SLACK = 1e-12  # relative; a bound on a ratio still holds the count that lies on it


def ratio_error(a: float, b: float) -> float:
    """Symmetric multiplicative error of two rates, max(a/b, b/a), at least 1 (method.md 4.2).

    Raises:
        ValueError: a rate is not above 0; smooth it first, as `multiplicative_error` does.
    """
    if not (a > 0 and b > 0):
        raise ValueError(f"no ratio of the rates {a} and {b}")
    return max(a / b, b / a)


def multiplicative_error(k1: float, n1: float, k2: float, n2: float) -> float:
    """Symmetric multiplicative error of two Jeffreys-smoothed rates (method.md 4.2).

    Raises:
        InsufficientData: n1 or n2 is not above 0.
        ValueError: a count is not between 0 and its n.

    >>> round(multiplicative_error(1, 100, 4, 100), 6)
    3.0
    """
    return ratio_error(jeffreys_rate(k1, n1), jeffreys_rate(k2, n2))


def noise_error(k1: float, n1: float, k2: float, n2: float) -> float:
    """Median multiplicative error if both true rates were equal: what luck alone gives.

    Both counts are binomial at the pooled rate (method.md 4.4). The median is that of the exact
    distribution, summed over all pairs of counts but the all but impossible; for small counts it
    jumps from one of few ratios to the next. Where an n is fractional, the cumulative binomial
    distribution is continued to it by its incomplete beta function.

    Raises:
        InsufficientData: n1 or n2 is not above 0.
        ValueError: a count is not between 0 and its n.

    >>> round(noise_error(10, 100_000, 10, 100_000), 2)
    1.35
    """
    k1, n1 = checked(k1, n1)
    k2, n2 = checked(k2, n2)
    rate = (k1 + k2) / (n1 + n2)
    first, second = _counts(n1, rate), _counts(n2, rate)
    chance = np.diff(first.reached, prepend=0.0)
    middle = (first.values + 0.5) * (n2 + 1) / (n1 + 1)

    def likely(log_error: float) -> bool:
        factor = exp(log_error)
        most = second.at_most(np.floor(middle * factor * (1 + _SLACK) - 0.5))
        fewer = second.at_most(np.ceil(middle / factor * (1 - _SLACK) - 0.5) - 1)
        return float(chance @ (most - fewer)) >= 0.5

    widest = log((n1 + 1) / 0.5) + log((n2 + 1) / 0.5)
    return exp(crossing(likely, 0.0, widest))


class _Counts(NamedTuple):
    """A binomial count: the values that matter, one after the other, and their probabilities."""

    values: Floats
    reached: Floats  # cumulative

    def at_most(self, bound: Floats) -> Floats:
        """Probability of a count no higher than each bound, a whole number."""
        place = np.clip(bound - self.values[0], -1, len(self.values) - 1).astype(np.intp)
        return np.where(place < 0, 0.0, self.reached[place])


def _counts(n: float, rate: float) -> _Counts:
    mean, deviation = n * rate, (n * rate * (1 - rate)) ** 0.5
    # The upper tail of a rare count reaches further than its deviation says; 40 more cover that.
    reach = _SPREAD * deviation + 40
    values = np.arange(max(0, int(mean - reach)), min(int(n), int(mean + reach)) + 1, dtype=float)
    reached = special.betaincc(values + 1, n - values, rate)
    reached[-1] = 1.0  # all that is left, which for a count of n the function does not define
    return _Counts(values, reached)


def noise_band(k1: float, k2: float, level: float = 0.9) -> float:
    """Factor within which the ratio of two rates stays, with that chance, if they are equal.

    exp(z sqrt(1/k1 + 1/k2)): the band of fidelity plots (method.md 9.1), a normal approximation for
    rare behaviors that is rough below five sightings.

    Raises:
        InsufficientData: a side has no sighting.
        ValueError: `level` is not between 0 and 1.

    >>> round(noise_band(20, 20), 2)
    1.68
    """
    if not (k1 > 0 and k2 > 0):
        raise InsufficientData("a noise band needs sightings on both sides")
    return exp(normal_quantile(level) * (1 / k1 + 1 / k2) ** 0.5)


def direction_chance(events: float, ratio: float, turns: float = 1.0) -> float:
    """Chance that two counts show which way a rate went, if it changed by `ratio`.

    For Poisson counts, exactly; a tie is wrong. Of a change by 1.5 it is 0.71 at 5 events, 0.91 at
    20 (method.md 4.4), so that a share of right directions says something only beside its counts.

    Args:
        events: sightings to expect before.
        ratio: true rate after over before.
        turns: turns after over turns before.

    Raises:
        ValueError: `events` or `turns` is not above 0, or `ratio` is not above 0, or is 1.

    >>> round(direction_chance(5, 1.5), 2)
    0.71
    """
    if not (0 < events < inf and 0 < turns < inf and 0 < ratio < inf) or ratio == 1:
        raise ValueError(f"no direction of a change by {ratio} at {events} events")
    before, after = events, events * ratio * turns
    reach = _SPREAD * before**0.5 + 40
    # P(Poisson(m) <= k) is gammaincc(k + 1, m), for k = -1 too.
    first = np.arange(max(0.0, floor(before - reach)), before + reach + 1)
    chance = np.diff(
        special.gammaincc(first + 1, before), prepend=special.gammaincc(first[0], before)
    )
    same = first * turns  # the count after that shows no change
    if ratio > 1:
        right = special.gammainc(np.floor(same * (1 + _SLACK)) + 1, after)
    else:
        right = special.gammaincc(np.ceil(same * (1 - _SLACK)), after)
    return float(chance @ right)


def direction(before: float, after: float) -> int:
    """Which way a rate went: 1 up, -1 down, 0 where it stayed as it was but for rounding."""
    if isclose(before, after, rel_tol=ROUNDING):
        return 0
    return 1 if after > before else -1


def moved(before: float, after: float, factor: float = MOVED) -> bool:
    """Whether two smoothed rates differ by that factor or more (method.md 4.2).

    Raises:
        ValueError: a rate is not above 0.
    """
    return ratio_error(before, after) >= factor


def binomial_nll(p: float, k: float, n: float) -> float:
    """Negative log-likelihood, in nats, of k of n at a forecast rate p (method.md 4.2).

    -[ln C(n, k) + k ln p + (n - k) ln(1 - p)]. Infinite where the forecast ruled out what came.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: p is not between 0 and 1, or k not between 0 and n.

    >>> round(binomial_nll(0.5, 1, 2), 4)
    0.6931
    """
    _check_rate(p)
    k, n = checked(k, n)
    return float(binomial_losses(p, k, n))


def binomial_losses(p: npt.ArrayLike, k: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
    """`binomial_nll` of many forecasts at once, which are not checked."""
    p, k, n = (np.asarray(each, dtype=np.float64) for each in (p, k, n))
    ways = -special.betaln(k + 1, n - k + 1) - np.log1p(n)
    return np.asarray(-(ways + special.xlogy(k, p) + special.xlog1py(n - k, -p)))


def nll_regret(p: float, k: float, n: float) -> float:
    """Nats that a forecast p loses to the rate k/n that came: n KL(k/n || p), never negative.

    `binomial_nll(p, k, n) - binomial_nll(k/n, k, n)`, without the difference's rounding; the
    reading of method.md 4.2.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: p is not between 0 and 1, or k not between 0 and n.
    """
    _check_rate(p)
    k, n = checked(k, n)
    shown = k / n
    loss = special.kl_div(shown, p) + special.kl_div(1 - shown, 1 - p)
    return float(n * loss)


def _check_rate(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is no rate")
