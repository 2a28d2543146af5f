"""Predict each behavior's production rate after release."""

from collections.abc import Iterable, Mapping
from typing import Literal

from foretaste.findings import Estimate, Forecast
from foretaste.records import Lane
from foretaste.stats.belief import Belief, anchored, credible, direct, predictive

Method = Literal["direct", "anchored"]
"""How a forecast is made.

`direct`: the candidate's replayed rate, as published (method.md 2.1). `anchored`: production's
recorded rate times the replayed ratio of candidate to incumbent, in which an error that the replay
makes with both models cancels (method.md 2.9).
"""


def forecast(estimates: Iterable[Estimate], *, turns: int) -> tuple[Forecast, ...]:
    """Forecasts of every behavior by every method the data allow.

    Args:
        estimates: of all lanes; behaviors with nothing graded in the candidate lane get none.
        turns: production turns after release that the predictive interval is for.
    """
    by_lane: dict[str, dict[Lane, Estimate]] = {}
    for each in estimates:
        by_lane.setdefault(each.behavior, {})[each.lane] = each
    found: list[Forecast] = []
    for lanes in by_lane.values():
        beliefs = _beliefs(lanes)
        found += [_forecast(lanes, method, belief, turns) for method, belief in beliefs.items()]
    return tuple(found)


def _beliefs(lanes: Mapping[Lane, Estimate]) -> dict[Method, Belief]:
    counts = {lane: _effective(each) for lane, each in lanes.items() if each.graded}
    if Lane.CANDIDATE not in counts:
        return {}
    beliefs: dict[Method, Belief] = {"direct": direct(*counts[Lane.CANDIDATE])}
    if Lane.RECORDED in counts and Lane.INCUMBENT in counts:
        beliefs["anchored"] = anchored(
            counts[Lane.RECORDED], counts[Lane.INCUMBENT], counts[Lane.CANDIDATE]
        )
    return beliefs


def _effective(estimate: Estimate) -> tuple[float, float]:
    """Sightings and turns at the size that clustering and weights leave."""
    return (estimate.rate or 0.0) * estimate.effective_n, estimate.effective_n


def _forecast(
    lanes: Mapping[Lane, Estimate], method: Method, belief: Belief, turns: int
) -> Forecast:
    candidate, today = lanes[Lane.CANDIDATE], lanes.get(Lane.RECORDED)
    interval = credible(belief)
    least, most = predictive(belief, turns)
    return Forecast(
        behavior=candidate.behavior,
        method=method,
        a=belief.a,
        b=belief.b,
        rate=belief.a / (belief.a + belief.b),
        lower=interval.lower,
        upper=interval.upper,
        turns=turns,
        turns_lower=least,
        turns_upper=most,
        today=today.rate if today else None,
        today_present=today.present if today else 0,
        today_graded=today.graded if today else 0,
        events=candidate.present,
        graded=candidate.graded,
        ungraded=candidate.ungraded,
        missing=candidate.missing,
        floor=candidate.floor,
    )
