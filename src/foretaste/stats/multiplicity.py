"""Many tests at once."""

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p: Sequence[float | None]) -> list[float | None]:
    """The q-value of each p-value: the false discovery rate at which it would be rejected.

    Benjamini and Hochberg 1995, as adjusted p-values. None (a test that could not be made) passes
    through and does not count among the tests.

    Raises:
        ValueError: a p-value is not between 0 and 1.

    >>> benjamini_hochberg([0.01, None, 0.04, 0.03])
    [0.03, None, 0.04, 0.04]
    """
    made = np.array([value for value in p if value is not None], dtype=np.float64)
    if not np.all((made >= 0) & (made <= 1)):
        raise ValueError("a p-value lies between 0 and 1")
    falling = np.argsort(made)[::-1]
    scaled = made[falling] * len(made) / np.arange(len(made), 0, -1)
    q = np.empty_like(made)
    q[falling] = np.minimum.accumulate(scaled)
    adjusted = iter(q.tolist())
    return [None if value is None else next(adjusted) for value in p]
