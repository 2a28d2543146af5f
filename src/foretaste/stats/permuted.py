"""Permutation tests in closed form: whether what some units show goes with a higher value."""

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.totals import Floats

LEAST_UNITS = 4
"""Units that the third moment needs."""

_FLAT = 1e-4  # skew from which on a curve is the normal one, for all that numbers can tell


def goes_with(shown: npt.ArrayLike, value: npt.ArrayLike) -> Floats:
    """One-sided p-value of each row that units that show more of it have higher values.

    Pitman's permutation test of a correlation (1937): under the null every assignment of the
    values to the units is as likely. The first three moments of that distribution are exact and
    cost no draws; its tail is taken from the Pearson type III curve of the same moments (Mielke
    and Berry 2007, chapter 2), which follows the skew of rare marks among rare high scores, where a
    normal curve would give p-values that are too small by orders of magnitude. Skewed to the left
    that curve ends where sums still can come, so there the normal curve is taken: it is cautious.
    Where each unit shows it or not and values lie on a grid (0 and 1, say), half a step of the
    grid is taken off, as in Yates's correction: without it the p-value is half of what it must be.
    Values in two narrow humps are nearly a grid and get none: there 5 % can mean 8 %; from 1 % down
    the p-value is cautious.

    A row, or values, without variation tell nothing: 1.

    Args:
        shown: rows x units; each row is a mark, for each unit how much it shows of it.
        value: for each unit its value.

    Raises:
        InsufficientData: fewer than `LEAST_UNITS` units.
        ValueError: the arrays do not fit together, or hold what is no finite number.
    """
    x, y = np.asarray(shown, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[1:]:
        raise ValueError("a value for each unit, and rows x units of what they show")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("marks and values must be finite numbers")
    n = len(y)
    if n < LEAST_UNITS:
        raise InsufficientData(f"a permutation test needs at least {LEAST_UNITS} units")
    steps = np.diff(np.unique(y))
    step = np.where(
        ((x == 0) | (x == 1)).all(axis=1), steps.min(initial=np.inf) if len(steps) else 0.0, 0.0
    )
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean()
    spread = np.sqrt((x**2).sum(axis=1) * (y @ y))
    varied = spread > n * np.finfo(float).eps
    r = np.divide(x @ y - step / 2, spread, out=np.zeros(len(x)), where=varied)
    skew = _standard_skew(x) * _standard_skew(y[np.newaxis])[0]
    # Pitman's third moment of r, over its variance 1 / (n - 1) to the power of 1.5.
    skew *= (n - 2) / (n * np.sqrt(n - 1))
    return np.where(varied, _upper_tail(r * np.sqrt(n - 1), np.maximum(skew, 0.0)), 1.0)


def _standard_skew(centred: Floats) -> Floats:
    """Third k-statistic over the second to the power of 1.5 (Fisher 1929), for each row."""
    n = centred.shape[1]
    second = (centred**2).sum(axis=1) / (n - 1)
    third = n * (centred**3).sum(axis=1) / ((n - 1) * (n - 2))
    return np.asarray(np.divide(third, second**1.5, out=np.zeros_like(third), where=second > 0))


def _upper_tail(z: Floats, skew: Floats) -> Floats:
    """Chance that a standardised Pearson type III variable, skewed to the right, is at least z."""
    flat = skew < _FLAT
    shape = 4 / np.where(flat, 1.0, skew) ** 2
    place = np.maximum(shape + z * np.sqrt(shape), 0.0)
    return np.asarray(np.where(flat, special.ndtr(-z), special.gammaincc(shape, place)))
