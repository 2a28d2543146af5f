"""Counts that a belief foretells in a future sample: their chances, best point and intervals.

A belief Beta(a, b) about a rate makes the count among n future turns beta-binomial (method.md
11.5). Everything here is for many beliefs at once: arrays in, arrays out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.belief import Belief
from foretaste.stats.proportion import normal_quantile

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST = 4000
"""Counts that are told apart; in larger samples some stand for their neighbors."""

_SURE = 1e9
_REACH = 8.0  # standard deviations of the log odds, beyond which nothing is expected


class Chances(NamedTuple):
    """Counts in ascending order and their probabilities: a row a belief."""

    value: Floats  # (beliefs, counts)
    chance: Floats  # (beliefs, counts); 0 where a row's sample has no such count
    width: Floats  # (beliefs, counts): how many counts each one stands for
    turns: Floats  # (beliefs,)


def chances(a: npt.ArrayLike, b: npt.ArrayLike, turns: npt.ArrayLike) -> Chances:
    """Probability of each count among `turns` future turns, for beliefs Beta(a, b).

    Exact up to `MOST` turns. Beyond, counts are evenly spaced in log odds, 0.004 standard
    deviations apart, so that small counts are all there; each stands for those nearest to it.

    Raises:
        InsufficientData: a sample has no turns.
        ValueError: a or b is not above 0.
    """
    a, b, n = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (a, b, turns))
    if not (n >= 1).all():
        raise InsufficientData("nothing to foretell for a sample without turns")
    if not ((a > 0) & (b > 0)).all():
        raise ValueError("a belief needs a and b above 0")
    # A belief that is surer than any sample could tell would lose its digits in what follows.
    excess = np.maximum(1.0, (a + b) / np.maximum(_SURE, 1_000 * n))
    a, b = a / excess, b / excess
    value = _values(a, b, n)
    width = (np.diff(value, prepend=-1.0) + np.diff(value, append=value[:, -1:] + 1)) / 2
    within = value <= n[:, None]
    k = np.where(within, value, 0.0)
    rest = n[:, None] - k
    log_chance = (
        special.betaln(k + a[:, None], rest + b[:, None])
        - special.betaln(a, b)[:, None]
        - special.betaln(k + 1, rest + 1)
        - np.log1p(n)[:, None]
    )
    chance = np.where(within, np.exp(log_chance) * width, 0.0)
    return Chances(value, chance / chance.sum(-1, keepdims=True), width, n)


def _values(a: Floats, b: Floats, n: Floats) -> Floats:
    """The counts that each row tells apart; rows are filled up with counts above their turns."""
    if (n <= MOST).all():
        return np.tile(np.arange(n.max() + 1, dtype=np.float64), (len(n), 1))
    rows = [
        _spaced(*each) if each[2] > MOST else np.arange(each[2] + 1)
        for each in zip(a, b, n, strict=True)
    ]
    longest = max(map(len, rows))
    filled = [np.append(row, row[-1] + np.arange(1, longest - len(row) + 1)) for row in rows]
    return np.array(filled, dtype=np.float64)


def _spaced(a: float, b: float, n: float) -> Floats:
    center = np.log(a / b)
    p = special.expit(center)
    # Of the rate, and of the count given the rate.
    deviation = np.sqrt(special.zeta(2.0, a) + special.zeta(2.0, b) + 1 / (n * p * (1 - p)))
    odds = center + _REACH * deviation * np.linspace(-1, 1, MOST + 1)
    return np.unique(np.rint(n * special.expit(odds)))


def predictive(belief: Belief, turns: int, level: float = 0.95) -> tuple[int, int]:
    """Equal-tailed predictive interval of the count in that many future turns.

    Beta-binomial quantiles (method.md 11.5), each the smallest count whose cumulative probability
    reaches the tail; interpolated where `chances` is not exact. It takes future turns as
    independent given the rate.

    Raises:
        InsufficientData: there are no turns.
        ValueError: `level` is not between 0 and 1.

    >>> predictive(Belief(12.5, 199_988.5), 700_000, level=0.9)
    (23, 69)
    """
    tail = float(special.ndtr(-normal_quantile(level)))
    foretold = chances(*belief, turns)
    upto = foretold.chance[0].cumsum()
    edge = foretold.value[0] + np.diff(foretold.value[0], append=foretold.value[0, -1] + 1) / 2
    ends = np.ceil(np.interp([tail, 1 - tail], upto, edge, left=edge[0]) - 0.5)
    lower, upper = np.clip(ends, 0, turns).astype(int).tolist()
    return lower, upper


def covered(foretold: Chances, realized: npt.ArrayLike, levels: npt.ArrayLike) -> Bools:
    """Whether each realized count lies in its belief's shortest interval at each level.

    The interval takes the likeliest counts until their probability comes nearest to the level.
    Counts are coarse, so hardly any set of them has exactly 90 %: one that must reach the level
    overshoots (by 3 points in the mean at 60 turns), and its coverage would flatter a forecast
    that is too wide. Nearest, the overshoot and undershoot balance, and coverage means what it
    says. Gneiting, Balabdaoui and Raftery 2007, section 3, on calibration for counts.

    Args:
        foretold: for as many beliefs as there are counts.
        realized: (beliefs,).
        levels: (levels,), between 0 and 1.

    Returns:
        (beliefs, levels).
    """
    k = np.asarray(realized, dtype=np.float64)[:, None]
    levels = np.asarray(levels, dtype=np.float64)
    likeliest = np.argsort(-foretold.chance / foretold.width, axis=-1, kind="stable")
    reached = np.take_along_axis(foretold.chance, likeliest, -1).cumsum(-1)
    at = np.abs(foretold.value - k).argmin(-1)[:, None]
    place = (likeliest == at).argmax(-1)
    nearest = np.abs(reached[:, :, None] - levels).argmin(1)
    return np.asarray(place[:, None] <= nearest)


def best_rate(foretold: Chances) -> Floats:
    """The rate whose expected multiplicative error is smallest, for each belief.

    The error is max(q/s, s/q) of the forecast q and the Jeffreys-smoothed realized rate
    s = (k + 1/2) / (n + 1) (method.md 4.2). A point forecast should be the one that its score asks
    for (Gneiting 2011, Making and evaluating point forecasts): this one is a kind of median on the
    log scale. With many sightings it is the belief's own rate; where none are expected it is the
    smoothed zero that production will then show.
    """
    rate = (foretold.value + 0.5) / (foretold.turns + 1)[:, None]
    below = (foretold.chance / rate).cumsum(-1)
    above = (foretold.chance * rate)[:, ::-1].cumsum(-1)[:, ::-1]
    beyond = np.concatenate([above[:, 1:], np.zeros_like(above[:, :1])], -1)
    # Between two neighboring rates the expected error is q * below + beyond / q.
    upper = np.concatenate([rate[:, 1:], rate[:, -1:]], -1)
    best = np.clip(np.sqrt(beyond / below), rate, upper)
    expected = best * below + beyond / best
    at = np.where(foretold.chance > 0, expected, np.inf).argmin(-1)
    return np.asarray(np.take_along_axis(best, at[:, None], -1)[:, 0])
