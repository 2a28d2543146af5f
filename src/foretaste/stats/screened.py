"""A rate where a screen scored all rollouts, and a judge read some as `screening` has it.

The estimate is unbiased by design, whatever the screen is worth. The interval cannot be free of
assumptions and narrow: a behavior that 3,000 calls did not show among the low scores may have a
rate of 3.7 / 3,000 there. So there are two. `lower` and `upper` take sightings to lie over the
scores as `bands.shapes` has it: mostly where the screen looks, with a part that it does not see.
`sure_lower` and `sure_upper` assume nothing of the screen, and are wide.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.bands import bands
from foretaste.stats.judged import DRAWS, Drawn, Judged, sightings, sure_limits, unbiased
from foretaste.stats.proportion import clopper_pearson, normal_quantile
from foretaste.stats.screening import Likely, Tally, likely
from foretaste.stats.totals import Floats, cluster_codes, indicator, some_weights

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
    if weight is not None:
        wave = np.where(some_weights(weight, np.size(wave)) > 0, np.asarray(wave), NOT_ASKED)
    rows = _rows(score, wave, hit, weight, earlier)
    if stands is not None:
        rows = rows._replace(stands=np.asarray(stands, dtype=np.float64)[np.asarray(wave) >= 0])
    return _joined((rows,), likely(rows.cut.share, rows.tally()), rng=rng, level=level)


def screened_truth(
    score: npt.ArrayLike,
    wave: npt.ArrayLike,
    hit: npt.ArrayLike,
    position: npt.ArrayLike,
    truth: npt.ArrayLike,
    chance: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
) -> Screened:
    """The true rate, where people read all that the judge flagged and some of what it did not.

    What judge and people both see is one part of it, what the judge overlooks the other; each is
    a screened rate, and both lie over the scores in one shape: what a judge overlooks is taken to
    look to the screen like what it finds. The sure limits take a half of the error each.

    Args:
        score: as for `screened_rate`.
        wave: the same.
        hit: the same.
        position: of each label, the place of its rollout.
        truth: 0 or 1, what the label says.
        chance: with which the rollout, once judged, was to be checked; it may depend on its score.
            Of those that the judge flagged, 1.
        weight: as for `screened_rate`.
        rng: the same.
        level: the same.

    Raises:
        InsufficientData: as for `screened_rate`; or a flagged rollout has no label, or not one that
            was not flagged has.
        ValueError: as for `screened_rate`; or a label is neither 0 nor 1, or of a rollout that the
            judge did not grade, or a chance is not above 0 and at most 1.
    """
    rows = _rows(score, wave, hit, weight)
    size = len(rows.cut.band)
    place = cluster_codes(position, np.size(truth))
    label, share = np.full(size, np.nan), np.ones(size)
    label[place], share[place] = indicator(truth), np.asarray(chance, dtype=np.float64)
    if not np.all((share > 0) & (share <= 1)):
        raise ValueError("the chance of a label is above 0 and at most 1")
    asked = np.asarray(wave) >= 0
    label, share = label[asked], share[asked]
    checked, flagged, passed = np.isfinite(label), rows.hit == 1, rows.hit == 0
    if np.count_nonzero(checked) != len(place) or np.any(checked & ~rows.known):
        raise ValueError("a label belongs to one rollout that the judge graded")
    if np.any(flagged & ~checked) or not np.any(passed & checked):
        raise InsufficientData("people must read all that was flagged, and some of the rest")
    seen = rows._replace(hit=np.where(flagged, label, rows.hit))
    overlooked = np.where(passed, label, np.where(flagged, 0.0, np.nan))
    missed = rows._replace(hit=overlooked, chance=np.where(passed & checked, share, 1.0))
    ones, graded = np.ones(len(label)), rows.sums(np.ones(len(label)), rows.known)
    # A rollout shows a miss if the judge passes it and people check it: so many of a band could.
    of_passed = rows.sums(ones, passed)
    part = np.divide(
        rows.sums(ones, passed & checked), of_passed, out=np.zeros_like(graded), where=of_passed > 0
    )
    known = likely(
        rows.cut.share,
        Tally(rows.sums(np.nan_to_num(seen.hit), rows.known), graded),
        Tally(rows.sums(np.nan_to_num(missed.hit), missed.known), graded * part),
    )
    return _joined((seen, missed), known, rng=rng, level=level)


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
) -> Judged:
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
    return Judged(
        cut=cut,
        total=np.bincount(cut.band, w).astype(np.float64, copy=False),
        squares=np.bincount(cut.band, w * w).astype(np.float64, copy=False),
        band=cut.band[asked],
        weight=w[asked],
        wave=when[asked],
        hit=told,
        chance=np.ones(len(asked)),
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
    rate = sum(unbiased(part) for part in parts) / total
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
        sure_lower=min(rate, float(below)),
        sure_upper=max(rate, min(1.0, float(above))),
    )
