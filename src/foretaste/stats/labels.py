"""A rate from a judge's verdicts on all items and people's labels on some, drawn by any design.

Misses are rare among what the judge left unflagged, so labels are best spent where it was nearly
flagged: items near its threshold get a high chance of being checked, all others a low one, and
each label counts by the inverse of its chance (method.md 11.2).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.judge import Accuracy, Counted, TwoPhase, accuracy
from foretaste.stats.proportion import normal_quantile
from foretaste.stats.totals import Codes, Floats, cluster_codes, indicator, positive_weights


def two_phase_items(
    flagged: npt.ArrayLike,
    cluster: npt.ArrayLike,
    position: npt.ArrayLike,
    truth: npt.ArrayLike,
    chance: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TwoPhase:
    """Rate of a behavior among judged, clustered items of which some were checked by people.

    Labels are weighted by the inverse of their chance within the flagged and within the unflagged
    (Hajek's ratio estimator on each side), and the two shares by the sides' sizes: a two-phase
    estimator, post-stratified by the verdict (Särndal, Swensson and Wretman 1992, chapter 9). Its
    variance is linearized and summed over clusters. It takes labels as drawn independently given
    the verdicts; drawing a fixed number is surer.

    A variance knows nothing of the misses that were not found: with none among the labels it would
    be zero. So each limit is that of the sample with one more user, of the largest weight there
    is, whose checked item turns out for the worse, flagged or not, whichever is worse. A Beta
    distribution with that mean and variance gives the quantile. Where all items are checked this
    makes Clopper and Pearson's limits, nearly; of rare misses of several weights, those of Fay and
    Feuer (1997). In simulations 95 % intervals covered 95 % or more, with five turns a user 99 %.

    Where no unflagged item was checked, the result is a lower estimate without an upper limit.

    Args:
        flagged: 0 or 1, the judge's verdict on each item.
        cluster: for each item its cluster's code, a non-negative integer.
        position: of each label, the place of its item among the items.
        truth: 0 or 1, what the label says.
        chance: the probability, known by design, that the item was to be checked.
        weight: for each item its inverse inclusion probability; None where all are equal.
        level: of the interval.

    Raises:
        InsufficientData: there are no items, or no labels on the flagged ones there are.
        ValueError: arrays differ in length; a verdict or label is neither 0 nor 1; a place is no
            item or named twice; a chance, weight or code is not what it must be; or `level` is not
            between 0 and 1.
    """
    verdict, label = (indicator(each).astype(np.float64) for each in (flagged, truth))
    if not len(verdict):
        raise InsufficientData("a rate needs at least one judged item")
    codes = cluster_codes(cluster, len(verdict))
    w = np.ones(len(verdict)) if weight is None else positive_weights(weight, len(verdict))
    place = _positions(position, len(label), len(verdict))
    share = np.asarray(chance, dtype=np.float64)
    if share.shape != label.shape or not np.all((share > 0) & (share <= 1)):
        raise ValueError("the chance of a label is above 0 and at most 1, one for each label")
    items = _Table(verdict, codes, w, verdict)
    labels = _Table(verdict[place], codes[place], w[place] / share, label)
    tail = float(special.ndtr(-normal_quantile(level)))

    found = _moments(items, labels)
    if np.any(verdict) and found.precision is None:
        raise InsufficientData("none of the flagged items was checked")
    lower_estimate = found.omission is None and not np.all(verdict)
    below, above = (
        [
            _quantile(_moments(*_with_one_more(items, labels, side, shows)), share)
            for side in (0.0, 1.0)
        ]
        for shows, share in ((0.0, tail), (1.0, 1 - tail))
    )
    return TwoPhase(
        rate=found.rate,
        lower=min(found.rate, *below),
        upper=None if lower_estimate else max(found.rate, *above),
        flag_rate=float(w @ verdict / w.sum()),
        precision=found.precision,
        omission=found.omission,
    )


def judge_accuracy(
    flag_rate: float,
    flagged: npt.ArrayLike,
    cluster: npt.ArrayLike,
    truth: npt.ArrayLike,
    weight: npt.ArrayLike,
    *,
    rng: np.random.Generator,
) -> Accuracy:
    """How often a judge is right, at the size that clusters and chances leave of the labels.

    Args:
        flag_rate: the judge's rate among all items, weighted.
        flagged: 0 or 1, the judge's verdict on each labelled item.
        cluster: of each, its cluster's code.
        truth: 0 or 1, what the label says.
        weight: how many items each stands for.
        rng: draws the posteriors.

    Raises:
        InsufficientData: as for `judge.accuracy`; or no flagged item has a label, or no other.
        ValueError: as for `clusters.clustered_rate`.
    """
    verdict, label = indicator(flagged), indicator(truth)
    codes, w = cluster_codes(cluster, len(verdict)), positive_weights(weight, len(verdict))
    sides: list[Counted] = []
    for side in (verdict, ~verdict):
        found = clustered_rate(label[side], codes[side], w[side])
        n = min(found.effective_n, found.simple_n)
        sides.append((found.rate * n, n))
    return accuracy(flag_rate, sides[0], sides[1], rng=rng)


class _Table(NamedTuple):
    """Rows of items or of labels."""

    flagged: Floats
    cluster: Codes
    weight: Floats
    shows: Floats  # the verdict itself where there is no label

    def side(self, flagged: float) -> "_Table":
        rows = self.flagged == flagged
        return _Table(*(column[rows] for column in self))

    def heaviest(self) -> float:
        """Weight of the heaviest cluster; 1 where there is none to go by."""
        totals = np.bincount(self.cluster, self.weight)
        return float(totals.max(initial=0.0)) or 1.0


class _Moments(NamedTuple):
    rate: float
    variance: float
    precision: float | None
    omission: float | None


def _moments(items: _Table, labels: _Table) -> _Moments:
    total = items.weight.sum()
    length = int(items.cluster.max()) + 1
    shares: list[float | None] = []
    spread = np.zeros(length)
    for side in (0.0, 1.0):
        size = items.side(side).weight.sum() / total
        checks = labels.side(side)
        if not len(checks.weight):
            shares.append(None)
            continue
        known = checks.weight.sum()
        share = float(checks.weight @ checks.shows / known)
        residual = size / known * checks.weight * (checks.shows - share)
        spread += np.bincount(checks.cluster, residual, length)
        shares.append(share)
    omission, precision = shares
    expected = np.where(items.flagged == 1, precision or 0.0, omission or 0.0)
    rate = float(items.weight @ expected / total)
    spread += np.bincount(items.cluster, items.weight * (expected - rate) / total, length)
    clusters = int(np.count_nonzero(np.bincount(items.cluster)))
    factor = clusters / max(1, clusters - 1)
    return _Moments(rate, factor * float(spread @ spread), precision, omission)


def _with_one_more(
    items: _Table, labels: _Table, side: float, shows: float
) -> tuple[_Table, _Table]:
    """The sample with one more user, whose item was flagged or not, and checked."""
    new = np.array([int(items.cluster.max()) + 1])
    flag, truth = np.array([side]), np.array([shows])
    item = _Table(flag, new, np.array([items.heaviest()]), flag)
    label = _Table(flag, new, np.array([labels.side(side).heaviest()]), truth)
    return _joined(items, item), _joined(labels, label)


def _joined(one: _Table, other: _Table) -> _Table:
    return _Table(*(np.concatenate(columns) for columns in zip(one, other, strict=True)))


def _quantile(found: _Moments, tail: float) -> float:
    """Quantile of the Beta distribution of that mean and variance."""
    mean = found.rate
    if not 0 < mean < 1:
        return mean
    size = mean * (1 - mean) / found.variance - 1
    if size <= 0:  # more variance than a share can have: a few clusters are all there is
        return float(round(tail))
    return float(special.betaincinv(size * mean, size * (1 - mean), tail))


def _positions(position: npt.ArrayLike, labels: int, items: int) -> Codes:
    places = cluster_codes(position, labels)
    if len(np.unique(places)) < labels or np.any(places >= items):
        raise ValueError("a label belongs to one item, and an item has one label at most")
    return places
