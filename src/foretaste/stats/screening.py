"""Which rollouts a judge is asked about, where a cheap screen has scored all of them.

Calls go in waves. A wave draws a fixed number from each band of scores, of those not asked yet, by
a random number that each rollout keeps. Given what came before, that is a stratified random
sample; so what each wave says is unbiased, however the next one is steered by it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.stats.bands import Bands, Shapes, shapes
from foretaste.stats.totals import Codes, Floats

WAVES = (0.3, 0.3, 0.4)
"""Shares of the calls. The first waves learn where sightings lie, the last spends on it."""

EVERYWHERE = 0.25
"""Share of a wave's calls that follow the bands' sizes, whatever was learned."""


class Tally(NamedTuple):
    """What is known of each band."""

    found: Floats  # sightings
    exposure: Floats  # graded rollouts; where a part of them could be known, that part


class Likely(NamedTuple):
    """What a tally, or several of one shape, say of where sightings lie."""

    shape: Shapes
    chance: Floats  # of each shape
    exposed: tuple[Floats, ...]  # for each tally and shape, what its rate is multiplied by
    found: tuple[float, ...]  # sightings of each tally


def likely(share: Floats, *tallies: Tally) -> Likely:
    """Posterior chance of each shape.

    A band with the share g of the sightings and the share m of the weight has the rate r g / m. For
    a rare behavior counts are Poisson, and with Jeffreys' prior r given the shape is a Gamma of
    sightings + 1/2 and the exposure sum(n g / m); so r is integrated out. How rollouts were
    chosen does not enter: the choice depended on scores and verdicts only, which are all here.
    """
    shape = shapes(share)
    relative = shape.share / np.maximum(share, 1e-300)
    log = np.log(shape.prior)
    with np.errstate(divide="ignore"):
        log_relative = np.log(relative)
    exposed = []
    for found, exposure in tallies:
        seen = found > 0
        sums = np.maximum(relative @ exposure, 1e-300)
        log = log + log_relative[:, seen] @ found[seen]
        log = log - (found.sum() + 0.5) * np.log(sums)
        exposed.append(sums)
    chance = np.exp(log - log.max())
    return Likely(
        shape, chance / chance.sum(), tuple(exposed), tuple(float(t.found.sum()) for t in tallies)
    )


def next_wave(cut: Bands, tally: Tally, asked: Floats, calls: int) -> Codes:
    """How many rollouts of each band to ask about next: integers that sum to `calls`.

    A quarter follows the bands' sizes, whatever was learned; and a band with anything left gets
    two, or what it has, so that no part of the traffic is taken on trust. The rest goes where
    sightings are expected, in proportion to them, down to reading all of a band. Neyman's square
    root of the rate (1934) would spread calls for the variance of an expanded sum; but what is
    found is certain, and what makes the interval wide is what may be left.

    Args:
        cut: the bands.
        tally: what the judge said so far; zeros before the first wave.
        asked: rollouts asked already, in each band.
        calls: of this wave. Fewer come back where fewer rollouts are left.
    """
    left = cut.size - asked
    calls = int(min(calls, left.sum()))
    known = likely(cut.share, tally)
    worth = known.chance / known.exposed[0]
    expected = left * ((worth / worth.max()) @ known.shape.seen) / cut.size
    least = np.minimum(left, 2.0)
    taken = least if least.sum() <= calls else np.zeros(len(left))
    for part, size in ((EVERYWHERE, left), (1.0, expected)):
        taken = taken + _filled(size, left - taken, min(part * calls, calls - taken.sum()))
    return _rounded(taken, left, calls)


def _filled(size: Floats, room: Floats, calls: float) -> Floats:
    """Split calls in proportion to size; what does not fit goes to the others."""
    given = np.zeros(len(size))
    open_ = room > 0
    while calls > 1e-9 and np.any(open_):
        part = np.where(open_, size, 0.0)
        if not part.sum() > 0:
            part = np.where(open_, room - given, 0.0)
        step = np.minimum(calls * part / part.sum(), room - given)
        given += step
        calls -= float(step.sum())
        before, open_ = open_, room - given > 1e-9
        if np.array_equal(before, open_):
            break
    return given


def _rounded(taken: Floats, left: Floats, calls: int) -> Codes:
    """Largest remainders, held to what is left."""
    whole = np.floor(taken + 1e-9)
    rest = np.where(whole < left, taken - whole, -1.0)
    for place in np.argsort(-rest, kind="stable"):
        if whole.sum() >= calls:
            break
        whole[place] = min(whole[place] + 1, left[place])
    return np.asarray(whole, dtype=np.intp)


def draw_wave(cut: Bands, draw: npt.ArrayLike, asked: npt.ArrayLike, wanted: Codes) -> Codes:
    """The rollouts that a wave asks about: in each band those with the smallest random numbers.

    Args:
        cut: the bands.
        draw: for each rollout the random number that it keeps, even from 0 to 1.
        asked: for each rollout whether it was asked already.
        wanted: for each band how many.
    """
    number = np.asarray(draw, dtype=np.float64)
    open_ = np.flatnonzero(~np.asarray(asked, dtype=np.bool_))
    open_ = open_[np.argsort(cut.band[open_].astype(np.int16), kind="stable")]
    ends = np.cumsum(np.bincount(cut.band[open_], minlength=len(wanted)))
    parts = np.split(open_, ends[:-1])
    return np.concatenate(
        [
            part[np.argsort(number[part], kind="stable")[:many]]
            for part, many in zip(parts, wanted, strict=True)
        ]
    )
