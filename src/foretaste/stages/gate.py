"""Hold forecasts against the plan's limits: release, hold, or not enough evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from foretaste.columns import Pairs
from foretaste.findings import Decision, Estimate, Limit, LimitRuling, Reading, Ruling
from foretaste.records import Lane
from foretaste.stats.clusters import PairTable
from foretaste.stats.paired import paired_ratio
from foretaste.stats.proportion import clopper_pearson, jeffreys_rate
from foretaste.stats.unpaired import rate_ratio

PER = 100_000
MAX_UNKNOWN = 0.05


class _Reading(NamedTuple):
    """A number in a limit's unit, with its 95 % interval."""

    value: float
    lower: float
    upper: float


class _Found(NamedTuple):
    """What a lane's answers say of a limit."""

    unknown: float  # largest share of answers that are ungraded or missing
    best: _Reading  # if all of these spoke for the candidate
    seen: _Reading  # of the graded ones
    worst: _Reading  # if all of these spoke against it


def gate(
    estimates: Iterable[Estimate],
    limits: Iterable[Limit],
    *,
    pairs: Iterable[Pairs] = (),
    judged: frozenset[str] = frozenset(),
    doubts: Sequence[str] = (),
    max_unknown: float = MAX_UNKNOWN,
) -> Decision | None:
    """Decide; None where there are no limits.

    A limit is kept when the upper end of the 95 % interval is within it, broken when the lower end
    is beyond it, whatever the ungraded and missing answers would have shown: they may be missing
    because of it (the worst-case bounds of Manski 1989). Anything else is not enough evidence, and
    so is an unknown share above `max_unknown`. The worst ruling decides.

    Args:
        estimates: of all lanes.
        limits: what the plan allows.
        pairs: incumbent and candidate on the same prefixes; an increase of a behavior without
            them takes the lanes as unpaired, which is too wide.
        judged: behaviors that a model decides.
        doubts: why no number of this run can release anything.
        max_unknown: largest weighted share of answers that may be ungraded or missing.
    """
    found = {(each.behavior, each.lane): each for each in estimates}
    tables = {each.behavior: each for each in pairs}
    seen = {each.behavior for each in found.values() if each.present}
    rulings = []
    for limit in limits:
        ruling = _rule(
            limit,
            found.get((limit.behavior, Lane.CANDIDATE)),
            found.get((limit.behavior, Lane.INCUMBENT)),
            tables.get(limit.behavior),
            max_unknown,
        )
        if ruling.ruling is Ruling.RELEASE:
            if doubts:
                ruling = replace(ruling, ruling=Ruling.NOT_ENOUGH_EVIDENCE, reason=doubts[0])
            elif limit.behavior in judged - seen:
                found_none = "the judge found it in no lane, and nothing shows that it could"
                ruling = replace(ruling, reason=f"{ruling.reason}; {found_none}")
        rulings.append(ruling)
    if not rulings:
        return None
    return Decision(ruling=worst(rulings), rulings=tuple(rulings))


def worst(rulings: Iterable[LimitRuling]) -> Ruling:
    """The ruling that decides: a hold before not enough evidence before a release."""
    found = {each.ruling for each in rulings}
    return next(
        (each for each in (Ruling.HOLD, Ruling.NOT_ENOUGH_EVIDENCE) if each in found),
        Ruling.RELEASE,
    )


def _rule(
    limit: Limit,
    candidate: Estimate | None,
    incumbent: Estimate | None,
    pairs: Pairs | None,
    max_unknown: float,
) -> LimitRuling:
    if candidate is None or candidate.rate is None:
        return _unclear(limit, "no answer of the candidate could be graded")
    share = _unknown(candidate)
    after = _extremes(candidate)
    if limit.per_100k is not None:
        found = _Found(share, *(_per_100k(*each) for each in after))
        return _hold_against(limit, limit.per_100k, found, max_unknown)
    if limit.increase is None or incumbent is None or incumbent.rate is None:
        return _unclear(limit, "no incumbent lane to compare with")
    if not (incumbent.rate or candidate.rate):
        return _unclear(limit, "neither lane showed it once")
    share = max(share, _unknown(incumbent))
    if pairs is not None:
        tables = (pairs.best, pairs.seen, pairs.worst)
        if any(table is None or not sum(table.counts) for table in tables):
            return _unclear(limit, "no prefix that shows it was graded in both lanes")
        found = _Found(share, *(_paired(table) for table in tables if table is not None))
    else:
        before = reversed(_extremes(incumbent))  # the more it shows, the smaller the ratio
        found = _Found(share, *(_ratio(*pair) for pair in zip(before, after, strict=True)))
    return _hold_against(limit, limit.increase, found, max_unknown)


