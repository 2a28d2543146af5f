"""Draws that look more often where something is likely, with known probabilities."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.stats.totals import Codes, Floats, cluster_codes

REST = 0
"""Stratum in which nothing in particular is expected."""


class Draw(NamedTuple):
    """Items drawn, and with which probability each of them was."""

    place: Codes  # ascending
    chance: Floats  # above 0 and at most 1


def oversample(stratum: npt.ArrayLike, size: int, *, rng: np.random.Generator) -> Draw:
    """Draw half of the items from stratum `REST` and half from the others, alike from each.

    A stratified draw of fixed sizes without replacement (Cochran 1977, chapter 5). What a stratum
    is too small for goes to the others, so that an item's chance, n / N of its stratum, is above 0
    in each: weighted by its inverse, the draw stands for all items.

    Args:
        stratum: for each item its stratum's code, a non-negative integer; `REST` is 0.
        size: items to draw; all of them where there are no more.
        rng: draws.

    Raises:
        ValueError: there are more strata than items to draw, or a code is negative.

    >>> oversample([0] * 8 + [1] * 2, 4, rng=np.random.default_rng(1)).chance.tolist()
    [0.25, 0.25, 1.0, 1.0]
    """
    if not np.size(stratum):
        return Draw(np.zeros(0, dtype=np.intp), np.zeros(0))
    codes = cluster_codes(stratum, np.size(stratum))
    held = np.bincount(codes)
    kinds = np.flatnonzero(held)
    if size < len(kinds):
        raise ValueError(f"{size} items cannot be drawn from {len(kinds)} strata")
    others = max(1, int(np.count_nonzero(kinds != REST)))
    wanted = np.full(len(held), 0.5 / others)
    wanted[REST] = 0.5
    taken = np.zeros(len(held), dtype=np.intp)
    for _ in range(min(size, len(codes))):
        # One at a time to whom lacks most of its share: each stratum gets its first early.
        behind = np.where(taken < held, taken / wanted, np.inf)
        taken[int(np.argmin(behind))] += 1
    place = np.sort(
        np.concatenate(
            [rng.permutation(np.flatnonzero(codes == kind))[: taken[kind]] for kind in kinds]
        )
    )
    return Draw(place, taken[codes[place]] / held[codes[place]])
