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
    """The rollouts that the judge was asked about, as arrays of one length.

    A hit is known where the judge gave a verdict; or, of what people have to say, where the verdict
    leaves no hit possible, and where they labelled it.
    """

    cut: Bands
    total: Floats  # weight of all rollouts of each band
    squares: Floats  # the same of squared weights
    band: Codes
    weight: Floats
    wave: Codes
    hit: Floats  # NaN where it is not known
    graded: Flags  # by the judge
    open: Flags  # of the graded, those that may be hits, as far as the verdict goes
    chance: Floats  # of a graded one, that its hit is known: below 1 where people check some
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

    def unread(self) -> tuple[Floats, Floats]:
        """Weight, and summed squared weights, of each band's rollouts without a verdict."""
        return (
            _rest(self.total, self.sums(self.weight, self.graded)),
            _rest(self.squares, self.sums(self.weight**2, self.graded)),
        )

    def left(self) -> tuple[Floats, Floats]:
        """The same of all whose hit is not known, as so many graded ones.

        One that was judged and not checked may be a hit more likely than others of its band: it
        counts as all graded ones of the band over those that may be hits.
        """
        weight, squares = self.unread()
        waiting = self.open & ~self.known
        more = _over(self.sums(self.worth(), self.graded), self.sums(self.worth(), self.open), 0.0)
        return (
            weight + more * self.sums(self.weight, waiting),
            squares + more * self.sums(self.weight**2, waiting),
        )

    def worth(self) -> Floats:
        """How much each rollout tells of those of its band that were not read.

        Where the screen learned, a band of the last scores holds rollouts that were read with many
        chances, and what is left of it is not like what was read. Each wave's are weighted to what
        is left, and count as many as their weights are worth (Kish 1965).
        """
        worth = np.ones(len(self.hit))
        if self.stands is not None:
            of = self.graded
            cell = self.band * (int(self.wave.max()) + 1) + self.wave
            sums = np.bincount(cell[of], self.stands[of], cell.max() + 1)
            squares = np.bincount(cell[of], self.stands[of] ** 2, cell.max() + 1)
            per = np.divide(sums, squares, out=np.zeros(len(sums)), where=squares > 0)
            worth = np.where(self.unread()[0][self.band] > 0, self.stands * per[cell], 1.0)
        return worth

    def tally(self) -> Tally:
        """Sightings and graded rollouts of each band, as much as they tell of those not read.

        Where people check a part of what may be hits, so large a part of the graded counts.
        """
        worth, known = self.worth(), self.known
        checked, whole = worth[self.open & known].sum(), worth[self.open].sum()
        part = _over(
            self.sums(worth, self.open & known),
            self.sums(worth, self.open),
            checked / whole if whole else 1.0,
        )
        return Tally(
            self.sums(worth * np.nan_to_num(self.hit), known),
            self.sums(worth, self.graded) * part,
        )

    def found(self) -> float:
        """Weight of the hits that are known."""
        known = self.known
        return float(self.weight[known] @ self.hit[known])


def unbiased(rows: Judged) -> float:
    """Weight of all hits: what each known one stands for, over its chance of being known.

    Where people check some of what a judge read, that is the two-phase expansion estimator: the
    chance of being judged times that of being checked (Särndal, Swensson and Wretman 1992, 9.3).
    """
    known = rows.known
    return float((standing(rows)[known] / rows.chance[known]) @ rows.hit[known])


def standing(rows: Judged) -> Floats:
    """Weight of the rollouts that each graded one stands for, itself included; 0 for the others.

    Each wave has its own estimate, and they are averaged by the calls made until its end. Of a
    wave: what was read before, and what was left, for which its own bands' graded rollouts stand
    (Horvitz and Thompson 1952; over waves Des Raj 1956). A band's graded rollouts stand for those
    that were asked in vain.
    """
    totals, calls = [], []
    for number in range(int(rows.wave.max()) + 1):
        if number < len(rows.drawn):
            own = rows.drawn[number]
            of_wave = rows._replace(band=own.band, total=own.total)
        else:
            of_wave = rows
        before, now = rows.graded & (rows.wave < number), rows.graded & (rows.wave == number)
        weight = of_wave.sums(rows.weight, rows.wave < number)
        unseen = _rest(of_wave.total, weight)
        nobody = np.zeros(len(weight))
        each = np.zeros(len(rows.hit))
        for mass, among in ((weight, before), (unseen, now)):
            seen = of_wave.sums(rows.weight, among)
            each += np.where(among, _over(mass, seen, 0.0)[of_wave.band], 0.0)
            nobody += np.where(seen > 0, 0.0, mass)  # all that were graded there stand for these
        all_ = _over(nobody, of_wave.sums(rows.weight, rows.graded), 0.0)
        totals.append(each + np.where(rows.graded, all_[of_wave.band], 0.0))
        calls.append(np.count_nonzero(rows.wave <= number))
    return np.asarray(rows.weight * np.average(totals, axis=0, weights=calls))


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

    Known hits are certain; beyond itself each stands for its part of the unread, and of what was
    read and not checked. Such counts take gamma quantiles, the upper one as though one more hit had
    come with the largest weight there is (Fay and Feuer 1997).
    """
    unread, _ = rows.unread()
    worth, known = rows.worth(), rows.known
    read = rows.sums(worth, rows.graded)
    if np.any(read[unread > 0] == 0):
        return np.array([rows.found(), rows.total.sum()])
    each = _over(unread, read, 0.0)
    beyond = rows.weight * (1 / rows.chance - 1) + each[rows.band] / rows.chance
    # Of a band where no verdict left a hit open, one more would have had the lowest chance.
    none = np.bincount(rows.band[rows.open], minlength=len(each)) == 0
    lowest = float(rows.chance[rows.open].min(initial=1.0))
    most = float(beyond[rows.open].max(initial=(each[none] / lowest).max(initial=0.0)))
    count = worth[known] * rows.hit[known]
    mean, variance = float(beyond[known] @ count), float(beyond[known] ** 2 @ count)
    below = _gamma(mean, variance, tail) if mean > 0 else 0.0
    above = _gamma(mean + most, variance + most**2, 1 - tail) if most > 0 else 0.0
    return np.array([rows.found() + below, rows.found() + above])


def _over(part: Floats, whole: Floats, otherwise: float) -> Floats:
    found: Floats = np.full(len(part), otherwise)
    return np.divide(part, whole, out=found, where=whole > 0)


def _rest(whole: Floats, known: Floats) -> Floats:
    """What is left of each band; rounding leaves no crumbs."""
    return np.where(known < whole * (1 - 1e-12), whole - known, 0.0)


def _gamma(mean: float, variance: float, chance: float) -> float:
    return float(special.gammaincinv(mean**2 / variance, chance) * variance / mean)
