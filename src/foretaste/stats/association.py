"""Whether two things show on the same items, more often than chance would bring them together."""

from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.stats.totals import cluster_codes, indicator
from foretaste.stats.unpaired import fisher_exact


class Coincidence(NamedTuple):
    """How much oftener the second shows where the first does."""

    both: int  # items that show both
    clusters: int  # that hold such items
    lift: float | None  # share of the second among items with the first, over that elsewhere
    p_value: float


def coincidence(first: npt.ArrayLike, second: npt.ArrayLike, cluster: npt.ArrayLike) -> Coincidence:
    """Test that two marks of clustered items are independent, against their showing together.

    Fisher's exact test on a table in which each cluster counts once in each of the four cells in
    which it has an item: one user's like turns prove no more than one of them. Clusters with many
    items lose most of those without any mark, so the test errs on the side of saying nothing.
    Marks that show less often together than by chance give 1.

    Args:
        first: 0 or 1 for each item.
        second: 0 or 1 for each item.
        cluster: for each item its cluster's code, a non-negative integer.

    Returns:
        The lift is None where one of the marks shows nowhere, or the first everywhere, and
        infinite where the second shows only with the first.

    Raises:
        ValueError: the arrays differ in length, a mark is neither 0 nor 1, or a code is negative.
    """
    x, y = indicator(first), indicator(second)
    if x.shape != y.shape:
        raise ValueError(f"marks need two arrays of one length: {x.shape}, {y.shape}")
    codes = cluster_codes(cluster, len(x))
    both, ones, n = int((x & y).sum()), int(x.sum()), len(x)
    clusters = len(np.unique(codes[(x & y) == 1]))
    if not 0 < ones < n or not y.any():
        return Coincidence(both, clusters, None, 1.0)
    elsewhere = int(y.sum()) - both
    rate, other = both / ones, elsewhere / (n - ones)
    lift = rate / other if other else inf
    if rate <= other:
        return Coincidence(both, clusters, lift, 1.0)
    cells = [len(np.unique(codes[(x == a) & (y == b)])) for a in (1, 0) for b in (1, 0)]
    p_value = fisher_exact(cells[2], cells[2] + cells[3], cells[0], cells[0] + cells[1])
    return Coincidence(both, clusters, lift, p_value)
