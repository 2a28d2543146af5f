"""What a clean audit proves, and how much of what happens it has not seen yet."""

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import detection_floor, normal_quantile


class Unseen(NamedTuple):
    """How much of what happens is of kinds that were never seen."""

    share: float
    upper: float  # one-sided
    kinds: int  # seen
    sightings: int


def novelty_bound(
    n: float,
    sightings: int = 10,
    kinds: int = 10,
    sensitivity: float = 1.0,
    level: float = 0.95,
) -> float:
    """Rate that no novel behavior exceeds, if an audit of n turns noticed none.

    The smallest p with P(Binomial(n, p) <= sightings - 1) <= (1 - level) / kinds, over the
    sensitivity of the judge that brings turns to the auditor: the published threshold of 1 in
    35,000 comes out (method.md 6.3; the reconstruction is ours). The claim depends on its
    arguments: that a kind is noticed once it was brought `sightings` times, that at most `kinds`
    novel kinds exist (Bonferroni), and that traffic stays as it is.

    Args:
        n: turns audited; may be fractional, deflated for clusters.
        sightings: of one kind, at which the auditor notices it.
        kinds: novel kinds that there are at most.
        sensitivity: share of a novel kind's turns that the judge flags.
        level: chance that all of them would have been noticed.

    Raises:
        InsufficientData: the bound is not below 1, as n is too small.
        ValueError: `sightings` or `kinds` is below 1, or `sensitivity` or `level` no share.

    >>> round(novelty_bound(700_000) * 1e5, 3)
    2.857
    """
    if kinds < 1 or not 0 < sensitivity <= 1:
        raise ValueError(f"no bound for {kinds} kinds at a sensitivity of {sensitivity}")
    normal_quantile(level)
    bound = detection_floor(n, sightings, 1 - (1 - level) / kinds) / sensitivity
    if not bound < 1:
        raise InsufficientData(f"{n} turns bound no rate at a sensitivity of {sensitivity}")
    return bound


def unseen_share(counts: Iterable[int], level: float = 0.95) -> Unseen:
    """Share of what happens that is of kinds never seen: kinds seen once, over sightings.

    Good 1953, after Turing. The variance is Esty's (1983), f1 (1 - f1/n) + 2 f2 over n^2, with f1
    kinds seen once and f2 twice; its first part is taken at the limit itself, as in Wilson's
    interval, so that a sample in which everything came back still leaves room for more. In
    simulations the one-sided 95 % limit lay above the true share in 94 % or more of the samples.
    Sightings count once a user: they must be independent.

    Args:
        counts: sightings of each kind; kinds with none do no harm.
        level: of the one-sided upper limit.

    Raises:
        InsufficientData: there are no sightings.
        ValueError: a count is negative, or `level` not between 1/2 and 1.

    >>> found = unseen_share([9, 4, 1, 1, 1])
    >>> round(found.share, 4)
    0.1875
    """
    seen = [count for count in counts if count]
    if any(count < 0 for count in seen):
        raise ValueError("a count of sightings is negative")
    if not seen:
        raise InsufficientData("what was never seen cannot be judged from no sightings")
    n, once, twice = sum(seen), seen.count(1), seen.count(2)
    share = once / n
    h = normal_quantile(2 * level - 1) ** 2 / n
    # (share - u)^2 = h (u (1 - u) + 2 f2 / n), solved for its larger root.
    middle = share + h / 2
    room = middle**2 - (1 + h) * (share**2 - 2 * h * twice / n)
    upper = (middle + sqrt(room)) / (1 + h)
    return Unseen(share, min(1.0, max(share, upper)), len(seen), n)
