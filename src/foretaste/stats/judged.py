"""What a judge said of screened rollouts, and what may be hidden among those it did not read.

The parts of `screened`: an estimate that is unbiased by design, draws of what may be hidden, and
limits that assume nothing of the screen.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from foretaste.stats.bands import Bands
from foretaste.stats.screening import Likely, Tally
from foretaste.stats.totals import Codes, Flags, Floats

DRAWS = 4_000


class Drawn(NamedTuple):
    """The bands that one wave was drawn from, where the screen changed between waves."""

    band: Codes  # of each rollout that the judge was asked about, in any wave
    total: Floats  # weight of all rollouts of each band


class Judged(NamedTuple):
    """The rollouts that the judge was asked about, as arrays of one length."""

    cut: Bands
    total: Floats  # weight of all rollouts of each band
    squares: Floats  # the same of squared weights
    band: Codes
    weight: Floats
    wave: Codes
    hit: Floats  # NaN where it is not known
    chance: Floats  # that it is known: below 1 where people check some
    drawn: tuple[Drawn, ...] = ()  # by wave; what is missing was drawn from `cut`
    stands: Floats | None = None  # for how much it tells of a band's unread; None: all alike

    @property
    def known(self) -> Flags:
        """Whether the hit is known."""
        return np.isfinite(self.hit)

    def sums(self, values: Floats, rows: Flags) -> Floats:
        """Each band's sum over those rows."""
        sums = np.bincount(self.band[rows], values[rows], len(self.total))
        return sums.astype(np.float64, copy=False)

    def left(self) -> tuple[Floats, Floats]:
        """Weight, and summed squared weights, of each band's rollouts whose hit is not known."""
        known = self.known
        return (
            _rest(self.total, self.sums(self.weight, known)),
            _rest(self.squares, self.sums(self.weight**2, known)),
        )

    def tally(self) -> Tally:
        """Sightings and graded rollouts of each band, as much as they tell of those not read.

        Where the screen learned, a band of the last scores holds rollouts that were read with many
        chances, and what is left of it is not like what was read. Each wave's are weighted to what
        is left, and count as many as their weights are worth (Kish 1965).
        """
        known = self.known
        worth = np.ones(len(self.hit))
        if self.stands is not None:
            cell = self.band * (int(self.wave.max()) + 1) + self.wave
            sums = np.bincount(cell[known], self.stands[known], cell.max() + 1)
            squares = np.bincount(cell[known], self.stands[known] ** 2, cell.max() + 1)
            per = np.divide(sums, squares, out=np.zeros_like(sums), where=squares > 0)
            open_ = self.left()[0] > 0
            worth = np.where(open_[self.band], self.stands * per[cell], 1.0)
        return Tally(self.sums(worth * np.nan_to_num(self.hit), known), self.sums(worth, known))

    def found(self) -> float:
        """Weight of the hits that are known."""
        known = self.known
        return float(self.weight[known] @ self.hit[known])


def unbiased(rows: Judged) -> float:
    """Weight of all hits: each wave's estimate, averaged by the calls made until its end.

    Of a wave: what was found before, and the means of its own bands expanded to what was left
    (Horvitz and Thompson 1952; over waves Des Raj 1956). A band's known rollouts stand for those
    that were asked in vain.
    """
    everything = np.ones(len(rows.hit), dtype=np.bool_)
    totals, calls = [], []
    for number in range(int(rows.wave.max()) + 1):
        if number < len(rows.drawn):
            own = rows.drawn[number]
            of_wave = rows._replace(band=own.band, total=own.total)
        else:
            of_wave = rows
        pooled = _means(of_wave, everything, np.zeros(len(of_wave.total)))
        before = rows.wave < number
        weight = of_wave.sums(rows.weight, before)
        seen = weight * _means(of_wave, before, pooled)
        unseen = _rest(of_wave.total, weight) * _means(of_wave, rows.wave == number, pooled)
        totals.append(float((seen + unseen).sum()))
        calls.append(np.count_nonzero(rows.wave <= number))
    return float(np.average(totals, weights=calls))


def _means(rows: Judged, among: Flags, otherwise: Floats) -> Floats:
    known = rows.known & among
    expanded = rows.weight / rows.chance
    seen = rows.sums(expanded, known)
    hits = rows.sums(expanded * np.nan_to_num(rows.hit), known)
    return np.divide(hits, seen, out=otherwise.copy(), where=seen > 0)


def sightings(
    rows: Judged, likely: Likely, tally: int, shape: Codes, rng: np.random.Generator
) -> Floats:
    """Draws of the weight of all hits: those found, and those that may be hidden.

    Args:
        rows: what is known.
        likely: the posterior.
        tally: which of the posterior's tallies these rows made.
        shape: for each draw the shape, as drawn by its chance.
        rng: draws the rate given the shape, and the hidden hits given the rate.
    """
    weight, squares = rows.left()
    rate = rng.standard_gamma(likely.found[tally] + 0.5, len(shape)) / likely.exposed[tally][shape]
    of_band = likely.shape.share[shape] / np.maximum(rows.cut.share, 1e-300) * rate[:, None]
    of_band = np.minimum(of_band, 1.0)
    mean = of_band @ weight
    # Counts of rollouts that stand for several: a scaled Poisson of the same variance.
    scale = np.divide(of_band @ squares, mean, out=np.ones(len(shape)), where=mean > 0)
    return np.asarray(rows.found() + scale * rng.poisson(mean / scale))


def sure_limits(rows: Judged, tail: float) -> Floats:
    """Limits of the weight of all hits, with nothing assumed of the screen.

    Known hits are certain; the bands' counts are expanded to the rest and take gamma quantiles, the
    upper one as though one more hit had come with the largest weight there is (Fay and Feuer 1997).
    """
    weight, _ = rows.left()
    told, read = rows.tally()
    open_ = weight > 0
    if np.any(read[open_] == 0):
        return np.array([rows.found(), rows.total.sum()])
    worth = weight[open_] / read[open_]
    count = told[open_]
    most = float(worth.max(initial=0))
    mean, variance = float(worth @ count), float(worth**2 @ count)
    below = _gamma(mean, variance, tail) if mean > 0 else 0.0
    above = _gamma(mean + most, variance + most**2, 1 - tail) if most > 0 else 0.0
    return np.array([rows.found() + below, rows.found() + above])


def _rest(whole: Floats, known: Floats) -> Floats:
    """What is left of each band; rounding leaves no crumbs."""
    return np.where(known < whole * (1 - 1e-12), whole - known, 0.0)


def _gamma(mean: float, variance: float, chance: float) -> float:
    return float(special.gammaincinv(mean**2 / variance, chance) * variance / mean)
