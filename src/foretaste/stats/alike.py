"""Sets that are nearly the same, found among many."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

_SKETCH = 512  # members of a set that are compared
_ODD = np.uint64(0xD6E8FEB86659FD93)


def groups_of_alike(sets: Sequence[Keys], least: float = 0.8) -> list[list[int]]:
    """Put each set with the first one before it that it is nearly equal to.

    Likeness is Jaccard's index (1901), members of both over members of either. It is exact up to
    512 members; of larger sets those 512 are compared whose hashes are smallest, the same ones
    wherever they are members (Broder 1997), which finds it to within a few hundredths.

    Args:
        sets: members of each, without repetition.
        least: Jaccard's index from which on two are alike.

    Returns:
        Groups of places in `sets`, the leader of each first, in order of the leaders.
    """
    sketches = [_sketch(each) for each in sets]
    sizes = np.array([len(each) for each in sketches])
    if not sizes.sum():
        return [[place] for place in range(len(sets))]
    _, column = np.unique(np.concatenate(sketches), return_inverse=True)
    row = np.repeat(np.arange(len(sets)), sizes)
    holders = np.split(row[np.argsort(column, kind="stable")], np.cumsum(np.bincount(column))[:-1])
    own = np.split(column, np.cumsum(sizes)[:-1])
    full = np.array([len(each) for each in sets])
    led: list[list[int]] = []
    taken = np.zeros(len(sets), dtype=np.bool_)
    for leader in range(len(sets)):
        if taken[leader]:
            continue
        if not sizes[leader]:
            led.append([leader])
            continue
        shared = np.bincount(
            np.concatenate([holders[member] for member in own[leader]]), minlength=len(sets)
        )
        alike = shared >= least * (sizes[leader] + sizes - shared)
        # No index is above the ratio of the sizes.
        alike &= (full >= least * full[leader]) & (full[leader] >= least * full)
        alike &= ~taken & (np.arange(len(sets)) > leader)
        taken |= alike
        led.append([leader, *np.flatnonzero(alike).tolist()])
    return led


def _sketch(members: Keys) -> Keys:
    hashed = (members + np.uint64(1)) * _ODD
    hashed = (hashed ^ (hashed >> np.uint64(32))) * _ODD
    return np.sort(hashed)[:_SKETCH]