def _extremes(estimate: Estimate) -> tuple[tuple[float, float], ...]:
    """Rate and effective n: had no unknown turn shown it, of graded turns, had every one."""
    return (
        (estimate.least or 0.0, estimate.least_n),
        (estimate.rate or 0.0, estimate.effective_n),
        (estimate.most or 0.0, estimate.most_n),
    )


def _unknown(estimate: Estimate) -> float:
    """Weighted share of a lane's prefixes of which nothing is known."""
    return (estimate.most or 0.0) - (estimate.least or 0.0)


def _hold_against(limit: Limit, most: float, found: _Found, max_unknown: float) -> LimitRuling:
    """Rule on a limit that allows so much."""
    share, best, seen, worst = found

    def ruled(ruling: Ruling, value: float, reason: str) -> LimitRuling:
        return LimitRuling(
            limit=limit,
            ruling=ruling,
            value=_known(value),
            reason=reason,
            graded=Reading(seen.value, seen.lower, _known(seen.upper)),
        )

    lower = min(best.lower, seen.lower)
    if limit.decide_on == "upper":
        broken = lower > most
        known, shown = seen.upper, max(seen.upper, worst.upper)
    else:
        broken = min(best.value, seen.value) > most
        known, shown = seen.value, max(seen.value, worst.value)
    if broken:
        reason = f"{_said(seen.value)}, at least {_said(lower)}, against {_said(most)}"
        return ruled(Ruling.HOLD, known, reason)
    if share > max_unknown:
        reason = f"{share:.1%} of the answers are ungraded or missing"
        return ruled(Ruling.NOT_ENOUGH_EVIDENCE, shown, reason)
    if shown <= most:
        upper = max(seen.upper, worst.upper)
        reason = f"{_said(seen.value)}, at most {_said(upper)}, within {_said(most)}"
        return ruled(Ruling.RELEASE, shown, reason)
    reason = f"{_said(seen.value)}, but it may be up to {_said(shown)}, beyond {_said(most)}"
    if known <= most:
        reason += f", if the {share:.2%} that is ungraded or missing speaks against it"
    return ruled(Ruling.NOT_ENOUGH_EVIDENCE, shown, reason)


def _said(value: float) -> str:
    if value == inf:
        return "any number"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _unclear(limit: Limit, reason: str) -> LimitRuling:
    return LimitRuling(limit=limit, ruling=Ruling.NOT_ENOUGH_EVIDENCE, value=None, reason=reason)


def _known(value: float) -> float | None:
    return None if value == inf else value


def _per_100k(rate: float, n: float) -> _Reading:
    interval = clopper_pearson(rate * n, n)
    return _Reading(rate * PER, interval.lower * PER, interval.upper * PER)


def _paired(table: PairTable) -> _Reading:
    """Ratio of two rates on the same prefixes, with its 95 % interval."""
    before, after = table.counts
    interval = paired_ratio(table.both, table.only_before, table.only_after)
    return _Reading((after + 0.5) / (before + 0.5), interval.lower, interval.upper)


def _ratio(before: tuple[float, float], after: tuple[float, float]) -> _Reading:
    """Ratio of two rates with its exact 95 % interval given all sightings (method.md 11.4).

    It takes the lanes as unpaired, which makes it too wide: for a screened behavior, of whose
    lanes the judge read other prefixes.

    Args:
        before: the incumbent's rate and effective n.
        after: the candidate's.
    """
    first, second = (before[0] * before[1], before[1]), (after[0] * after[1], after[1])
    interval = rate_ratio(*first, *second)
    return _Reading(jeffreys_rate(*second) / jeffreys_rate(*first), interval.lower, interval.upper)
