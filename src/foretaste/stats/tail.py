"""Behaviors rarer than the sample: extrapolation of what its most dangerous prefixes show.

Needs for each prefix its elicitation probability p, the chance that one answer shows the behavior,
from many draws or from token probabilities. Scored as psi = -ln(-ln p), the largest of many follow
a straight line: ln S(psi) = a psi + b, S being the share of prefixes beyond (Jones et al., arXiv
2502.16797; method.md 11.8). Published: 86 % of forecasts within one order of magnitude, from 900 to
90,000 queries. It assumes the traffic of the sample; a rare kind of prefix that the sample does not
hold is missed (Schwarzer and Niekum, arXiv 2605.15134).
"""

from collections.abc import Callable
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import normal_quantile

Floats = npt.NDArray[np.float64]


class Tail(NamedTuple):
    """The line through the largest scores, and what lies below them."""

    slope: float  # a, negative
    intercept: float  # b
    prefixes: int
    top: int  # largest scores that the line is fitted to
    threshold: float  # the smallest elicitation probability among them
    rest: float  # mean over all prefixes of the other probabilities
    rest_error: float  # its standard error, that of a trimmed mean (Tukey and McLaughlin 1963)


class Extrapolated(NamedTuple):
    """A value beyond the sample, and its interval."""

    value: float
    lower: float
    upper: float


class _Lines(NamedTuple):
    """Lines that may be the true one."""

    slope: Floats
    intercept: Floats
    rest: Floats


def fit_tail(probability: npt.ArrayLike, top: int = 10) -> Tail:
    """Regression of log survival ln(i/n) on the score of the i-th largest, for the `top` largest.

    Raises:
        InsufficientData: not more than `top` prefixes, fewer than that with a probability above 0,
            or the largest are all the same.
        ValueError: a probability is below 0, or not below 1 (smooth shares of few draws: they have
            no score otherwise), or `top` is below 3.
    """
    p = np.asarray(probability, dtype=np.float64)
    if top < 3 or p.ndim != 1 or not np.all((p >= 0) & (p < 1)):
        raise ValueError("a tail takes probabilities of at least 0 and below 1, the top 3 or more")
    ranked = np.sort(p)[::-1]
    largest, others = ranked[:top], ranked[top:]
    if not len(others) or largest[-1] == 0 or largest[0] == largest[-1]:
        raise InsufficientData(f"no tail without {top} elicitation probabilities that differ")
    score = -np.log(-np.log(largest))
    survival = _log_ranks(top, len(p))
    slope = float(_slope(score, survival))
    return Tail(
        slope=slope,
        intercept=float(survival.mean() - slope * score.mean()),
        prefixes=len(p),
        top=top,
        threshold=float(largest[-1]),
        rest=float(others.sum() / len(p)),
        rest_error=float(np.minimum(p, largest[-1]).std() / len(p) ** 0.5),
    )


def worst_query(
    tail: Tail, queries: float, *, rng: np.random.Generator, level: float = 0.95
) -> Extrapolated:
    """Elicitation probability of the most dangerous of that many prefixes.

    exp(-exp(-psi*)) with psi* = (-ln queries - b) / a: the score that one in `queries` exceeds.

    Args:
        tail: from `fit_tail`.
        queries: prefixes that the deployment will see.
        rng: draws the lines behind the interval.
        level: of the interval.

    Raises:
        ValueError: there are no more queries than the sample's prefixes over `Tail.top`, so that
            the sample itself shows it; or `level` is not between 0 and 1.
    """
    if not queries > tail.prefixes / tail.top:
        raise ValueError(f"{queries} queries are no extrapolation of {tail.prefixes} prefixes")

    def worst(lines: _Lines) -> Floats:
        return np.exp(-np.exp((log(queries) + lines.intercept) / lines.slope))

    return _extrapolated(tail, worst, rng, level)


def behavior_frequency(
    tail: Tail, probability: float, *, rng: np.random.Generator, level: float = 0.95
) -> Extrapolated:
    """Share of prefixes whose elicitation probability is above this one: exp(a psi + b).

    Args:
        tail: from `fit_tail`.
        probability: the elicitation probability to be exceeded.
        rng: draws the lines behind the interval.
        level: of the interval.

    Raises:
        ValueError: `probability` is not between `Tail.threshold` and 1: below, prefixes can be
            counted; or `level` is not between 0 and 1.
    """
    if not tail.threshold <= probability < 1:
        raise ValueError(f"{probability} is not in the tail, which starts at {tail.threshold}")
    score = -log(-log(probability))

    def share(lines: _Lines) -> Floats:
        return np.minimum(1.0, np.exp(lines.slope * score + lines.intercept))

    return _extrapolated(tail, share, rng, level)


