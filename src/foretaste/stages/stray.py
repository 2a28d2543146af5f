"""Whether a new model strays from the record by more than the old model strays from itself."""

from collections.abc import Sequence

import numpy as np

from foretaste.pairs import Noise, SideBySide
from foretaste.stats.typical import shift

SLIGHT = 0.05
"""Difference of two distances, from 0 to 1, below which nobody would say that one is larger."""

_SEED = 0  # of drawn subsets: the same turns always give the same numbers


def stray(pairs: Sequence[SideBySide]) -> Noise | None:
    """Mean distances from the record of new answers and of the old model's replays, compared.

    Only turns that both answered count. They come in clusters: by user where there are several,
    else by conversation. `larger` is True where the interval lies above 0, False where it lies
    below `SLIGHT`, and None where it does neither: below six clusters it never does.
    """
    both = [pair for pair in pairs if pair.distance is not None and pair.own is not None]
    if not both:
        return None
    new = np.array([pair.distance for pair in both], dtype=np.float64)
    own = np.array([pair.own for pair in both], dtype=np.float64)
    users = [pair.prefix.user for pair in both]
    if len(set(users)) == 1:
        users = [pair.prefix.parent for pair in both]
    codes = np.unique(users, return_inverse=True)[1]
    found = shift(new - own, codes, np.random.default_rng(_SEED))
    lower, upper = max(-1.0, found.lower), min(1.0, found.upper)
    larger = True if lower > 0 else False if upper < SLIGHT else None
    return Noise(
        pairs=len(both),
        new=float(new.mean()),
        own=float(own.mean()),
        lower=lower,
        upper=upper,
        p=found.p,
        larger=larger,
    )
