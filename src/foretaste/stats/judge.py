"""The rate behind a judge's verdicts, once people have checked some of them (method.md 11.2).

`rogan_gladen`: the judge's sensitivity and specificity are known from labelled items of elsewhere.
`two_phase`: people check some of the flagged and some of the unflagged items of this very sample;
`labels.two_phase_items` does the same with any known chances of being checked. For rare behaviors
take a two-phase design, as `rogan_gladen` would need the specificity to a few in 100,000.

Each lane is corrected with labels of its own: a judge's error may differ between models, and
cancels in a ratio only where it does not.
"""

from math import hypot, sqrt
from typing import NamedTuple

import numpy as np

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import Interval, checked, jeffreys, normal_quantile

Counted = tuple[float, float]
"""k of n; both may be fractional, deflated for clusters and weights."""


class RoganGladen(NamedTuple):
    """A flag rate corrected by the judge's known errors."""

    rate: float
    lower: float
    upper: float
    flag_rate: float
    sensitivity: float  # flagged share of the labelled items that show the behavior
    specificity: float  # unflagged share of those that do not


class TwoPhase(NamedTuple):
    """A rate from verdicts of which people checked a part."""

    rate: float
    lower: float
    upper: float | None  # None where no unflagged item was checked: misses are unbounded
    flag_rate: float
    precision: float | None  # share of the flagged that do show it; None where none was checked
    omission: float | None  # share of the unflagged that do show it; None where none was checked

    @property
    def lower_estimate(self) -> bool:
        """Whether only the flagged side was checked: corrected for precision, not for misses."""
        return self.upper is None


class Accuracy(NamedTuple):
    """How often a judge is right, of what shows the behavior and of what does not."""

    sensitivity: float  # flagged share of what shows it
    sensitivity_range: Interval
    specificity: float  # unflagged share of what does not
    specificity_range: Interval


def rogan_gladen(
    flagged: Counted, sensitivity: Counted, specificity: Counted, level: float = 0.95
) -> RoganGladen:
    """Rate from the flag rate p: (p + Sp - 1) / (Se + Sp - 1), held to 0..1.

    Rogan and Gladen 1978; the interval is that of Lang and Reiczigel 2014, which adds a success and
    a failure to each labelled side, as Lee et al. (arXiv 2511.21140) use it for judge models. It
    takes the judge to err here as it did on the labelled items. Where it hardly tells present from
    absent, the interval is rightly close to 0..1.

    Args:
        flagged: flagged of judged items.
        sensitivity: flagged of the labelled items that show the behavior.
        specificity: unflagged of the labelled items that do not.
        level: of the interval.

    Raises:
        InsufficientData: an n is not above 0, or the judge is no better than a coin: Se + Sp <= 1.
        ValueError: a k is not between 0 and its n, or `level` not between 0 and 1.

    >>> found = rogan_gladen((60, 500), (45, 50), (190, 200))
    >>> [round(value, 3) for value in found[:3]]
    [0.082, 0.032, 0.132]
    """
    z = normal_quantile(level)
    (k, n), (hits, m1), (passes, m0) = (checked(*p) for p in (flagged, sensitivity, specificity))
    skill = hits / m1 + passes / m0 - 1
    p, se, sp = (k + z * z / 2) / (n + z * z), (hits + 1) / (m1 + 2), (passes + 1) / (m0 + 2)
    if not (skill > 0 and se + sp > 1):
        raise InsufficientData("a judge that is no better than a coin says nothing of the rate")
    theta = (p + sp - 1) / (se + sp - 1)
    miss, alarm = se * (1 - se) / (m1 + 2), sp * (1 - sp) / (m0 + 2)
    shift = 2 * z * z * (theta * miss - (1 - theta) * alarm)
    spread = p * (1 - p) / (n + z * z) + (1 - theta) ** 2 * alarm + theta**2 * miss
    half = z * sqrt(spread) / (se + sp - 1)
    # With few labels the added ones can move the interval off the rate, which belongs into it.
    rate = _share((k / n + passes / m0 - 1) / skill)
    return RoganGladen(
        rate=rate,
        lower=min(rate, _share(theta + shift - half)),
        upper=max(rate, _share(theta + shift + half)),
        flag_rate=k / n,
        sensitivity=hits / m1,
        specificity=passes / m0,
    )


