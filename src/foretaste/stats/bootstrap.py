"""Cluster bootstrap of many rates at once: for what has no closed form, such as ratios of rates."""

from typing import NamedTuple

import numpy as np
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import Interval, normal_quantile
from foretaste.stats.totals import ClusterTotals, Floats

MIN_TELLING_CLUSTERS = 20
"""Clusters with a hit, and with a non-hit, that a bootstrap interval asks for (method.md 11.3).

Below it the draws repeat too few clusters to show what others might have brought;
`clusters.clustered_rate` still answers.
"""

_CELLS = 1 << 19  # random numbers at a time: they and their weights stay in the processor's cache
_STEPS = 1 << 16  # of a 16-bit number
# How often a cluster is drawn, by a 16-bit random number: Poisson(1) with its probabilities
# rounded to 1/65,536, which leaves the mean at 1 and the variance at 0.99997.
_REACHED = np.round(_STEPS * special.gammaincc(np.arange(1, 13), 1.0))
_TIMES = np.searchsorted(_REACHED, np.arange(_STEPS), side="right").astype(np.float32)


class Bootstrap(NamedTuple):
    """Rates as other samples of clusters might have shown them."""

    draws: Floats  # draws x behaviors; NaN where a draw holds no graded turn
    intervals: tuple[Interval | None, ...]  # percentile; None below `MIN_TELLING_CLUSTERS`


def cluster_bootstrap(
    totals: ClusterTotals, *, rng: np.random.Generator, draws: int = 2_000, level: float = 0.95
) -> Bootstrap:
    """Draw clusters anew, and take each behavior's rate of what was drawn.

    Each cluster is drawn Poisson(1) times, which is the multinomial bootstrap without its fixed
    total (Hanley and MacGibbon 2006; Chamandy et al. 2012); the rate is the ratio of two sums, so
    the total cancels. All behaviors share the draws: with both lanes' columns among them,
    `percentile(found.draws[:, 1] / found.draws[:, 0])` is the interval of a paired ratio.

    For a rate itself `clusters.clustered_rates` is cheaper and safer: where cluster sizes are
    heavy-tailed, 95 % percentile intervals cover 0.89 to 0.93 (rate 0.02 to 0.1, 300 to 1,000
    clusters).

    Args:
        totals: sums of the turns by cluster.
        rng: source of all randomness.
        draws: how many.
        level: of the intervals.

    Raises:
        ValueError: `draws` is below 1, or `level` is not between 0 and 1.
    """
    if draws < 1:
        raise ValueError(f"a bootstrap needs at least one draw, not {draws}")
    sums = _drawn_sums(totals, draws, rng)
    hit, seen = np.split(sums, [len(totals.hit)], axis=1)
    with np.errstate(invalid="ignore"):
        rates = hit / seen
    return Bootstrap(
        draws=rates,
        intervals=tuple(
            percentile(rates[:, behavior], level)
            if totals.telling(behavior) >= MIN_TELLING_CLUSTERS
            else None
            for behavior in range(len(totals.hit))
        ),
    )


def percentile(draws: Floats, level: float = 0.95) -> Interval:
    """The percentile interval of draws of any statistic (Efron 1981).

    Raises:
        InsufficientData: there are no draws, or the statistic does not exist in one of them, such
            as a ratio where a lane drew no hit.
        ValueError: `level` is not between 0 and 1.

    >>> percentile(np.arange(1_001.0), level=0.9).upper
    950.0
    """
    tail = float(special.ndtr(-normal_quantile(level)))
    if not len(draws) or not np.all(np.isfinite(draws)):
        raise InsufficientData("the statistic does not exist in every draw of the clusters")
    lower, upper = np.quantile(draws, (tail, 1 - tail))
    return Interval(float(lower), float(upper))


def _drawn_sums(totals: ClusterTotals, draws: int, rng: np.random.Generator) -> Floats:
    """Draws x (behaviors of `hit`, then those of `seen`): sums over the clusters as often as drawn.

    Single precision holds counts up to 2^24 exactly, so it serves within a block of clusters.
    """
    sums = np.zeros((draws, len(totals.hit) + len(totals.seen)))
    step = max(1, _CELLS // draws)
    for start in range(0, totals.hit.shape[1], step):
        parts = [each[:, start : start + step] for each in (totals.hit, totals.seen)]
        block = np.concatenate(parts, dtype=np.float32)
        cells = draws * block.shape[1]
        # Four 16-bit numbers from one of 64: to ask for them one by one takes twice as long.
        wide = rng.integers(0, 1 << 64, -(-cells // 4), dtype=np.uint64)
        times = _TIMES.take(wide.view(np.uint16)[:cells], mode="clip")
        sums += times.reshape(draws, -1) @ block.T
    return sums
