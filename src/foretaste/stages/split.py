"""Split a forecast's error, once the candidate's own conversations can be replayed too."""

from collections.abc import Iterable
from statistics import median

from foretaste.findings import Estimate
from foretaste.forecasts import Counts, Factor, Split, SplitError
from foretaste.records import Lane
from foretaste.stats.ratio import smoothed_ratio
from foretaste.stats.scoring import noise_error, ratio_error


def split(before: Iterable[Estimate], released: Iterable[Estimate]) -> Split:
    """Where the bare replay's error came from: users who changed, or a replay that errs.

    With X the released candidate and Y the incumbent whose conversations were replayed before,
    ln[r(X->Y)/r(X)] = ln[r(X->Y)/r(X->X)] + ln[r(X->X)/r(X)] (method.md 9.1): prefix shift and
    environment fidelity. Rates are Jeffreys-smoothed, so that the sum holds exactly. What is split
    is the error of the direct forecast; other methods mend a part of it.

    Args:
        before: of the sealed run; its candidate lane is X on Y's prefixes.
        released: of the later log's prefixes; recorded is X's production, candidate X replayed.
    """
    ours = {each.behavior: each for each in before if each.lane is Lane.CANDIDATE}
    theirs = {(each.behavior, each.lane): each for each in released}
    found = tuple(
        _split(ours[name], theirs.get((name, Lane.CANDIDATE)), theirs[name, Lane.RECORDED])
        for name in ours
        if (name, Lane.RECORDED) in theirs
    )
    known = [each for each in found if each.sightings and each.shift and each.fidelity]
    whole = [each.whole for each in known if each.whole]
    shift = [each.shift for each in known if each.shift]
    fidelity = [each.fidelity for each in known if each.fidelity]
    replayed = [each for each in theirs.values() if each.lane is Lane.CANDIDATE]
    turns = max((each.graded + each.ungraded + each.missing for each in replayed), default=0)
    least = min((each.missing for each in replayed), default=0)
    return Split(
        behaviors=found,
        turns=turns,
        answered=turns - least,
        seen=len(known),
        whole=_median(each.error for each in whole),
        shift=_median(each.error for each in shift),
        fidelity=_median(each.error for each in fidelity),
        whole_noise=_median(each.noise for each in whole),
        shift_noise=_median(each.noise for each in shift),
        fidelity_noise=_median(each.noise for each in fidelity),
    )


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return median(known) if known else None


def _split(ours: Estimate, replayed: Estimate | None, production: Estimate) -> SplitError:
    foretold, real = ours.counts, production.counts
    again = replayed.counts if replayed is not None else (0.0, 0.0)
    return SplitError(
        behavior=ours.behavior,
        whole=_factor(foretold, real),
        shift=_factor(foretold, again),
        fidelity=_factor(again, real),
        sightings=ours.present + production.present + (replayed.present if replayed else 0),
    )


def _factor(first: Counts, second: Counts) -> Factor | None:
    """The ratio of two rates; None where one lane has nothing graded."""
    if not (first[1] > 0 and second[1] > 0):
        return None
    found = smoothed_ratio(*first, *second)
    return Factor(
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        error=ratio_error(found.value, 1.0),
        noise=noise_error(*first, *second),
    )
