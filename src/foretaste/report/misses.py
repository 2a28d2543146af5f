"""How far a backtest's forecasts were off, and how much of that luck alone would give."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log
from typing import NamedTuple

from foretaste.backtests import Point
from foretaste.stats.scoring import noise_band

BAND = 0.9


class Miss(NamedTuple):
    """A point, and its realized rate over the forecast one."""

    point: Point
    ratio: float
    events: float  # effective events behind the ratio: 1 / (1/k1 + 1/k2), see `misses`
    excess: float  # its logarithm, in widths of the band: beyond 1 it lies outside

    @property
    def outside(self) -> bool:
        """Whether luck alone gives so much in less than 1 of 10 cases."""
        return self.excess > 1


def named(point: Point) -> float:
    """The rate that the default method is scored by."""
    return point.named


def direct(point: Point) -> float:
    """The replayed rate."""
    return point.direct


def misses(points: Sequence[Point], rate: Callable[[Point], float]) -> list[Miss]:
    """Every point's miss, in the order of the points.

    Half an event is added to each count, as in smoothed rates, so that zeros have a place.
    """
    found = []
    for point in points:
        ratio = point.realized / rate(point)
        before, after = point.events + 0.5, point.realized_count + 0.5
        reach = log(noise_band(before, after, BAND))
        found.append(Miss(point, ratio, 1 / (1 / before + 1 / after), abs(log(ratio)) / reach))
    return found


def worst(found: Sequence[Miss], most: int) -> list[Miss]:
    """Of each behavior the miss that luck explains least; the worst first."""
    by_behavior: dict[str, Miss] = {}
    for miss in found:
        known = by_behavior.get(miss.point.behavior)
        if known is None or miss.excess > known.excess:
            by_behavior[miss.point.behavior] = miss
    return sorted(by_behavior.values(), key=lambda miss: -miss.excess)[:most]


def outside(found: Sequence[Miss]) -> list[tuple[str, int, int, Miss]]:
    """Behaviors with misses outside of the band: how many, of how many, and the furthest out."""
    every = Counter(miss.point.behavior for miss in found)
    beyond: dict[str, list[Miss]] = defaultdict(list)
    for miss in found:
        if miss.outside:
            beyond[miss.point.behavior].append(miss)
    rows = [
        (name, len(some), every[name], max(some, key=lambda miss: miss.excess))
        for name, some in beyond.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))
