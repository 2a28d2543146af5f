"""A rate from few labels, sharpened by a judge's verdicts on many more items (PPI++)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.stats.clusters import MIN_POSITIVE_CLUSTERS, clustered_rate
from foretaste.stats.proportion import wilson
from foretaste.stats.totals import Codes, Floats, cluster_codes, positive_weights

_ROUNDING = 1e-12  # a rate this close to 0 or 1 is one that the verdicts pushed there


class Powered(NamedTuple):
    """A prediction-powered rate."""

    rate: float
    lower: float
    upper: float
    lam: float  # lambda: 0 is the labels alone, 1 is plain prediction-powered inference
    effective_n: float  # independent labels that would say as much
    labels: int


class _Lane(NamedTuple):
    """Items of one kind, labelled or not, with their clusters."""

    judged: Floats
    cluster: Codes
    weight: Floats

    def mean(self, values: Floats) -> float:
        return float(self.weight @ values / self.weight.sum())

    def pull(self, values: Floats, length: int) -> Floats:
        """What each cluster adds to the error of the mean."""
        residual = self.weight * (values - self.mean(values)) / self.weight.sum()
        return np.bincount(self.cluster, residual, length).astype(np.float64, copy=False)


def ppi(
    truth: npt.ArrayLike,
    judged: npt.ArrayLike,
    unlabelled: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    unlabelled_cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    unlabelled_weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Powered:
    """Rate lambda mean_N(f) + mean_n(Y - lambda f) of labels Y and verdicts f, by PPI++.

    Angelopoulos, Duchi and Zrnic 2023 (arXiv 2311.01453): the lambda of the smallest
    variance, held to 0..1, so that a useless judge does no harm. Variance and lambda are sums over
    clusters, which for independent items are Var(Y - lambda f)/n + lambda^2 Var(f)/N and
    Cov(Y, f) / ((1 + n/N) Var(f)). A user with items on both sides is one cluster. The interval is
    Wilson's on the n whose binomial variance that is; in simulations it covered 94 % to 96 %.

    The labels alone speak (lambda 0, `clusters.clustered_rate`) where a lambda would be luck: where
    fewer than `MIN_POSITIVE_CLUSTERS` clusters hold a label that is present, or absent, or unlike
    its verdict; where there are no unlabelled items or all verdicts are the same; or where the sum
    is no rate between 0 and 1. With so few, `judge.two_phase` says more.

    Args:
        truth: 0 or 1, the labels.
        judged: the judge's verdict on each labelled item, 0 or 1 or a score between.
        unlabelled: its verdicts on items without a label.
        cluster: code of each labelled item's cluster; None where every item is its own.
        unlabelled_cluster: the same of the unlabelled ones, in the same codes.
        weight: inverse inclusion probability of each labelled item; None where all are equal.
        unlabelled_weight: the same of the unlabelled ones.
        level: of the interval.

    Raises:
        InsufficientData: there are no labels.
        ValueError: arrays differ in length, hold what they must not, or only one side has
            clusters; or `level` is not between 0 and 1.
    """
    y, (f, others) = np.asarray(truth, dtype=np.float64), (_scores(judged), _scores(unlabelled))
    if f.shape != y.shape:
        raise ValueError(f"{len(f)} verdicts on {len(y)} labelled items")
    if (cluster is None) != (unlabelled_cluster is None):
        raise ValueError("clusters must be known for labelled and unlabelled items, or for none")
    if cluster is None or unlabelled_cluster is None:
        codes, other_codes = np.arange(len(y)), len(y) + np.arange(len(others))
    else:
        codes = cluster_codes(cluster, len(y))
        other_codes = cluster_codes(unlabelled_cluster, len(others))
    alone = clustered_rate(y, codes, weight)
    labelled = _Lane(f, codes, _weights(weight, len(y)))
    rest = _Lane(others, other_codes, _weights(unlabelled_weight, len(others)))

    rate, effective_n, lam = _powered(y, labelled, rest) or (alone.rate, alone.effective_n, 0.0)
    limits = wilson(rate * effective_n, effective_n, level)
    return Powered(rate, *limits, lam, effective_n, len(y))


def _powered(y: Floats, labelled: _Lane, rest: _Lane) -> tuple[float, float, float] | None:
    """Rate, effective n and lambda; None where the labels had better speak alone."""
    unlike = labelled.judged != y
    telling = (np.count_nonzero(np.bincount(labelled.cluster, rows)) for rows in (y, 1 - y, unlike))
    if min(telling) < MIN_POSITIVE_CLUSTERS or not len(rest.judged):
        return None
    length = 1 + int(max(labelled.cluster.max(), rest.cluster.max()))
    own = labelled.pull(y, length)
    lent = rest.pull(rest.judged, length) - labelled.pull(labelled.judged, length)
    power = float(lent @ lent)
    lam = min(1.0, max(0.0, -float(own @ lent) / power)) if power > 0 else 0.0
    rate = labelled.mean(y) + lam * (rest.mean(rest.judged) - labelled.mean(labelled.judged))
    if not (lam > 0 and _ROUNDING < rate < 1 - _ROUNDING):
        return None
    clusters = int(np.count_nonzero(np.bincount(labelled.cluster)))
    spread = own + lam * lent
    variance = clusters / (clusters - 1) * float(spread @ spread)
    return rate, rate * (1 - rate) / variance, lam


def _weights(weight: npt.ArrayLike | None, length: int) -> Floats:
    return np.ones(length) if weight is None else positive_weights(weight, length)


def _scores(values: npt.ArrayLike) -> Floats:
    f = np.asarray(values, dtype=np.float64)
    if f.ndim != 1 or not np.all((f >= 0) & (f <= 1)):
        raise ValueError("verdicts lie between 0 and 1; leave undecided ones out")
    return f
