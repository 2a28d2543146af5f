"""Whether forecasts were as sure as they should have been, over behaviors."""

from collections.abc import Mapping, Sequence
from math import atanh, log, log1p, sqrt, tanh
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.belief import Belief
from foretaste.stats.proportion import Interval, checked, normal_quantile, wilson

Floats = npt.NDArray[np.float64]


_LEAST = 1e-300  # mass of a count that was given no chance: it lies in one point
_LARGE = 1_000.0  # from here on the series below is right to 1e-12


class Coverage(NamedTuple):
    """How many intervals held what came."""

    covered: int
    of: int
    share: float
    lower: float  # 95 % Wilson, as if behaviors were independent
    upper: float


class Correlation(NamedTuple):
    """Pearson's correlation."""

    r: float
    lower: float | None  # None of three pairs, which leave no spread to go by
    upper: float | None
    n: int  # pairs


def interval_score(interval: tuple[float, float], shown: float, level: float = 0.95) -> float:
    """Width of a forecast's interval plus 2/(1 - level) times what it missed by; lower is better.

    Winkler 1972; Gneiting and Raftery 2007, section 6.2. A proper score for the central interval of
    that level, in the unit of what was forecast.

    Raises:
        ValueError: the limits are in the wrong order, or `level` is not between 0 and 1.

    >>> round(interval_score((10, 20), 22, level=0.9), 9)
    50.0
    """
    lower, upper = interval
    normal_quantile(level)
    if not lower <= upper:
        raise ValueError(f"{lower} to {upper} is no interval")
    missed = max(lower - shown, shown - upper, 0.0)
    return upper - lower + 2 / (1 - level) * missed


def coverage(
    intervals: Mapping[float, Sequence[tuple[float, float]]], shown: Sequence[float]
) -> dict[float, Coverage]:
    """Share of the intervals of each level that held what came, ends included.

    The Wilson interval around the share takes forecasts as independent; those of one release are
    not quite, as they share its users and its replay.

    Args:
        intervals: for each level the intervals of all forecasts, in the order of `shown`.
        shown: what came.

    Raises:
        InsufficientData: nothing came.
        ValueError: a level has more intervals than came, or fewer.
    """
    found = {}
    for level, forecasts in intervals.items():
        if len(forecasts) != len(shown):
            raise ValueError(f"{len(forecasts)} intervals of {level} for {len(shown)} that came")
        held = [low <= came <= high for (low, high), came in zip(forecasts, shown, strict=True)]
        limits = wilson(sum(held), len(held))
        found[level] = Coverage(sum(held), len(held), sum(held) / len(held), *limits)
    return found


def pit_histogram(below: npt.ArrayLike, reached: npt.ArrayLike, bins: int = 10) -> Floats:
    """Share of the forecasts' probability that lies in each of equally wide bins; flat is right.

    The non-randomized probability integral transform of counts (Czado, Gneiting and Held 2009): a
    forecast's mass is spread evenly from P(count < what came) to P(count <= what came). Heaped at
    both ends the forecasts were too sure, in the middle too unsure, at the right end too low.

    Args:
        below: each forecast's probability of a lower count than came.
        reached: its probability of the count that came or a lower one; where it gave that count
            no chance, the same.
        bins: number of bins.

    Returns:
        The shares, from low to high; they sum to 1.

    Raises:
        InsufficientData: there are no forecasts.
        ValueError: the arrays differ in length or are no probabilities, `reached` is less than
            `below`, or there are no bins.
    """
    low, high = np.asarray(below, dtype=np.float64), np.asarray(reached, dtype=np.float64)
    if low.shape != high.shape or low.ndim != 1 or bins < 1:
        raise ValueError("a histogram takes two lists of one length, and at least one bin")
    if not len(low):
        raise InsufficientData("a histogram needs at least one forecast")
    if not np.all((low >= 0) & (low <= high) & (high <= 1)):
        raise ValueError("cumulative probabilities must rise: 0 <= below <= reached <= 1")
    edges = np.linspace(0.0, 1.0, bins + 1)[:, None]
    mass = np.maximum(high - low, _LEAST)
    spread: Floats = (np.clip(edges - low, 0.0, mass) / mass).mean(axis=1)
    spread[-1] = 1.0  # of a count without a chance, above all that was expected, too
    return np.diff(spread)


def predictive_nll(belief: Belief, count: float, turns: float) -> float:
    """Negative log-likelihood, in nats, of the count that came: the beta-binomial log score.

    The score of the whole belief (method.md 11.5), where `scoring.binomial_nll` scores a rate as if
    it were known. It punishes a belief that was too sure.

    Raises:
        InsufficientData: there are no turns.
        ValueError: the count is not between 0 and `turns`.

    >>> round(predictive_nll(Belief(1, 1), 3, 9), 6)
    2.302585
    """
    k, n = checked(count, turns)
    ways = -special.betaln(k + 1, n - k + 1) - np.log1p(n)
    a, b = belief
    return float(-ways - _log_rising(a, k) - _log_rising(b, n - k) + _log_rising(a + b, n))


def _log_rising(x: float, k: float) -> float:
    """Log of gamma(x + k) / gamma(x)."""
    if x < _LARGE:
        return float(special.gammaln(x + k) - special.gammaln(x))
    # Stirling's series: the two logs themselves would be too large to be told apart.
    rest = (1 / (x + k) - 1 / x) / 12
    return (x - 0.5) * log1p(k / x) + k * log(x + k) - k + rest


def log_correlation(
    forecast: npt.ArrayLike, shown: npt.ArrayLike, level: float = 0.95
) -> Correlation:
    """Pearson's correlation of the logs of forecast and realized rates (method.md 4.2).

    The interval is Fisher's (1921), by the hyperbolic arc tangent; it takes pairs as independent.
    High where rates span orders of magnitude, whatever the forecasts are worth within one.

    Args:
        forecast: rates above 0: smoothed ones, since zero has no log.
        shown: the rates that came, in the same order.
        level: of the interval.

    Raises:
        InsufficientData: fewer than three pairs, or rates that are all the same.
        ValueError: the arrays differ in length, a rate is not above 0, or `level` not between 0
            and 1.
    """
    a, b = np.asarray(forecast, dtype=np.float64), np.asarray(shown, dtype=np.float64)
    z = normal_quantile(level)
    if a.shape != b.shape or a.ndim != 1 or not np.all((a > 0) & (b > 0)):
        raise ValueError("a correlation of logs takes two lists of one length, of rates above 0")
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        raise InsufficientData(f"{len(a)} pairs of rates show no correlation")
    r = min(1.0, max(-1.0, float(np.corrcoef(np.log(a), np.log(b))[0, 1])))
    if len(a) == 3:
        return Correlation(r, None, None, 3)
    limits = Interval(r, r)
    if abs(r) < 1:
        reach = z / sqrt(len(a) - 3)
        limits = Interval(tanh(atanh(r) - reach), tanh(atanh(r) + reach))
    return Correlation(r, *limits, len(a))
