"""Predict each behavior's production rate after release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from foretaste.findings import Change, Estimate
from foretaste.forecasts import Counts, ErrorBudget, Evidence, Forecast, Pull
from foretaste.methods import DEFAULT, Method, Past, hierarchical, learned_from, simple
from foretaste.records import Lane
from foretaste.stats.belief import Belief, credible
from foretaste.stats.counts import predictive
from foretaste.stats.hierarchy import Foreseen
from foretaste.stats.paired import correlation
from foretaste.stats.proportion import Interval
from foretaste.stats.survey import unseen_traffic

NOWHERE: Counts = (0.0, 0.0)


class Unseen(NamedTuple):
    """Traffic of a kind that nobody has seen: how much of it, and how bad at most."""

    share: float
    rate: float


def forecast(
    estimates: Iterable[Estimate],
    paired: Iterable[Change] = (),
    past: Past = (),
    *,
    turns: int,
    target: Iterable[Estimate] | None = None,
    unseen: Unseen | None = None,
    warning: str = "",
) -> tuple[Forecast, ...]:
    """Forecasts of every behavior by every method the data allow.

    Args:
        estimates: of all lanes; behaviors with nothing graded in the candidate lane get none.
            Today's rate and the sightings that a forecast tells of are theirs.
        paired: lanes compared on the same prefixes; they tell how much luck the lanes share.
        past: forecasts that were scored before, for the hierarchical method to learn from.
        turns: production turns after release; the predictive interval is for as many of them as a
            behavior is defined for.
        target: the same lanes, weighted to the traffic that is forecast; None: as it was replayed.
        unseen: gives limits that allow for traffic nobody has seen.
        warning: what every forecast is to say of its target.
    """
    known = list(estimates)
    found = _forecasts(known, known if target is None else list(target), paired, past, turns)
    if target is not None:
        found = _with_traffic(found, _forecasts(known, known, paired, past, turns))
    return tuple(replace(_bounded(each, unseen), warning=warning) for each in found)


def _forecasts(
    estimates: Iterable[Estimate],
    target: Iterable[Estimate],
    paired: Iterable[Change],
    past: Past,
    turns: int,
) -> list[Forecast]:
    replayed, lanes = _by_behavior(estimates), _by_behavior(target)
    lanes = {name: own for name, own in lanes.items() if _counts(own, Lane.CANDIDATE)[1] > 0}
    if not lanes:
        return []
    evidence = _evidence(lanes, paired)
    foreseen = hierarchical(list(evidence.values()), learned_from(past))
    found: list[Forecast] = []
    for (name, own), whole in zip(lanes.items(), foreseen, strict=True):
        floor = own[Lane.CANDIDATE].floor
        made = [_hierarchical(replayed[name], evidence[name], whole, turns)]
        made += [
            _forecast(replayed[name], evidence[name], method, belief, turns)
            for method, belief in simple(evidence[name]).items()
        ]
        found += [replace(each, floor=floor) for each in made]
    return found


def _by_behavior(estimates: Iterable[Estimate]) -> dict[str, dict[Lane, Estimate]]:
    lanes: dict[str, dict[Lane, Estimate]] = {}
    for each in estimates:
        lanes.setdefault(each.behavior, {})[each.lane] = each
    return lanes


def _with_traffic(shifted: Iterable[Forecast], plain: Iterable[Forecast]) -> list[Forecast]:
    """What the weights add to the uncertainty, as a part of its own beside those without them."""
    without = {(each.behavior, each.method): each.budget for each in plain}
    found = []
    for each in shifted:
        budget, before = each.budget, without.get((each.behavior, each.method))
        if budget is not None and before is not None and budget.total > before.total:
            budget = replace(before, traffic=budget.total - before.total)
        found.append(replace(each, budget=budget))
    return found


def _bounded(forecast: Forecast, unseen: Unseen | None) -> Forecast:
    """Limits on a rate of which nothing is known but its share and its most (method.md 11.7)."""
    if unseen is None:
        return forecast
    known = Interval(forecast.lower, forecast.upper)
    lower, upper = unseen_traffic(known, unseen.share, unseen.rate)
    return replace(forecast, unseen_lower=lower, unseen_upper=upper)


def _counts(lanes: Mapping[Lane, Estimate], lane: Lane) -> Counts:
    """Sightings and turns at the size that clustering and weights leave."""
    found = lanes.get(lane)
    return found.counts if found is not None else NOWHERE


def _evidence(
    lanes: Mapping[str, Mapping[Lane, Estimate]], paired: Iterable[Change]
) -> dict[str, Evidence]:
    shared = _shared(list(lanes), paired)
    return {
        name: Evidence(
            recorded=_counts(own, Lane.RECORDED),
            incumbent=_counts(own, Lane.INCUMBENT),
            candidate=_counts(own, Lane.CANDIDATE),
            shared=shared[name],
        )
        for name, own in lanes.items()
    }


def _shared(names: Sequence[str], paired: Iterable[Change]) -> dict[str, float]:
    """How alike the lanes are on the same prefix: 0 where no two were compared."""
    tables: dict[tuple[Lane, Lane], dict[str, tuple[int, ...]]] = {}
    for each in paired:
        table = (each.both, each.only_before, each.only_after, each.pairs)
        tables.setdefault((each.before, each.after), {})[each.behavior] = table
    if not tables:
        return dict.fromkeys(names, 0.0)
    counted = np.array(
        [[table.get(name, (0, 0, 0, 0)) for name in names] for table in tables.values()], float
    )
    found = correlation(*np.moveaxis(counted, -1, 0))
    return dict(zip(names, found.tolist(), strict=True))


def _hierarchical(
    lanes: Mapping[Lane, Estimate], evidence: Evidence, found: Foreseen, turns: int
) -> Forecast:
    return _forecast(
        lanes,
        evidence,
        DEFAULT,
        found.belief,
        turns,
        pull=Pull(simulation=found.simulation, anchor=found.anchor, today=found.today),
        budget=ErrorBudget(
            sampling=found.sampling,
            judge=None,
            fidelity=found.fidelity,
            traffic=0.0,
            model=found.model,
        ),
    )


def _forecast(
    lanes: Mapping[Lane, Estimate],
    evidence: Evidence,
    method: Method,
    belief: Belief,
    turns: int,
    *,
    pull: Pull | None = None,
    budget: ErrorBudget | None = None,
) -> Forecast:
    candidate, today = lanes[Lane.CANDIDATE], lanes.get(Lane.RECORDED)
    interval = credible(belief)
    turns = max(1, round(turns * (1 - candidate.outside_share)))  # those it is defined for
    least, most = predictive(belief, turns)
    return Forecast(
        behavior=candidate.behavior,
        method=method,
        a=belief.a,
        b=belief.b,
        rate=belief.rate,
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
        evidence=evidence,
        pull=pull,
        budget=budget,
    )
