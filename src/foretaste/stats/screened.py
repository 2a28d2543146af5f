"""A rate where a screen scored all rollouts, and a judge read some as `screening` has it.

The estimate is unbiased by design, whatever the screen is worth. The interval cannot be free of
assumptions and narrow: a behavior that 3,000 calls did not show among the low scores may have a
rate of 3.7 / 3,000 there. So there are two. `lower` and `upper` take sightings to lie over the
scores as `bands.shapes` has it: mostly where the screen looks, with a part that it does not see.
`sure_lower` and `sure_upper` assume nothing of the screen, and are wide.
"""

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.bands import bands
from foretaste.stats.judged import DRAWS, Drawn, Judged, sightings, standing, sure_limits, unbiased
from foretaste.stats.proportion import Interval, clopper_pearson, normal_quantile, wilson
from foretaste.stats.screening import Likely, likely
from foretaste.stats.totals import Codes, Floats, some_weights

NOT_ASKED = -1
"""Wave of a rollout that the judge was not asked about."""

FEWEST = 10
"""Sightings without which nothing is assumed of the screen: too few to tell what it is worth."""


class Screened(NamedTuple):
    """A rate from a screen on all rollouts and a judge on some."""

    rate: float  # unbiased by design
    lower: float  # what the screen does not see is taken to be like `bands.shapes`
    upper: float
    sure_lower: float  # nothing assumed of the screen
    sure_upper: float


def screened_rate(
    score: npt.ArrayLike,
    wave: npt.ArrayLike,
    hit: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    earlier: Sequence[npt.ArrayLike] = (),
    stands: npt.ArrayLike | None = None,
) -> Screened:
    """The rate that the judge would find in all of these rollouts.

    The interval is what was found, which is certain, plus what may be hidden among the others, by
    the posterior of `screening.likely`. With fewer than `FEWEST` sightings it is the sure one. It
    says nothing of what other rollouts would show: widen it for that.

    Args:
        score: for each rollout the screen's score.
        wave: for each rollout the wave that asked about it, from 0; `NOT_ASKED` for the others.
        hit: for each rollout 0 or 1, the judge's verdict; NaN where it gave none. A band's graded
            rollouts stand for its ungraded ones.
        weight: for each rollout its inverse inclusion probability; None where all are equal. It may
            be another than rollouts were drawn by: for other traffic, times how much more of it
            there is; 0 leaves a rollout out of the rate, and its verdict too.
        rng: draws what may be hidden.
        level: of the intervals.
        earlier: where the screen learned between waves, the scores that each wave before the last
            was drawn by; `score` is then what the last was drawn by. What a rollout's own verdict
            taught must not be in its score.
        stands: then, for each rollout that was asked about, the number of unread ones that it
            stands for: (1 - p) / p for the chance p of being drawn when it was, times 1 - p for
            that of each later wave, had it not been drawn.

    Raises:
        InsufficientData: there is no rollout, or not one that was graded.
        ValueError: arrays differ in length, a hit is neither 0, 1 nor NaN, or as for `bands.bands`.
    """
    _, rows = _rows(score, wave, hit, weight, earlier, stands)
    return _joined((rows,), likely(rows.cut.share, rows.tally()), rng=rng, level=level)


def screened_truth(
    score: npt.ArrayLike,
    wave: npt.ArrayLike,
    hit: npt.ArrayLike,
    truth: npt.ArrayLike,
    chance: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    earlier: Sequence[npt.ArrayLike] = (),
    stands: npt.ArrayLike | None = None,
) -> Screened:
    """The true rate, where people read some of what the judge flagged, and of what it did not.

    What judge and people both see is one part of it, what the judge overlooks the other; each is
    a screened rate, and both lie over the scores in one shape: what a judge overlooks is taken to
    look to the screen like what it finds. The sure limits take a half of the error each. The
    estimate is unbiased by design: a label counts by the chances of being judged and of being
    labelled. All flagged rollouts are best labelled: what is not is guessed from what is.

    Args:
        score: as for `screened_rate`.
        wave: the same.
        hit: the same.
        truth: for each rollout 0 or 1, what its label says; NaN where it has none.
        chance: for each rollout that the judge graded, with which it was to be labelled: one of
            the flagged, and of the others one that depends on their scores at most. Those of other
            rollouts are not looked at.
        weight: as for `screened_rate`.
        rng: the same.
        level: the same.
        earlier: the same.
        stands: the same.

    Raises:
        InsufficientData: as for `screened_rate`; or not one label is of a flagged rollout though
            there are some, or not one of those that were not flagged.
        ValueError: as for `screened_rate`; or a label is neither 0, 1 nor NaN, or of a rollout that
            the judge did not grade, or a chance is not above 0 and at most 1.
    """
    asked, rows = _rows(score, wave, hit, weight, earlier, stands)
    told = np.asarray(truth, dtype=np.float64)
    if not np.all(np.isnan(told) | (told == 0) | (told == 1)):
        raise ValueError("a label is 0 or 1, or NaN where there is none")
    if np.any(np.isfinite(told) & ~np.isfinite(np.asarray(hit, dtype=np.float64))):
        raise ValueError("a label belongs to a rollout that the judge graded")
    label = told[asked]
    share = np.where(rows.graded, np.asarray(chance, dtype=np.float64)[asked], 1.0)
    if not np.all((share > 0) & (share <= 1)):
        raise ValueError("the chance of a label is above 0 and at most 1")
    flagged, passed = rows.hit == 1, rows.hit == 0
    checked = np.isfinite(label)
    if (np.any(flagged) and not np.any(flagged & checked)) or not np.any(passed & checked):
        raise InsufficientData("people must read some of what was flagged, and some of the rest")
    seen, missed = (
        rows._replace(
            hit=np.where(open_, label, np.where(rows.graded, 0.0, np.nan)),
            open=open_,
            chance=np.where(open_, share, 1.0),
        )
        for open_ in (flagged, passed)
    )
    known = likely(rows.cut.share, seen.tally(), missed.tally())
    return _joined((seen, missed), known, rng=rng, level=level)


