"""How well a score tells what shows a behavior from what does not, held against labels."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import Interval, normal_quantile, wilson
from foretaste.stats.totals import Floats, indicator


class Auc(NamedTuple):
    """Area under the ROC curve."""

    auc: float  # 0.5 is a toss of a coin
    lower: float
    upper: float
    present: int  # items that show the behavior
    absent: int


class Share(NamedTuple):
    """How many of some items were judged rightly."""

    right: int
    of: int
    share: float
    lower: float  # Wilson's
    upper: float


class Accuracy(NamedTuple):
    """Shares of the present and of the absent that were judged rightly."""

    sensitivity: Share
    specificity: Share


def auc(score: npt.ArrayLike, truth: npt.ArrayLike, level: float = 0.95) -> Auc:
    """Chance that a present item scores above an absent one, a tie counting half.

    The area under the ROC curve, as Mann and Whitney's statistic; its variance is that of DeLong,
    DeLong and Clarke-Pearson (1988), from each item's placement among those of the other kind. The
    limits are taken on the scale of log odds, where they cannot leave 0 to 1 (Pepe 2003, section
    5.2). Items count as independent. In simulations 95 % intervals covered 94 to 96 % from 20 of
    the rarer kind on, and 90 % with 15 at an area of 0.96.

    A variance says nothing where a score divides the two kinds without a fault; there the far
    limit is where so clean a sample still comes by luck, as if each of the rarer kind were one
    trial (Clopper and Pearson 1934).

    Args:
        score: of each item; higher is likelier present. For the other direction, give its negative.
        truth: 0 or 1, whether the item shows the behavior.
        level: of the interval.

    Raises:
        InsufficientData: fewer than two items of a kind.
        ValueError: the arrays differ in length, a score is no finite number, a truth neither 0 nor
            1, or `level` is not between 0 and 1.

    >>> round(auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).auc, 2)
    0.75
    """
    value, label = np.asarray(score, dtype=np.float64), indicator(truth)
    if value.shape != label.shape or not np.all(np.isfinite(value)):
        raise ValueError("each item has one finite score and one label")
    z = normal_quantile(level)
    shown, other = value[label == 1], value[label == 0]
    if min(len(shown), len(other)) < 2:
        raise InsufficientData(f"{len(shown)} present and {len(other)} absent items show no AUC")
    above, below = _placements(shown, other)
    area = float(above.mean())
    variance = float(above.var(ddof=1) / len(shown) + below.var(ddof=1) / len(other))
    limits = _limits(area, variance, z) if 0 < area < 1 else _clean(area, shown, other, level)
    return Auc(area, *limits, len(shown), len(other))


def accuracy(flagged: npt.ArrayLike, truth: npt.ArrayLike, level: float = 0.95) -> Accuracy:
    """Sensitivity and specificity of verdicts, each with Wilson's (1927) interval.

    Args:
        flagged: 0 or 1, the verdict on each item.
        truth: 0 or 1, whether the item shows the behavior.
        level: of the intervals.

    Raises:
        InsufficientData: no item shows the behavior, or each does.
        ValueError: the arrays differ in length, hold other than 0 and 1, or `level` is not between
            0 and 1.

    >>> accuracy([1, 0, 0, 0], [1, 1, 0, 0]).specificity.share
    1.0
    """
    verdict, label = indicator(flagged), indicator(truth)
    if verdict.shape != label.shape:
        raise ValueError("each item has one verdict and one label")
    right = verdict == label
    return Accuracy(*(_share(right[label == kind], level) for kind in (1, 0)))


def _share(right: npt.NDArray[np.bool_], level: float) -> Share:
    if not len(right):
        raise InsufficientData("accuracy needs labelled items of both kinds")
    count = int(np.count_nonzero(right))
    return Share(count, len(right), count / len(right), *wilson(count, len(right), level))


def _placements(shown: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Share of the absent below each present item, and of the present above each absent one."""
    return _below(shown, other), 1 - _below(other, shown)


def _below(value: Floats, others: Floats) -> Floats:
    ordered = np.sort(others)
    twice = np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right")
    return np.asarray(twice / (2 * len(others)))


def _limits(area: float, variance: float, z: float) -> Interval:
    reach = z * variance**0.5 / (area * (1 - area))
    middle = special.logit(area)
    return Interval(*(float(special.expit(middle + side * reach)) for side in (-1, 1)))


def _clean(area: float, shown: Floats, other: Floats, level: float) -> Interval:
    trials = min(len(shown), len(other))
    least = float(((1 - level) / 2) ** (1 / trials))
    return Interval(least, 1.0) if area == 1 else Interval(0.0, 1 - least)
