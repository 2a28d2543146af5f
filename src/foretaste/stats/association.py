"""Whether two things show on the same items, more often than chance would bring them together."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

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

    The p-value is the larger of two. Fisher's exact test takes items as independent, and holds
    where coincidences are few. The score test takes each cluster's sum of (x - mean x)(y - mean y)
    as one observation, so that one user's like turns count once; its ratio is held against t with
    the degrees of freedom of its variance, (sum of S^2)^2 / sum of S^4 (Satterthwaite 1946), since
    few clusters bring most of it. Marks that show less often together than by chance give 1.

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
    x, y = indicator(first).astype(np.float64), indicator(second).astype(np.float64)
    if x.shape != y.shape:
        raise ValueError(f"marks need two arrays of one length: {x.shape}, {y.shape}")
    codes = cluster_codes(cluster, len(x))
    both, ones, n = int(x @ y), int(x.sum()), len(x)
    clusters = len(np.unique(codes[(x * y) > 0]))
    if not 0 < ones < n or not y.any():
        return Coincidence(both, clusters, None, 1.0)
    elsewhere = int(y.sum()) - both
    rate, other = both / ones, elsewhere / (n - ones)
    lift = rate / other if other else np.inf
    if rate <= other:
        return Coincidence(both, clusters, lift, 1.0)
    exact = fisher_exact(elsewhere, n - ones, both, ones)
    sums = np.bincount(codes, (x - x.mean()) * (y - y.mean()))
    squares = sums**2
    freedom = squares.sum() ** 2 / (squares @ squares)
    clustered = float(special.stdtr(freedom, -sums.sum() / np.sqrt(squares.sum())))
    return Coincidence(both, clusters, float(lift), max(exact, clustered))