def two_phase(
    flagged: Counted, confirmed: Counted, missed: Counted | None = None, level: float = 0.95
) -> TwoPhase:
    """Rate from a flag rate w and simple random checks: w * precision + (1 - w) * omission.

    The interval puts the Jeffreys intervals of the three shares together, each side for itself:
    their distances from the estimate, times how much the rate moves with the share, add up as
    squares (MOVER: Zou and Donner 2008). So it keeps their skewness, which the variance formula
    of method.md 11.2 loses; a sum of posteriors would cover less where there are no misses.
    In simulations 95 % intervals covered 94 % to 98 %.

    Without `missed` the result is a lower estimate: precision-corrected, misses unknown, no upper
    limit. Its lower limit holds whatever was missed.

    Args:
        flagged: flagged of judged items.
        confirmed: of the flagged items that people checked, those that do show the behavior;
            (0, 0) where nothing was flagged.
        missed: of the unflagged items that people checked, those that do show it; None where none
            was checked.
        level: of the interval.

    Raises:
        InsufficientData: nothing was judged, or none was checked of the flagged items there are.
        ValueError: a k is not between 0 and its n, or `level` not between 0 and 1.

    >>> found = two_phase((200, 200_000), (85, 100), (0, 2_000))
    >>> [round(value * 100_000) for value in found[:3]]
    [85, 71, 211]
    """
    k, n = checked(*flagged)
    share, among = k / n, jeffreys(k, n, level)
    right = _checks(confirmed, share, level)
    wrong = _checks(missed, 1 - share, level) if missed is not None else _Side(0.0, 0.0, 0.0)
    rate = share * (right.value or 0.0) + (1 - share) * (wrong.value or 0.0)
    below = _reach(share, among, right.mirrored, wrong.mirrored)
    above = _reach(share, among, right, wrong)
    return TwoPhase(
        rate=rate,
        lower=_share(rate - below),
        upper=None if missed is None else _share(rate + above),
        flag_rate=share,
        precision=right.value,
        omission=None if missed is None else wrong.value,
    )


def accuracy(
    flag_rate: float,
    confirmed: Counted,
    missed: Counted,
    *,
    rng: np.random.Generator,
    draws: int = 20_000,
    level: float = 0.95,
) -> Accuracy:
    """Sensitivity and specificity from people's checks on both sides (method.md 11.2).

    With the flag rate w, the flagged share c that shows the behavior and the unflagged share m that
    does, the sensitivity is w c / (w c + (1 - w) m). The limits are quantiles over Beta posteriors
    of c and m (Jeffreys' prior), so that a side on which nobody erred is still not known to be
    right: where few unflagged items were checked, a rare behavior's sensitivity is hardly known.

    Args:
        flag_rate: share of the judged items that were flagged.
        confirmed: of the flagged items that people checked, those that do show the behavior; may be
            deflated for clusters and weights.
        missed: the same of the unflagged.
        rng: source of all randomness.
        draws: from the posteriors.
        level: of the intervals.

    Raises:
        InsufficientData: a side was not checked, or the checks show the behavior never or always.
        ValueError: a k is not between 0 and its n, or `flag_rate` or `level` not between 0 and 1.

    >>> found = accuracy(0.5, (45, 50), (5, 50), rng=np.random.default_rng(1))
    >>> round(found.sensitivity, 3), round(found.specificity, 3)
    (0.9, 0.9)
    """
    tail = (1 - level) / 2
    normal_quantile(level)  # refuses a level that is none
    (k, n), (m, u) = checked(*confirmed), checked(*missed)
    w, _ = checked(flag_rate, 1.0)
    if not 0 < w * k / n + (1 - w) * m / u < 1:
        raise InsufficientData("the checked items show the behavior never, or always")
    right = np.append(rng.beta(k + 0.5, n - k + 0.5, draws), k / n)
    wrong = np.append(rng.beta(m + 0.5, u - m + 0.5, draws), m / u)
    found = w * right / (w * right + (1 - w) * wrong)
    passed = (1 - w) * (1 - wrong) / ((1 - w) * (1 - wrong) + w * (1 - right))
    (se, sp), ranges = (
        (float(each[-1]) for each in (found, passed)),
        [np.quantile(each[:-1], (tail, 1 - tail)) for each in (found, passed)],
    )
    first, second = (
        Interval(min(value, float(low)), max(value, float(high)))
        for value, (low, high) in zip((se, sp), ranges, strict=True)
    )
    return Accuracy(se, first, sp, second)


class _Side(NamedTuple):
    """Share of the flagged, or of the unflagged, that show the behavior."""

    value: float | None  # None: there is no such item to check
    lower: float
    upper: float

    @property
    def mirrored(self) -> "_Side":
        """Share of them that do not."""
        value = None if self.value is None else 1 - self.value
        return _Side(value, 1 - self.upper, 1 - self.lower)


def _checks(found: Counted, share: float, level: float) -> _Side:
    k, n = found
    if n == 0 and share == 0:
        return _Side(None, 0.0, 1.0)
    k, n = checked(k, n)
    return _Side(k / n, *jeffreys(k, n, level))


def _reach(share: float, among: Interval, right: _Side, wrong: _Side) -> float:
    """How far the upper limit lies above the rate."""
    # A side without items is taken at its worst, should there be some after all.
    one = right.upper if right.value is None else right.value
    other = wrong.upper if wrong.value is None else wrong.value
    slope = one - other
    step = among.upper - share if slope > 0 else share - among.lower
    return hypot(
        share * max(0.0, right.upper - one),
        (1 - share) * max(0.0, wrong.upper - other),
        slope * max(0.0, step),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
