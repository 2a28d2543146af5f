"""Planted screens and judges, and a screened grading of them."""

from typing import NamedTuple

import numpy as np

from foretaste.stats.bands import bands, thinly_read
from foretaste.stats.screening import WAVES, Tally, draw_wave, next_wave
from foretaste.stats.totals import Codes, Flags, Floats


class World(NamedTuple):
    """Rollouts: what is true, what the judge says of each, and how the screen scores it."""

    truth: Flags
    judge: Flags
    score: Floats


def world(
    rng: np.random.Generator,
    *,
    rollouts: int = 300_000,
    rate: float = 50e-5,
    better: float = 3.643,  # of those that show it, in standard deviations: an AUC of .995
    unseen: float = 0.0,  # share of them that the screen scores like any other
    sensitivity: float = 0.85,
    specificity: float = 0.9999,
) -> World:
    """A judge whose errors have nothing to do with the screen's."""
    truth = rng.random(rollouts) < rate
    seen = truth & (rng.random(rollouts) >= unseen)
    score = rng.standard_normal(rollouts) + better * seen
    judge = rng.random(rollouts) < np.where(truth, sensitivity, 1 - specificity)
    return World(truth, judge, score)


def graded(rng: np.random.Generator, planted: World, calls: int = 3_000) -> Codes:
    """The wave that asked about each rollout."""
    cut = bands(planted.score)
    length = len(cut.size)
    draw = rng.random(len(planted.score))
    wave = np.full(len(draw), -1)
    for number, share in enumerate(WAVES):
        asked = wave >= 0
        read = np.bincount(cut.band[asked], minlength=length).astype(np.float64)
        found = np.bincount(cut.band[asked & planted.judge], minlength=length).astype(np.float64)
        last = number == len(WAVES) - 1
        many = calls - int(asked.sum()) if last else round(calls * share)
        wanted = next_wave(cut, Tally(found, read), read, many)
        wave[draw_wave(cut, draw, asked, wanted)] = number
    return wave


def checked(
    rng: np.random.Generator, planted: World, wave: Codes, labels: int = 300
) -> tuple[Floats, Floats]:
    """What people say of some rollouts, NaN of the others, and each one's chance of being read.

    Drawn as `stages.queue` draws of a screened behavior.
    """
    read = wave >= 0
    thin = thinly_read(planted.score, wave)
    flagged = np.flatnonzero(read & planted.judge)
    many = min(len(flagged), labels * 3 // 4)
    half = (labels - many) // 2
    high, low = (np.flatnonzero(read & ~planted.judge & side) for side in (~thin, thin))
    few = max(min(half, len(low)), labels - many - len(high))
    truth, chance = np.full(len(wave), np.nan), np.ones(len(wave))
    for rows, size in ((flagged, many), (high, labels - many - few), (low, few)):
        chosen = rng.permutation(rows)[:size]
        truth[chosen] = planted.truth[chosen]
        chance[rows] = size / max(1, len(rows))
    return truth, chance
