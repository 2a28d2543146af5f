"""How much more one of two sources uses something, told against what is usual."""

import numpy as np
import numpy.typing as npt

from foretaste.stats.totals import Floats


def log_odds(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    totals: tuple[float, float],
    usual: npt.ArrayLike,
    strength: float = 1.0,
) -> Floats:
    """Log-odds ratio of the second source to the first with an informative prior, in its own SDs.

    Monroe, Colaresi and Quinn 2008, section 3.3.1, for one feature against all else: each count y
    of n gets the prior's a of a0, and its log-odds are log((y + a) / (n + a0 - y - a)). Their
    difference is divided by its standard deviation, the root of 1 / (y + a) + 1 / (n + a0 - y - a)
    summed over both sources (the paper leaves the second part out, as no word is said half the
    time; a turn's features are). It is a figure to order by, no test: it knows nothing of pairs or
    clusters.

    Args:
        first: count of each feature in the first source, (features,).
        second: the same in the second.
        totals: what the counts are of, in each: turns, or all words.
        usual: share of each feature in what is usual, above 0 and below 1, (features,).
        strength: a0, the turns or words that the prior is worth.

    Raises:
        ValueError: a count is negative or above its total, a share not between 0 and 1, or the
            strength not above 0.

    >>> log_odds([1.0], [9.0], (100, 100), [0.05], 20).round(3).tolist()
    [2.137]
    """
    share = np.asarray(usual, dtype=np.float64)
    if not (strength > 0 and np.all((share > 0) & (share < 1))):
        raise ValueError("a prior needs a strength above 0 and shares between 0 and 1")
    odds, spread = [], []
    for count, total in zip((first, second), totals, strict=True):
        y = np.asarray(count, dtype=np.float64)
        if not np.all((y >= 0) & (y <= total)):
            raise ValueError("a count lies between 0 and its total")
        shown = y + strength * share
        odds.append(np.log(shown) - np.log(total + strength - shown))
        spread.append(1 / shown + 1 / (total + strength - shown))
    return np.asarray((odds[1] - odds[0]) / np.sqrt(spread[0] + spread[1]))
