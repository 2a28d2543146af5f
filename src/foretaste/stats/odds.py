"""How clearly the odds of one lane differ from another's, with a prior that calms rare features."""

from math import log, sqrt

PRIOR = 10.0
"""Turns that the prior counts for."""


def log_odds(before: float, after: float, n: float, usual: float, prior: float = PRIOR) -> float:
    """Log of the odds ratio, after over before, in its own standard deviations.

    Monroe, Colaresi and Quinn 2008, equations 15, 16, 19 and 22, with turns that show a feature in
    the place of words: to each lane's counts are added those of `prior` turns at the usual rate. It
    takes turns as independent, and lanes too: for ranking, not for testing.

    Args:
        before: turns of the first lane that show the feature.
        after: those of the second.
        n: turns of each lane.
        usual: share of turns, of both lanes anywhere, that show it.
        prior: turns that the prior counts for.

    Raises:
        ValueError: a count is negative or above n, or the usual rate not above 0 and below 1.

    >>> round(log_odds(10, 30, 100, 0.2), 2)
    3.57
    """
    if not (min(before, after) >= 0 and max(before, after) <= n and 0 < usual < 1):
        raise ValueError(f"no odds of {before} and {after} in {n}, usually {usual}")
    first, second = before + prior * usual, after + prior * usual
    total = n + prior
    ratio = log(second / (total - second)) - log(first / (total - first))
    return ratio / sqrt(1 / first + 1 / second)
