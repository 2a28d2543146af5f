"""The track record of a forecast method: many forecasts held against what came, at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData
from foretaste.stats.calibration import log_correlation, pit_histogram
from foretaste.stats.counts import best_rate, chances, covered
from foretaste.stats.scoring import MOVED, ROUNDING, binomial_losses

Floats = npt.NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.9)
_AT_ONCE = 4096  # forecasts whose chances are held in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """How right a method was, over forecasts that each count once."""

    median_multiplicative_error: float
    mean_multiplicative_error: float
    nll: float  # binomial negative log-likelihood of the point forecast, nats a forecast
    log_score: float  # negative log probability of the count under the whole belief, nats
    directional_accuracy: float | None  # where production moved by 1.5x; a tie is wrong
    direction_n: int
    coverage_50: float  # of the shortest predictive intervals, see `counts.covered`
    coverage_80: float
    coverage_90: float
    log_rate_correlation: float | None  # None where the rates do not vary
    pit: tuple[float, ...]  # share in each tenth; all 0.1 where the beliefs are calibrated
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """Beliefs Beta(a, b) about rates, the rates before, and the counts that came; (forecasts,)."""

    a: Floats
    b: Floats
    today: Floats  # smoothed rate before; NaN where it is unknown
    k: Floats  # realized sightings
    n: Floats  # realized turns, at least 1

    @property
    def realized(self) -> Floats:
        """Jeffreys-smoothed realized rate."""
        return (self.k + 0.5) / (self.n + 1)

    @property
    def rate(self) -> Floats:
        """The beliefs' means."""
        return self.a / (self.a + self.b)


def named_rates(forecasts: Forecasts) -> Floats:
    """`counts.best_rate` of every belief: what a forecaster who knows the error would name."""
    found = [np.zeros(0)]
    for part in _parts(forecasts):
        foretold = chances(forecasts.a[part], forecasts.b[part], forecasts.n[part])
        found.append(best_rate(foretold))
    return np.concatenate(found)


def track_record(forecasts: Forecasts, named: Floats | None = None) -> TrackRecord:
    """Score forecasts (method.md 4.2).

    Args:
        forecasts: what was believed, and what came.
        named: the rates whose multiplicative error is taken; the beliefs' means if left out.

    Raises:
        InsufficientData: there is no forecast.
    """
    if not len(forecasts.k):
        raise InsufficientData("a track record needs at least one forecast")
    held, log_chance, below, reached = [], [], [], []
    for part in _parts(forecasts):
        k = forecasts.k[part]
        foretold = chances(forecasts.a[part], forecasts.b[part], forecasts.n[part])
        held.append(covered(foretold, k, LEVELS))
        at = np.abs(foretold.value - k[:, None]).argmin(-1)[:, None]
        chance = np.take_along_axis(foretold.chance, at, -1)[:, 0]
        width = np.take_along_axis(foretold.width, at, -1)[:, 0]
        log_chance.append(np.log(np.maximum(chance / width, 1e-300)))
        upto = np.take_along_axis(foretold.chance.cumsum(-1), at, -1)[:, 0].clip(0, 1)
        below.append((upto - chance).clip(0, 1))
        reached.append(upto)
    realized, rate = forecasts.realized, forecasts.rate
    point = rate if named is None else named
    error = np.maximum(point / realized, realized / point)
    coverage = np.concatenate(held).mean(0)
    with np.errstate(invalid="ignore"):
        change = realized / forecasts.today
        moved = np.maximum(change, 1 / change) >= MOVED
        way = _way(forecasts.today, rate)
        right = (way == _way(forecasts.today, realized)) & (way != 0)
    return TrackRecord(
        median_multiplicative_error=float(np.median(error)),
        mean_multiplicative_error=float(error.mean()),
        nll=float(binomial_losses(rate, forecasts.k, forecasts.n).mean()),
        log_score=-float(np.concatenate(log_chance).mean()),
        directional_accuracy=float(right[moved].mean()) if moved.any() else None,
        direction_n=int(moved.sum()),
        coverage_50=float(coverage[0]),
        coverage_80=float(coverage[1]),
        coverage_90=float(coverage[2]),
        log_rate_correlation=_correlation(rate, realized),
        pit=tuple(pit_histogram(np.concatenate(below), np.concatenate(reached)).tolist()),
        n=len(realized),
    )


def _parts(forecasts: Forecasts) -> Iterator[slice]:
    for start in range(0, len(forecasts.k), _AT_ONCE):
        yield slice(start, start + _AT_ONCE)


def _way(before: Floats, after: Floats) -> Floats:
    """1 up, -1 down, 0 where a rate stays as it was but for rounding."""
    return np.asarray(
        np.where(np.isclose(before, after, rtol=ROUNDING, atol=0), 0, np.sign(after - before))
    )


def _correlation(rate: Floats, realized: Floats) -> float | None:
    try:
        return log_correlation(rate, realized).r
    except InsufficientData:
        return None
