"""A backtest as plain values that are ready to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foretaste.backtests import Backtest, Point
from foretaste.report.backtests import COLUMNS, LEGEND, facts, percent, row, title
from foretaste.report.ledger import Fact
from foretaste.report.misses import BAND, Miss, direct, misses, named, outside, worst
from foretaste.report.scatter import MOST_DOTS, Floats, Picture, agreement, funnel
from foretaste.report.visible import one_line
from foretaste.report.wording import rounded, share, some, times
from foretaste.stats.track import LEVELS, TrackRecord

_MOST = 40  # misses that are listed one by one
_TENTHS = 10
_BAR = 12.0  # units of the drawing that a bar is wide
_HEIGHT = 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One tenth of a histogram."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One method: how often its intervals held, and where in its beliefs the outcomes fell."""

    method: str
    n: str
    held: tuple[tuple[str, str], ...]  # level, share
    bars: tuple[Bar, ...]
    level: float  # height of the line that a calibrated method's bars reach
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissRow:
    """One forecast that was far off."""

    behavior: str
    transition: str
    forecast: str
    realized: str
    counts: str
    error: str
    luck: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestPage:
    """All that the page draws."""

    title: str
    headline: str
    luck: str
    columns: tuple[str, ...]
    legend: str
    default: str
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...]
    scatters: tuple[tuple[Picture, str], ...]
    agreement: str
    drawn: str  # how the points are drawn
    funnel: Picture
    beyond: str
    outside: tuple[tuple[str, str, MissRow], ...]
    calibration: tuple[Calibration, ...]
    misses: tuple[MissRow, ...]
    releases: tuple[str, ...]


def backtest_page(found: Backtest) -> BacktestPage:
    """All values of the page."""
    best = found.models[found.default]
    replayed = misses(found.points, direct)
    beyond = outside(replayed)
    number = sum(miss.outside for miss in replayed)
    return BacktestPage(
        title=title(found),
        headline=_headline(found, best),
        luck=(
            f"All transitions share one set of prompts and {some(len(found.releases), 'release')}. "
            f"So these numbers carry the luck of about {some(len(found.behaviors), 'behavior')}, "
            f"not that of {some(best.n, 'forecast')}: a few points are chance."
        ),
        columns=COLUMNS,
        legend=LEGEND,
        default=found.default,
        rows=tuple(row(name, record) for name, record in found.models.items()),
        facts=tuple(Fact(name=name, text=text) for name, text in facts(found)),
        scatters=_scatters(found),
        agreement=_agreement(found),
        drawn=_drawn(len(found.points)),
        funnel=funnel(
            np.array([miss.ratio for miss in replayed]),
            np.array([miss.events for miss in replayed]),
            level=BAND,
            title="Realized over replayed rate, against the events behind it",
        ),
        beyond=(
            f"{number:,} of {some(len(replayed), 'dot')} ({share(number, len(replayed))}) lie "
            f"outside; a perfect replay of rare behaviors would leave {100 * (1 - BAND):.0f} %."
        ),
        outside=tuple(
            (one_line(name), f"{count:,} of {whole:,}", _miss_row(miss, miss.point.direct))
            for name, count, whole, miss in beyond
        ),
        calibration=_calibration(found),
        misses=tuple(
            _miss_row(miss, miss.point.named) for miss in worst(misses(found.points, named), _MOST)
        ),
        releases=tuple(map(one_line, found.releases)),
    )


def _headline(found: Backtest, best: TrackRecord) -> str:
    text = (
        f"Off by {times(best.median_multiplicative_error)} in the median; "
        f"chance alone gives {times(found.noise_error)}"
    )
    if best.directional_accuracy is None:
        return text
    right = round(best.directional_accuracy * best.direction_n)
    return f"{text}. Direction right in {share(right, best.direction_n)} of {best.direction_n:,}"


def _scatters(found: Backtest) -> tuple[tuple[Picture, str], ...]:
    realized, ahead, today = (
        _column(found.points, name) for name in ("realized", "named", "today")
    )
    return (
        (
            agreement(
                ahead,
                realized,
                title="Forecast and realized rates",
                across="forecast",
                around=[today],
            ),
            f"The default forecast ({one_line(found.default)})",
        ),
        (
            agreement(
                today,
                realized,
                title="Rates before and after the release",
                across="before the release",
                around=[ahead],
            ),
            "The baseline: all stays as it was",
        ),
    )


def _column(points: Sequence[Point], name: str) -> Floats:
    return np.array([getattr(point, name) for point in points], dtype=np.float64)


def _agreement(found: Backtest) -> str:
    realized = _column(found.points, "realized")
    parts = []
    for name, said in (("named", "of the forecasts"), ("today", "of the rates before")):
        rate = _column(found.points, name)
        error = np.maximum(rate / realized, realized / rate)
        near, far = (int((error <= factor).sum()) for factor in (1.5, 2.0))
        whole = len(found.points)
        parts.append(
            f"{share(near, whole)} {said} lie within 1.5x of what happened, {share(far, whole)} "
            "within 2x"
        )
    return "; ".join(parts) + "."


def _drawn(number: int) -> str:
    if number <= MOST_DOTS:
        return f"Each of the {some(number, 'dot')} is one behavior in one transition."
    return (
        f"{number:,} points are too many to draw one by one: each square counts the points in it, "
        "and each shade darker stands for four times as many."
    )


def _miss_row(miss: Miss, rate: float) -> MissRow:
    point = miss.point
    return MissRow(
        behavior=one_line(point.behavior),
        transition=one_line(f"{point.after}, from {point.before}"),
        forecast=f"{rounded(100 * rate)} %",
        realized=percent(point.realized_count / point.realized_n, point.realized_count),
        counts=(
            f"replay {rounded(point.events)} of {rounded(point.turns)}, "
            f"after {point.realized_count:,} of {point.realized_n:,}"
        ),
        error=times(max(miss.ratio, 1 / miss.ratio)),
        luck=f"{miss.excess:.1f}",
    )


def _calibration(found: Backtest) -> tuple[Calibration, ...]:
    most = max(max(record.pit) for record in found.models.values())
    scale = _HEIGHT / max(most, 2 / _TENTHS)
    return tuple(
        Calibration(
            method=one_line(name),
            n=some(record.n, "forecast"),
            held=tuple(
                (f"{100 * level:.0f} %", f"{100 * held:.0f} %")
                for level, held in zip(
                    LEVELS,
                    (record.coverage_50, record.coverage_80, record.coverage_90),
                    strict=True,
                )
            ),
            bars=tuple(
                Bar(
                    x=_BAR * tenth,
                    y=round(_HEIGHT - part * scale, 1),
                    height=round(part * scale, 1),
                )
                for tenth, part in enumerate(record.pit)
            ),
            level=round(_HEIGHT - scale / _TENTHS, 1),
            title=f"{one_line(name)}: share of outcomes in each tenth of its beliefs, in percent: "
            + ", ".join(f"{100 * part:.0f}" for part in record.pit),
        )
        for name, record in found.models.items()
    )
