"""Per-cluster sums: all that the variance and the bootstrap of a rate need of the turns.

A million turns of many behaviors are gone through once; what follows works on a number a cluster.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


class ClusterTotals(NamedTuple):
    """Summed weights, a row a behavior and a column a cluster. Unweighted, they are counts."""

    hit: Floats  # of the turns that show the behavior
    seen: Floats  # of its graded turns; one row for all behaviors where every turn is graded
    turns: Codes  # graded turns of each behavior
    simple_n: Floats  # for each behavior Kish's n of the turns' weights; unweighted, its turns

    def of(self, behavior: int) -> tuple[Floats, Floats]:
        """One behavior's rows of `hit` and `seen`."""
        return self.hit[behavior], self.seen[behavior if len(self.seen) > 1 else 0]

    def telling(self, behavior: int) -> int:
        """Clusters with a hit, or those with a non-hit, whichever are fewer."""
        hit, seen = self.of(behavior)
        return int(min(np.count_nonzero(hit), np.count_nonzero(hit < seen)))


def cluster_totals(
    hit: npt.ArrayLike,
    cluster: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    graded: npt.ArrayLike | None = None,
) -> ClusterTotals:
    """Per-cluster sums of many behaviors, or of one behavior in many lanes.

    Args:
        hit: turns x behaviors, 0 or 1; what stands where a turn is not graded is passed over.
            Quickest as booleans or small integers with each behavior in one piece of memory, such
            as `np.array(columns).T`.
        cluster: for each turn its cluster's code, a non-negative integer; codes that are not used
            do no harm but cost memory.
        weight: for each turn its inverse inclusion probability; None where all are equal.
        graded: turns x behaviors, whether the grader could say; None where it always could.

    Raises:
        ValueError: the arrays do not fit together, a hit is neither 0 nor 1, or a weight or a code
            is not what it must be.

    >>> cluster_totals([[1, 0], [1, 1], [0, 0]], [0, 0, 1]).hit
    array([[2., 0.],
           [1., 0.]])
    """
    y = np.asarray(hit)
    if y.ndim != 2:
        raise ValueError("hits must be turns x behaviors")
    mask = None if graded is None else np.asarray(graded)
    if mask is not None and (mask.shape != y.shape or mask.dtype != np.bool_):
        raise ValueError("graded must be true or false, for each turn and behavior")
    codes = cluster_codes(cluster, len(y))
    w = None if weight is None else positive_weights(weight, len(y))
    clusters = int(codes.max(initial=-1)) + 1
    sums = np.empty((y.shape[1], clusters))
    seen = np.empty((1 if mask is None else y.shape[1], clusters))
    turns = np.full(y.shape[1], len(y), dtype=np.intp)
    squares = np.empty(y.shape[1])
    if mask is None:
        seen[0], squares[:] = _by_cluster(codes, w, clusters)
    for behavior in range(y.shape[1]):
        known = None if mask is None else np.flatnonzero(mask[:, behavior])
        column = y[:, behavior] if known is None else y[known, behavior]
        shown = np.flatnonzero(indicator(column))
        if known is not None:
            turns[behavior] = len(known)
            seen[behavior], squares[behavior] = _by_cluster(codes, w, clusters, known)
            shown = known[shown]
        sums[behavior], _ = _by_cluster(codes, w, clusters, shown)
    total = np.broadcast_to(seen.sum(axis=1), squares.shape)
    simple_n = np.divide(total**2, squares, out=np.zeros_like(squares), where=squares > 0)
    return ClusterTotals(sums, seen, turns, simple_n)


def indicator(values: npt.ArrayLike) -> Flags:
    """An array of 0 and 1 as booleans.

    Raises:
        ValueError: it holds anything else, or has not one dimension.
    """
    y = np.asarray(values)
    if y.dtype != np.bool_:
        shown = y == 1
        # Written so that NaN fails too: an ungraded turn must be left out, not counted as a miss.
        if not np.all(shown | (y == 0)):
            raise ValueError("hits must be 0 or 1, one for each turn; leave ungraded turns out")
        y = shown
    if y.ndim != 1:
        raise ValueError("hits must be 0 or 1, one for each turn, in one dimension")
    return y


def cluster_codes(cluster: npt.ArrayLike, length: int) -> Codes:
    """Cluster codes as an array.

    Raises:
        ValueError: not `length` non-negative integers.
    """
    codes = np.asarray(cluster)
    if codes.shape != (length,) or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"{length} items need as many integer cluster codes")
    if length and codes.min() < 0:
        raise ValueError("a cluster code is negative")
    return codes.astype(np.intp, copy=False)


def positive_weights(weight: npt.ArrayLike, length: int) -> Floats:
    """Weights as an array.

    Raises:
        ValueError: not `length` positive, finite numbers.
    """
    w = np.asarray(weight, dtype=np.float64)
    if w.shape != (length,) or not np.all((w > 0) & np.isfinite(w)):
        raise ValueError("weights must be positive and finite, one for each turn")
    return w


def some_weights(weight: npt.ArrayLike, length: int) -> Floats:
    """Weights as an array, of which some may be 0: those turns count for nothing.

    Raises:
        ValueError: not `length` finite numbers of 0 or more, or all are 0.
    """
    w = np.asarray(weight, dtype=np.float64)
    if w.shape != (length,) or not np.all((w >= 0) & np.isfinite(w)) or not np.any(w):
        raise ValueError("weights are finite and not below 0, one for each turn, and not all 0")
    return w


def _by_cluster(
    codes: Codes, w: Floats | None, clusters: int, rows: Codes | slice = slice(None)
) -> tuple[Floats, float]:
    """Each cluster's summed weights in those rows, and the sum of the squared weights."""
    chosen = None if w is None else w[rows]
    sums = np.bincount(codes[rows], chosen, clusters).astype(np.float64, copy=False)
    return sums, float(sums.sum() if chosen is None else chosen @ chosen)
