"""Sets that are nearly the same, found among many."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

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
    ones = np.ones(len(column), dtype=np.int32)
    shape = (len(sets), int(column.max()) + 1)
    table = sparse.csr_array((ones, (row, column)), shape)
    common = (table @ table.T).tocsr()
    full = np.array([len(each) for each in sets])
    led: dict[int, list[int]] = {}
    taken = np.zeros(len(sets), dtype=np.bool_)
    for leader in range(len(sets)):
        if taken[leader]:
            continue
        piece = slice(common.indptr[leader], common.indptr[leader + 1])
        others, shared = common.indices[piece], common.data[piece]
        alike = shared >= least * (sizes[leader] + sizes[others] - shared)
        # No index is above the ratio of the sizes.
        alike &= full[others] >= least * full[leader]
        alike &= full[leader] >= least * full[others]
        group = others[alike & ~taken[others] & (others > leader)]
        taken[group] = True
        led[leader] = [leader, *sorted(group.tolist())]
    return list(led.values())


def _sketch(members: Keys) -> Keys:
    hashed = (members + np.uint64(1)) * _ODD
    hashed = (hashed ^ (hashed >> np.uint64(32))) * _ODD
    return np.sort(hashed)[:_SKETCH]
