"""Bands of a screen's scores: the strata of a screened grading, and where positives may lie.

A screen puts rollouts in an order. Its scores need not be chances: only ranks count here.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.totals import Codes, Flags, Floats, some_weights

TOP = 50
"""Rollouts in the highest band; each next one is larger by half."""

_GROWTH = 1.5

THIN = 0.1
"""Share of a band's rollouts below which each that was read stands for many."""


class Bands(NamedTuple):
    """Rollouts from the highest scores (band 0) to the lowest."""

    band: Codes  # of each rollout
    size: Floats  # rollouts in each band
    share: Floats  # of all weight, in each band


class Shapes(NamedTuple):
    """Ways in which a behavior's sightings may lie over the bands, with their prior chance."""

    share: Floats  # shapes x bands: share of the sightings in each band
    seen: Floats  # of that, what the screen sees
    prior: Floats


def bands(score: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Bands:
    """Cut rollouts into bands by rank: fine at the top, where verdicts change fast, wide below.

    Equal scores share a band, so a rule's 1 and 0 make two.

    Args:
        score: for each rollout the screen's score, higher where the behavior is likelier.
        weight: for each rollout its inverse inclusion probability; None where all are equal. The
            cuts do not depend on it. With 0 a rollout has its place, and no share.

    Raises:
        InsufficientData: there is no rollout.
        ValueError: a score is no finite number, or a weight is not what it must be.

    >>> bands([0.9] * 60 + [0.1] * 40).size
    array([60., 40.])
    """
    s = np.asarray(score, dtype=np.float64)
    if s.ndim != 1 or not np.all(np.isfinite(s)):
        raise ValueError("scores are finite numbers, one for each rollout")
    if not len(s):
        raise InsufficientData("no rollout was screened")
    w = np.ones(len(s)) if weight is None else some_weights(weight, len(s))
    ordered = np.sort(s)
    ends = np.arange(1, np.ceil(np.log1p(len(s) / TOP * (_GROWTH - 1)) / np.log(_GROWTH)))
    above = np.floor(TOP * (_GROWTH**ends - 1) / (_GROWTH - 1)).astype(np.intp)
    last = ordered[len(s) - above[above < len(s)]]  # scores that bands end with
    # Where equal scores reach past that end they are a band by themselves.
    torn = last[ordered[len(s) - above[above < len(s)] - 1] == last]
    next_up = np.searchsorted(ordered, torn, side="right")
    lowest = np.unique(np.concatenate([last, ordered[next_up[next_up < len(s)]]]))
    _, band = np.unique(len(lowest) - np.searchsorted(lowest, s, side="right"), return_inverse=True)
    return Bands(
        band=band.astype(np.intp, copy=False),
        size=np.bincount(band).astype(np.float64),
        share=np.bincount(band, w) / w.sum(),
    )


def thinly_read(score: npt.ArrayLike, wave: npt.ArrayLike) -> Flags:
    """For each rollout whether its band of scores was read in part only, below `THIN`.

    Args:
        score: for each rollout the score that the last wave was drawn by.
        wave: for each rollout the wave that asked about it, from 0; below 0 for the others.

    Raises:
        InsufficientData: there is no rollout.
        ValueError: a score is no finite number.
    """
    cut = bands(score)
    read = np.bincount(cut.band[np.asarray(wave) >= 0], minlength=len(cut.size))
    return np.asarray((read < THIN * cut.size)[cut.band])


def shapes(share: Floats) -> Shapes:
    """The binormal family over these bands, and a part that the screen does not see at all.

    Ranked from the top and put on the normal scale, rollouts are standard normal; those that show
    the behavior are N(m, s^2) there, the binormal model of ROC curves (Hanley 1988), whatever the
    scores' own scale. m = 0 is a useless screen, m = 3.6 an area under the curve of .995. A part e
    of them is scored like any other rollout: what a screen misses without a pattern.

    The prior: m even from 0 to 5; s of 0.5, 1, 1.5 or 2; e by Beta(1/2, 6), of mean 1/13 and
    in one case of twenty above .28. Of e the calls say next to nothing, so its prior decides how
    wide the interval of a good screen is, and a screen that misses more than a quarter without a
    pattern is beyond it.
    """
    middle, spread, unseen = (each.ravel() for each in np.meshgrid(_M, _S, _E, indexing="ij"))
    edge = special.ndtri(np.clip(1 - np.cumsum(share), 0, 1))
    edge = np.concatenate([[np.inf], edge[:-1], [-np.inf]])
    above = special.ndtr((middle[:, None] - edge) / spread[:, None])
    seen = np.maximum(np.diff(above, axis=1), 0)
    seen *= (1 - unseen)[:, None]
    prior = np.tile(_E_PRIOR, len(_M) * len(_S))
    return Shapes(share=seen + unseen[:, None] * share, seen=seen, prior=prior / prior.sum())


_M = np.arange(0, 5.01, 0.25)
_S = np.array([0.5, 1.0, 1.5, 2.0])
_E_EDGES = np.array(
    (0, 0.005, 0.02, 0.04, 0.07, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.65, 0.8, 1)
)
_E = (_E_EDGES[1:] + _E_EDGES[:-1]) / 2
_E_PRIOR = np.diff(special.betainc(0.5, 6, _E_EDGES))
