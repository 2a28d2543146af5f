"""Geometry of a picture of points: axes, bands, and dots, or squares where dots would hide others.

Lengths are units of the drawing: the picture is `SIDE` wide and high, without its labels. Values
are logarithms to base 10, except for the vertical axis of a funnel, which is to base 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log, log2, log10

import numpy as np
import numpy.typing as npt

from foretaste.report.wording import PER, rounded
from foretaste.stats.scoring import noise_band

Floats = npt.NDArray[np.float64]

SIDE = 300.0
MOST_DOTS = 2_000
"""Points that are drawn one by one; more are counted in squares."""

SQUARE = 4.0
_STEPS = 4  # times as many points in a square make it one shade darker
_CURVE = 60  # points of a curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis, and what it stands for."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """Squares that hold about as many points, as one path."""

    path: str
    label: str  # how many points
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that is ready to draw."""

    title: str  # what it shows, for those who do not see it
    across: str
    upward: str
    columns: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    bands: tuple[str, ...]  # outlines, the widest first
    line: str  # where forecast and outcome agree
    dots: str  # one path; empty where there are squares
    shades: tuple[Shade, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def place(self, value: float) -> float:
        return round(SIDE * (value - self.low) / (self.high - self.low), 1)


def agreement(
    forecast: Floats, realized: Floats, *, title: str, across: str, around: Sequence[Floats] = ()
) -> Picture:
    """Realized rates against forecast ones, both logarithmic, with bands of 1.5x and 2x.

    Args:
        forecast: (points,), above 0.
        realized: (points,), above 0.
        title: what the picture shows.
        across: name of the horizontal axis.
        around: more rates that the axes must hold, so that pictures can share them.
    """
    every = np.log10(np.concatenate([forecast, realized, *around]))
    low, high = floor(every.min()), min(0, ceil(every.max()))
    scale = _Scale(min(low, high - 1), high)
    ticks = _decades(scale)
    return _picture(
        np.log10(forecast),
        np.log10(realized),
        (scale, scale),
        title=title,
        labels=(f"{across}, per {PER:,}", f"happened, per {PER:,}"),
        ticks=(ticks, ticks),
        bands=tuple(_stripe(scale, factor) for factor in (2.0, 1.5)),
        line=f"M0 {SIDE:g}L{SIDE:g} 0",
    )


def funnel(ratio: Floats, events: Floats, *, level: float, title: str) -> Picture:
    """Realized over forecast rate against the events behind it, with what luck alone gives.

    Args:
        ratio: (points,), above 0.
        events: (points,), effective events, above 0.
        level: of the band.
        title: what the picture shows.
    """
    low = floor(np.log10(events.min()))
    across = _Scale(low, max(low + 1, ceil(np.log10(events.max()))))
    most = max(1, ceil(np.abs(np.log2(ratio)).max()))
    upward = _Scale(-most, most)
    step = ceil(most / 4)
    rows = tuple(
        Tick(at=upward.place(power), label=_factor(power))
        for power in range(-(most // step) * step, most + 1, step)
    )
    places = np.linspace(across.low, across.high, _CURVE)
    # Effective events are half of each of two equal counts.
    reach = [log2(noise_band(2 * 10.0**place, 2 * 10.0**place, level)) for place in places]
    upper = [(across.place(x), SIDE - upward.place(y)) for x, y in zip(places, reach, strict=True)]
    lower = [(x, SIDE - y) for x, y in reversed(upper)]
    return _picture(
        np.log10(events),
        np.log2(ratio),
        (across, upward),
        title=title,
        labels=("events behind the ratio", "happened over forecast"),
        ticks=(_decades(across, of=1), rows),
        bands=(_outline(upper + lower),),
        line=f"M0 {SIDE / 2:g}H{SIDE:g}",
    )


def _picture(
    x: Floats,
    y: Floats,
    scales: tuple[_Scale, _Scale],
    *,
    title: str,
    labels: tuple[str, str],
    ticks: tuple[tuple[Tick, ...], tuple[Tick, ...]],
    bands: tuple[str, ...],
    line: str,
) -> Picture:
    columns, rows = ticks
    across, upward = (
        SIDE * (value - scale.low) / (scale.high - scale.low)
        for value, scale in zip((x, y), scales, strict=True)
    )
    many = len(x) > MOST_DOTS
    return Picture(
        title=title,
        across=labels[0],
        upward=labels[1],
        columns=columns,
        rows=tuple(Tick(at=SIDE - tick.at, label=tick.label) for tick in rows),
        bands=bands,
        line=line,
        dots="" if many else _dots(across, SIDE - upward),
        shades=_shades(across, SIDE - upward) if many else (),
    )


def _decades(scale: _Scale, of: float = PER) -> tuple[Tick, ...]:
    exponents = range(ceil(scale.low), floor(scale.high) + 1)
    return tuple(Tick(at=scale.place(e), label=rounded(10.0**e * of)) for e in exponents)


def _factor(power: int) -> str:
    return f"{2**power}x" if power >= 0 else f"1/{2**-power}x"


def _stripe(scale: _Scale, factor: float) -> str:
    """The stripe around the diagonal within which the rates are at most that factor apart."""
    reach = SIDE * log10(factor) / (scale.high - scale.low)
    ends = [(0, SIDE + reach), (0, SIDE - reach), (SIDE, -reach), (SIDE, reach)]
    return _outline(ends)


def _outline(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def _dots(x: Floats, y: Floats) -> str:
    return "".join(f"M{each:.1f} {other:.1f}h0" for each, other in zip(x, y, strict=True))


def _shades(x: Floats, y: Floats) -> tuple[Shade, ...]:
    side = round(SIDE / SQUARE)
    edges = np.linspace(0, SIDE, side + 1)
    counts, _, _ = np.histogram2d(np.clip(x, 0, SIDE), np.clip(y, 0, SIDE), bins=(edges, edges))
    shade = np.full(counts.shape, -1)
    shade[counts > 0] = np.log(counts[counts > 0]) / log(_STEPS) + 1e-9
    last = int(shade.max())
    found = []
    for level in range(last + 1):
        places = np.argwhere(shade == level)
        squares = (
            f"M{SQUARE * i:g} {SQUARE * j:g}h{SQUARE:g}v{SQUARE:g}h-{SQUARE:g}z" for i, j in places
        )
        few, many = _STEPS**level, _STEPS ** (level + 1) - 1
        label = f"{few:,} to {many:,}" if level < last else f"{few:,} or more"
        if len(places):
            found.append(
                Shade(
                    path="".join(squares), label=label, opacity=round((level + 1) / (last + 1), 2)
                )
            )
    return tuple(found)
