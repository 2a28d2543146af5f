"""Geometry of the forest plot: where marks lie, as percentages of the width.

Marks are placed in percent and drawn in pixels, so the plot narrows to a phone without its
letters and dots shrinking, as they would under a scaled view box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from foretaste.report.rows import ForecastRow, Spread
from foretaste.report.wording import PER, rounded

LEFT, RIGHT = 3.0, 97.0
"""Percent of the width at which the axis begins and ends."""

MOST_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on the axis, and the rate per 100,000 turns it stands for."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A rate with its interval; without `x` none were seen and it points at the axis's low end."""

    low: float
    high: float
    x: float | None
    open_low: bool  # the interval goes on below the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One behavior to draw: the forecast, and the rate that stands beside it."""

    behavior: str
    reading: str
    beside: str
    title: str  # what the drawing shows, for those who do not see it
    ahead: Spread | None
    now: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One behavior's row in the plot."""

    behavior: str
    reading: str
    beside: str
    title: str
    ahead: Range | None
    now: Range | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Axis and rows; no ticks where no rate is known."""

    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    beside: str  # what the lower mark of each row stands for


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis over whole decades of the rate per 100,000 turns."""

    low: int
    high: int

    def place(self, rate: float) -> float:
        """Percent of the width; a rate beyond an end lies on that end."""
        if rate <= 0:
            return LEFT
        part = (log10(rate * PER) - self.low) / (self.high - self.low)
        return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, part)), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """One tick a decade, or every second or third where that would be a crowd."""
        step = ceil((self.high - self.low + 1) / MOST_TICKS)
        exponents = range(self.low, self.high + 1, step)
        return tuple(Tick(x=self.place(10.0**e / PER), label=rounded(10.0**e)) for e in exponents)

    def range(self, spread: Spread) -> Range:
        """Place a rate and its interval."""
        none_seen = spread.rate is None
        beyond = spread.lower * PER < 10.0**self.low
        return Range(
            low=LEFT if none_seen else self.place(spread.lower),
            high=self.place(spread.upper),
            x=None if spread.rate is None else self.place(spread.rate),
            open_low=none_seen or beyond,
        )


def axis(spreads: Sequence[Spread]) -> Axis | None:
    """Whole decades around every rate and every upper end; None where there are none."""
    rates = [s.upper for s in spreads] + [s.rate for s in spreads if s.rate is not None]
    known = [log10(rate * PER) for rate in rates if rate > 0]
    if not known:
        return None
    low, high = floor(min(known)), min(ceil(max(known)), 5)
    return Axis(low=min(low, high - 1), high=high)


def forest(rows: Sequence[ForecastRow]) -> Plot:
    """Lay out the forecasts: for each behavior the forecast above, production today below."""
    marks = [
        Mark(
            behavior=row.behavior,
            reading=row.reading,
            beside=f"today {row.today}"
            + (f"; with unseen traffic {row.with_unseen}" if row.with_unseen else ""),
            title=f"{row.behavior}: forecast {row.reading}, today {row.today}, per 100,000 turns",
            ahead=row.ahead,
            now=row.now,
        )
        for row in rows
    ]
    return plot(marks, "production today")


def plot(marks: Sequence[Mark], beside: str) -> Plot:
    """Lay out a plot on one axis that holds every mark."""
    scale = axis([s for mark in marks for s in (mark.ahead, mark.now) if s is not None])
    bars = tuple(
        Bar(
            behavior=mark.behavior,
            reading=mark.reading,
            beside=mark.beside,
            title=mark.title,
            ahead=scale.range(mark.ahead) if scale and mark.ahead else None,
            now=scale.range(mark.now) if scale and mark.now else None,
        )
        for mark in marks
    )
    return Plot(ticks=scale.ticks() if scale else (), bars=bars, beside=beside)
