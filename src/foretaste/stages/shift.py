"""Weigh prefixes so that they stand for other traffic than they were drawn from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from foretaste.columns import Floats
from foretaste.errors import PlanError, UnknownName
from foretaste.findings import TargetShare, TrafficShift
from foretaste.records import Prefix
from foretaste.stats.shift import classifier_weights
from foretaste.stats.survey import poststratify
from foretaste.traits import describe, tag_of, traits

NOT_COVERED = 0.03
"""Share of the target traffic unlike all that was sampled from which forecasts carry a warning."""

# A shift is seen where the AUC is further from 0.5 than its luck in one fold of five: over the five
# that is about two standard deviations. Without any shift that came in none of 24 samples of 60 to
# 1,000 turns; nothing is weighted then.
_SURE = 1.0
_HIGHEST = 10.0  # weight, against the mean, at which one is cut
_PENALTY = 10.0  # of standardised features: at 200 turns 1 overshoots a shift of one tag
_FEW = 0.5  # of the turns as they were drawn: with less left, the weights cost much
_SMALLEST = 20  # turns of a stratum that stands alone
_NAMED = 3  # values that a warning names


class Shifted(NamedTuple):
    """Weights, and what they rest on."""

    weight: Floats  # for each prefix, beside its inverse probability; 0 where it does not count
    finding: TrafficShift

    @property
    def warning(self) -> str:
        """What every forecast has to say: empty where the sample covers the target."""
        return self.finding.warnings[0] if self.finding.uncovered > NOT_COVERED else ""


def shift_to_shares(
    prefixes: Iterable[Prefix], *, by: Sequence[str], shares: Mapping[str, float]
) -> Shifted:
    """Give every stratum its share of the target traffic (method.md 11.7, post-stratification).

    Turns of a stratum without a share are left out. A share of a stratum that no turn is of
    cannot be weighted up: it is `uncovered`.

    Args:
        prefixes: the run's.
        by: names of tags, whose values joined by " / " name a stratum; `language` is found in the
            text where no tag says it.
        shares: share of each stratum in the target; they sum to 1.

    Raises:
        UnknownName: no prefix has such a tag.
        PlanError: a share is of a stratum that no turn is of, while turns of others have no share.
    """
    strata: list[str] = []
    base: list[float] = []
    tags: set[str] = {"language"}
    for prefix in prefixes:
        strata.append(" / ".join(tag_of(prefix.messages, prefix.tags, name) for name in by))
        base.append(1 / prefix.probability)
        tags |= prefix.tags.keys()
    for name in by:
        if name not in tags:
            raise UnknownName("tag", name, tags, "forecast.traffic.by")
    weight = np.array(base)
    _refuse_misspelt(set(strata), shares, by)
    names = list(shares)
    code = np.array([names.index(each) if shares.get(each) else -1 for each in strata])
    counts = code >= 0
    found = poststratify(
        code[counts],
        {number: shares[name] for number, name in enumerate(names)},
        weight=weight[counts],
        smallest=_SMALLEST,
    )
    whole = np.zeros(len(weight))
    whole[counts] = found.weight / weight[counts]
    merged = tuple(sorted(names[each] for each in found.merged))
    left_out = int((~counts).sum())
    missing = [name for name in names if shares[name] and name not in strata]
    finding = TrafficShift(
        source=f"shares by {' and '.join(by)}",
        strata=_mix(strata, weight, shares),
        newer=None,
        fingerprint="",
        turns=int(counts.sum()),
        left_out=left_out,
        drawn_n=_kish(weight),
        effective_n=_kish(found.weight),
        clipped=0.0,
        auc=None,
        auc_by_luck=None,
        uncovered=found.uncovered,
        merged=merged,
        lost={},
        warnings=(),
    )
    return _warned(
        whole,
        finding,
        _unlike(found.uncovered, [f"{name} ({100 * shares[name]:.0f} %)" for name in missing]),
        _merging(merged),
        _leaving_out(left_out, len(strata), sorted(set(strata) - {n for n in names if shares[n]})),
    )


def shift_to_sample(
    prefixes: Iterable[Prefix],
    newer: Iterable[Prefix],
    *,
    name: str,
    fingerprint: str,
    lost: Mapping[str, int],
    rng: np.random.Generator,
) -> Shifted:
    """Weigh by the odds of a classifier that tells newer prefixes from the run's (method.md 11.7).

    Where it tells them apart no better than luck would, no turn is weighted: weights learned from
    noise would only cost turns.

    Args:
        prefixes: the run's.
        newer: of the target traffic, drawn alike: each with the same probability.
        name: of the newer log.
        fingerprint: of the newer log's content.
        lost: conversations of the newer log that could not be used, by reason.
        rng: deals turns to the classifier's folds.

    Raises:
        InsufficientData: fewer prefixes, in either, than the classifier has folds.
    """
    base: list[float] = []
    own = []
    for prefix in prefixes:
        own.append(traits(prefix))
        base.append(1 / prefix.probability)
    told = describe(own, map(traits, newer))
    weight = np.array(base)
    found = classifier_weights(
        told.source,
        told.target,
        rng=rng,
        weight=weight,
        penalty=_PENALTY,
        multiple=_HIGHEST,
    )
    auc, luck = found.auc or 0.5, found.auc_by_luck or 0.0
    is_shift = auc > 0.5 + _SURE * luck
    ratio = found.weight if is_shift else np.ones(len(weight))
    # Two views of the same: new in all it shows together, and new in one word alone.
    uncovered = max(found.uncovered or 0.0, told.unlike)
    finding = TrafficShift(
        source=name,
        strata=(),
        newer=len(told.target),
        fingerprint=fingerprint,
        turns=len(weight),
        left_out=0,
        drawn_n=_kish(weight),
        effective_n=_kish(weight * ratio),
        clipped=found.clipped if is_shift else 0.0,
        auc=found.auc,
        auc_by_luck=found.auc_by_luck,
        uncovered=uncovered,
        merged=(),
        lost=dict(lost),
        warnings=(),
    )
    strange = sorted(told.strange.items(), key=lambda item: -item[1])
    return _warned(
        ratio,
        finding,
        _unlike(finding.uncovered, [f"{value} ({100 * share:.0f} %)" for value, share in strange]),
        _apart(told.apart),
    )


def _refuse_misspelt(held: set[str], shares: Mapping[str, float], by: Sequence[str]) -> None:
    """A share of nothing, beside turns without a share, is one name written in two ways."""
    unknown = [name for name in shares if name not in held]
    spare = sorted(held - shares.keys())
    if not held & {name for name in shares if shares[name]}:
        raise PlanError(
            f"forecast.traffic.shares: no sampled turn has one of these values of "
            f"{' and '.join(by)}; those that were sampled: {', '.join(sorted(held)[:20])}"
        )
    if unknown and spare:
        raise PlanError(
            f"forecast.traffic.shares: no sampled turn has {unknown[0]!r}, while turns with "
            f"{', '.join(spare[:20])} have no share; did you mean one of these? If not, give each "
            f"of these a share of 0 to leave its turns out, like `{spare[0]}: 0`"
        )


def _mix(
    strata: Sequence[str], weight: Floats, shares: Mapping[str, float]
) -> tuple[TargetShare, ...]:
    drawn: Counter[str] = Counter()
    for name, each in zip(strata, weight.tolist(), strict=True):
        drawn[name] += each
    total = float(weight.sum())
    return tuple(
        TargetShare(stratum=name, sampled=drawn[name] / total, target=share)
        for name, share in shares.items()
    )


def _kish(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight @ weight))


def _warned(weight: Floats, finding: TrafficShift, *warnings: str) -> Shifted:
    said = [*warnings, _costly(finding)]
    return Shifted(weight, replace(finding, warnings=tuple(each for each in said if each)))


def _unlike(uncovered: float, values: Sequence[str]) -> str:
    if uncovered <= NOT_COVERED:
        return ""
    named = f", such as {', '.join(values[:_NAMED])}" if values else ""
    return (
        f"About {100 * uncovered:.0f} % of the traffic that is forecast is unlike all that was "
        f"sampled{named}; the forecasts are for the rest of it."
    )


def _merging(merged: Sequence[str]) -> str:
    if not merged:
        return ""
    return (
        f"Merged, as one of them has fewer than {_SMALLEST} turns: {', '.join(merged)}. Together "
        "they have their share; among themselves they keep the sample's."
    )


def _leaving_out(left_out: int, turns: int, names: Sequence[str]) -> str:
    if not left_out:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{left_out:,} of {turns:,} sampled turns have no share in the target and do not count "
        f"towards the forecasts: {', '.join(names[:_NAMED])}{more}."
    )


def _apart(tags: Sequence[str]) -> str:
    if not tags:
        return ""
    return f"The two logs have no value in common of {', '.join(tags)}, which was not compared."


def _costly(finding: TrafficShift) -> str:
    if finding.effective_n >= _FEW * finding.drawn_n:
        return ""
    return (
        f"The weights leave {finding.effective_n:,.0f} of {finding.drawn_n:,.0f} effective turns: "
        "a few turns speak for many."
    )