def aggregate_risk(
    tail: Tail, queries: float, *, rng: np.random.Generator, level: float = 0.95
) -> Extrapolated:
    """Chance that any of that many answers, one to a prefix, shows the behavior: 1 - (1 - m)^q.

    m is the mean elicitation probability: of the sample below the largest, of the line beyond. With
    y = -ln p the line is a power law, S = e^b y^-a; beyond the y at which it has the share of those
    fitted, the mean of p is e^-y times Kummer's function M(1, 1 - a, y), an incomplete gamma
    function.

    Args:
        tail: from `fit_tail`.
        queries: prefixes that the deployment will see, one answer each.
        rng: draws the lines behind the interval.
        level: of the interval.

    Raises:
        ValueError: `queries` is not above 0, or `level` not between 0 and 1.
    """
    if not queries > 0:
        raise ValueError(f"{queries} queries carry no risk")
    share = tail.top / tail.prefixes

    def risk(lines: _Lines) -> Floats:
        power = -lines.slope
        start = np.exp((log(share) - lines.intercept) / power)
        beyond = share * _mean_beyond(power, start)
        mean = np.clip(lines.rest + beyond, 0.0, 1 - 1e-16)
        return -np.expm1(queries * np.log1p(-mean))

    return _extrapolated(tail, risk, rng, level)


def _extrapolated(
    tail: Tail, measure: Callable[[_Lines], Floats], rng: np.random.Generator, level: float
) -> Extrapolated:
    edge = (1 - level) / 2
    normal_quantile(level)
    fitted = _Lines(*(np.array([x]) for x in (tail.slope, tail.intercept, tail.rest)))
    lower, upper = np.quantile(measure(_lines(tail, rng)), [edge, 1 - edge])
    value = float(measure(fitted)[0])
    return Extrapolated(value, min(value, float(lower)), max(value, float(upper)))


def _lines(tail: Tail, rng: np.random.Generator, draws: int = 2_000) -> _Lines:
    """Lines that would have given the fitted one, by luck as it may have been.

    Whatever the true line is, ln S at the i-th largest score is the log of the i-th smallest of n
    uniform numbers, v. So the slope fitted to v, s, is the fitted slope over the true one, and
    a generalized pivot (Weerahandi 1993) follows without the bias of a bootstrap of extremes.
    The interval is exact where the line is; in simulations with log-normal odds and Beta
    probabilities 95 % intervals covered 91 % to 98 %.
    """
    steps = np.cumsum(rng.standard_exponential((draws, tail.top)), axis=1)
    rest = rng.standard_gamma(tail.prefixes + 1 - tail.top, draws)
    v = np.log(steps / (steps[:, -1] + rest)[:, None])
    survival = _log_ranks(tail.top, tail.prefixes)
    s = _slope(v, survival)
    return _Lines(
        slope=tail.slope / s,
        intercept=(tail.intercept - survival.mean() + s * v.mean(axis=1)) / s,
        rest=np.maximum(0.0, rng.normal(tail.rest, tail.rest_error, draws)),
    )


def _mean_beyond(power: Floats, start: Floats) -> Floats:
    """Mean of e^-y where y is below `start` and y^power uniform: Kummer's function, e^-y M."""
    # One form where the other would overflow.
    near = np.minimum(start, power)
    below = np.exp(-near) * special.hyp1f1(1.0, power + 1, near)
    log_scale = special.gammaln(power + 1) - power * np.log(start)
    above = np.exp(np.minimum(0.0, log_scale)) * special.gammainc(power, start)
    return np.asarray(np.where(start > power, above, below))


def _log_ranks(top: int, prefixes: int) -> Floats:
    return np.log(np.arange(1, top + 1) / prefixes)


def _slope(x: Floats, y: Floats) -> Floats:
    """Least squares slope of y on x, along the last axis."""
    centered = x - x.mean(axis=-1, keepdims=True)
    slope: Floats = (centered * (y - y.mean())).sum(axis=-1) / (centered**2).sum(axis=-1)
    return slope
