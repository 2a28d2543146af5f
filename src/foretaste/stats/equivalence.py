"""Whether a share is near enough to a target: shown by rejecting that it is not.

Not to reject equality shows nothing: with few pairs nothing is ever rejected. So the roles are
turned round, and the burden of proof is on being equal within a stated margin.
"""

from math import ceil, sqrt
from typing import NamedTuple

from scipy import special

from foretaste.stats.proportion import checked, normal_quantile


class Equivalence(NamedTuple):
    """Two one-sided tests of a share against target - margin and target + margin."""

    p_below: float  # that the share is at or below the lower bound
    p_above: float  # that it is at or above the upper bound
    equivalent: bool  # both are rejected

    @property
    def p_value(self) -> float:
        """The larger of the two."""
        return max(self.p_below, self.p_above)


def equivalence(
    k: float, n: float, *, margin: float, target: float = 0.5, level: float = 0.05
) -> Equivalence:
    """Two one-sided score tests that k of n lies within the margin around the target.

    Schuirmann 1987, with the score statistic at each bound b, (k/n - b) / sqrt(b (1 - b) / n)
    (method.md 11.9). Both reject at `level` just where Wilson's interval of confidence 1 - 2 *
    level lies within the bounds. k and n may be fractional: counts deflated for clusters. It is a
    little liberal where n is small and the bounds are near 0 or 1.

    Raises:
        InsufficientData: n is not above 0.
        ValueError: k is not between 0 and n, the bounds are not within 0 and 1, or `level` is not
            between 0 and 0.5.

    >>> [equivalence(n / 2, n, margin=0.05).equivalent for n in (100, 1_000)]
    [False, True]
    """
    k, n = checked(k, n)
    low, high = _bounds(target, margin)
    _tail(level)

    def score(bound: float) -> float:
        return (k / n - bound) / sqrt(bound * (1 - bound) / n)

    below, above = float(special.ndtr(-score(low))), float(special.ndtr(score(high)))
    return Equivalence(below, above, max(below, above) < level)


def pairs_needed(
    margin: float, *, target: float = 0.5, power: float = 0.9, level: float = 0.05
) -> int:
    """Pairs for that power to show equivalence, where the share is the target itself.

    (z_{1-a} + z_{(1+power)/2})^2 t (1 - t) / margin^2, rounded up (method.md 11.9; Chow, Shao and
    Wang 2008, section 4.1): both tests must reject, so each may miss in half of what is left.

    Raises:
        ValueError: the bounds are not within 0 and 1, `level` is not between 0 and 0.5, or `power`
            not between 0 and 1.

    >>> pairs_needed(0.05)
    1083
    """
    _bounds(target, margin)
    reach = _tail(level) + normal_quantile(power)
    return ceil(reach**2 * target * (1 - target) / margin**2)


def _bounds(target: float, margin: float) -> tuple[float, float]:
    low, high = target - margin, target + margin
    if not (margin > 0 and low > 0 and high < 1):
        raise ValueError(f"{target} +/- {margin} does not lie within 0 and 1")
    return low, high


def _tail(level: float) -> float:
    """The z of a one-sided test."""
    if not 0 < level < 0.5:
        raise ValueError(f"the level of a one-sided test lies between 0 and 0.5, not {level}")
    return normal_quantile(1 - 2 * level)