def standing_for(
    score: npt.ArrayLike,
    wave: npt.ArrayLike,
    hit: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    earlier: Sequence[npt.ArrayLike] = (),
) -> Floats:
    """For each rollout the weight of those that it stands for; 0 where the judge did not grade it.

    Args:
        score: as for `screened_rate`.
        wave: the same.
        hit: the same.
        weight: the same.
        earlier: the same.

    Raises:
        InsufficientData: as for `screened_rate`.
        ValueError: the same.
    """
    asked, rows = _rows(score, wave, hit, weight, earlier)
    found = np.zeros(np.size(wave))
    found[asked] = standing(rows)
    return found


def widened(rate: float, lower: float, upper: float, effective_n: float) -> Interval:
    """An interval for these rollouts, as one for other traffic of the kind.

    Both distances from the rate, its own and that of Wilson's limits, add up as squares.

    >>> widened(0.1, 0.1, 0.1, 100).upper > 0.15
    True
    """
    wide = wilson(rate * effective_n, effective_n)
    return Interval(
        max(0.0, rate - hypot(rate - lower, rate - wide.lower)),
        min(1.0, rate + hypot(upper - rate, wide.upper - rate)),
    )


def effective_count(rate: float, upper: float) -> float:
    """Turns of which a share `rate` has this upper limit (95 %, Clopper and Pearson).

    So a screened rate can stand where counts are asked for: forecasts and gates see its upper
    limit, and below it an interval that is wider than it need be.

    >>> round(effective_count(0.0, 0.3085))
    10
    """
    if not rate < upper < 1:
        return _SMALLEST
    low, high = np.log(_SMALLEST), np.log(1e12)
    for _ in range(60):  # halves the range, in which the limit falls
        size = float(np.exp((low + high) / 2))
        wide = clopper_pearson(rate * size, size).upper > upper
        low, high = (np.log(size), high) if wide else (low, np.log(size))
    return float(np.exp(low))


_SMALLEST = 0.5


def _rows(
    score: npt.ArrayLike,
    wave: npt.ArrayLike,
    hit: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    earlier: Sequence[npt.ArrayLike] = (),
    stands: npt.ArrayLike | None = None,
) -> tuple[Codes, Judged]:
    """The places of those that the judge was asked about, and what it made of them."""
    if weight is not None:
        wave = np.where(some_weights(weight, np.size(wave)) > 0, np.asarray(wave), NOT_ASKED)
    cut = bands(score, weight)
    size = len(cut.band)
    when, shown = np.asarray(wave, dtype=np.intp), np.asarray(hit, dtype=np.float64)
    if when.shape != (size,) or shown.shape != (size,):
        raise ValueError("scores, waves and hits come one for each rollout")
    asked = np.flatnonzero(when >= 0)
    told = shown[asked]
    if not np.all(np.isnan(told) | (told == 0) | (told == 1)):
        raise ValueError("a hit is 0 or 1, or NaN where there is no verdict")
    if np.all(np.isnan(told)):
        raise InsufficientData("not one rollout that the judge was asked about was graded")
    w = np.ones(size) if weight is None else some_weights(weight, size)
    return asked, Judged(
        cut=cut,
        total=np.bincount(cut.band, w).astype(np.float64, copy=False),
        squares=np.bincount(cut.band, w * w).astype(np.float64, copy=False),
        band=cut.band[asked],
        weight=w[asked],
        wave=when[asked],
        hit=told,
        graded=np.isfinite(told),
        open=np.isfinite(told),
        chance=np.ones(len(asked)),
        stands=None if stands is None else np.asarray(stands, dtype=np.float64)[asked],
        drawn=tuple(
            Drawn(then.band[asked], np.bincount(then.band, w).astype(np.float64, copy=False))
            for then in (bands(scores, weight) for scores in earlier)
        ),
    )


def _joined(
    parts: tuple[Judged, ...], known: Likely, *, rng: np.random.Generator, level: float
) -> Screened:
    """The rate of parts that add up, with one posterior of where their sightings lie."""
    total = float(parts[0].total.sum())
    rate = min(1.0, sum(unbiased(part) for part in parts) / total)
    tail = float(special.ndtr(-normal_quantile(level)))
    shape = rng.choice(len(known.chance), DRAWS, p=known.chance)
    drawn: Floats = np.zeros(DRAWS)
    sure: Floats = np.zeros(2)
    for number, part in enumerate(parts):
        drawn += sightings(part, known, number, shape, rng)
        sure += sure_limits(part, tail / len(parts))
    lower, upper = np.quantile(drawn, [tail, 1 - tail]) / total
    below, above = sure / total
    if sum(known.found) < FEWEST:
        lower, upper = below, above
    return Screened(
        rate=rate,
        lower=min(rate, float(lower)),
        upper=max(rate, min(1.0, float(upper))),
        sure_lower=min(rate, float(below), float(lower)),
        sure_upper=max(rate, min(1.0, max(float(above), float(upper)))),
    )
