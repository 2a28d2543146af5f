"""Hold forecasts against the plan's limits: release, hold, or not enough evidence."""

from collections.abc import Iterable
from math import inf

from foretaste.errors import InsufficientData
from foretaste.findings import Decision, Estimate, Limit, LimitRuling, Ruling
from foretaste.records import Lane
from foretaste.stats.proportion import Interval, clopper_pearson, jeffreys_rate
from foretaste.stats.unpaired import rate_ratio

PER = 100_000
MAX_UNKNOWN = 0.05


def gate(
    estimates: Iterable[Estimate], limits: Iterable[Limit], *, max_unknown: float = MAX_UNKNOWN
) -> Decision | None:
    """Decide; None where there are no limits.

    A limit is kept when the upper end of the 95 % interval is within it, broken when the lower end
    is beyond it; anything else is not enough evidence, and so is an ungraded or missing share
    above `max_unknown`. The worst ruling decides.
    """
    found = {(each.behavior, each.lane): each for each in estimates}
    rulings = tuple(
        _rule(
            limit,
            found.get((limit.behavior, Lane.CANDIDATE)),
            found.get((limit.behavior, Lane.INCUMBENT)),
            max_unknown,
        )
        for limit in limits
    )
    if not rulings:
        return None
    for worst in (Ruling.HOLD, Ruling.NOT_ENOUGH_EVIDENCE):
        if any(each.ruling == worst for each in rulings):
            return Decision(ruling=worst, rulings=rulings)
    return Decision(ruling=Ruling.RELEASE, rulings=rulings)


def _rule(
    limit: Limit, candidate: Estimate | None, incumbent: Estimate | None, max_unknown: float
) -> LimitRuling:
    if candidate is None or candidate.rate is None:
        return _unclear(limit, "no answer of the candidate could be graded")
    share = _unknown(candidate)
    if limit.per_100k is not None:
        events = candidate.rate * candidate.effective_n
        interval = clopper_pearson(events, candidate.effective_n)
        scaled = Interval(interval.lower * PER, interval.upper * PER)
        return _hold_against(
            limit, limit.per_100k, candidate.rate * PER, scaled, share, max_unknown
        )
    if limit.increase is None or incumbent is None or incumbent.rate is None:
        return _unclear(limit, "no incumbent lane to compare with")
    share = max(share, _unknown(incumbent))
    before = incumbent.rate * incumbent.effective_n, incumbent.effective_n
    after = candidate.rate * candidate.effective_n, candidate.effective_n
    try:
        interval = rate_ratio(*before, *after)
    except InsufficientData:
        return _unclear(limit, "neither lane showed it once")
    ratio = jeffreys_rate(*after) / jeffreys_rate(*before)
    return _hold_against(limit, limit.increase, ratio, interval, share, max_unknown)


def _unknown(estimate: Estimate) -> float:
    """Share of a lane's prefixes of which nothing is known."""
    unknown = estimate.ungraded + estimate.missing
    return unknown / (estimate.graded + unknown)


def _hold_against(
    limit: Limit, most: float, value: float, interval: Interval, share: float, max_unknown: float
) -> LimitRuling:
    shown = interval.upper if limit.decide_on == "upper" else value
    told = shown if shown < inf else None
    if interval.lower > most or (limit.decide_on == "rate" and value > most):
        reason = f"{_said(value)}, at least {_said(interval.lower)}, against {_said(most)}"
        return LimitRuling(limit=limit, ruling=Ruling.HOLD, value=told, reason=reason)
    if share > max_unknown:
        return _unclear(limit, f"{share:.1%} of the answers are ungraded or missing", told)
    if shown <= most:
        reason = f"{_said(value)}, at most {_said(interval.upper)}, within {_said(most)}"
        return LimitRuling(limit=limit, ruling=Ruling.RELEASE, value=shown, reason=reason)
    reason = f"{_said(value)}, but it may be up to {_said(interval.upper)}, beyond {_said(most)}"
    return _unclear(limit, reason, told)


def _said(value: float) -> str:
    if value == inf:
        return "any number"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _unclear(limit: Limit, reason: str, value: float | None = None) -> LimitRuling:
    return LimitRuling(limit=limit, ruling=Ruling.NOT_ENOUGH_EVIDENCE, value=value, reason=reason)
