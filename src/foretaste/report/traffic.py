"""Which traffic a forecast is for, where it is not like the log's, in words."""

from dataclasses import dataclass

from foretaste.findings import Study, TrafficShift
from foretaste.report.ledger import Fact
from foretaste.report.rows import forecast_rows, unseen
from foretaste.report.visible import one_line
from foretaste.report.wording import PER, percent, rounded, some, tally

_REST = "Today's rates, changes and limits stay those of the traffic that was replayed."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficView:
    """The target of the forecasts, and how far the weights carry."""

    sentence: str
    warnings: tuple[str, ...]
    facts: tuple[Fact, ...]


def traffic_view(found: TrafficShift | None) -> TrafficView | None:
    """What is said of the weights; None where the forecast is for traffic like the log's."""
    if found is None:
        return None
    return TrafficView(
        sentence=f"{_target(found)} {_REST}",
        warnings=tuple(one_line(each, 400) for each in found.warnings),
        facts=(*_mix(found), *_strength(found)),
    )


def supposed(study: Study) -> str:
    """What the plan supposes of traffic that nobody has seen; empty where it supposes nothing."""
    unseen_plan = (study.plan.get("forecast") or {}).get("unseen")
    if not unseen_plan:
        return ""
    return (
        f"If {percent(unseen_plan['share'])} of the turns are of a kind that nobody has seen, and "
        f"at most {rounded(unseen_plan['rate'] * PER)} per 100,000 of them show a behavior"
    )


def supposed_line(study: Study) -> str:
    """The same with what each behavior's rate may be then, in one line."""
    silent = {one_line(name) for name in unseen(study)}
    shown = [row for row in forecast_rows(study) if row.with_unseen and row.behavior not in silent]
    told = "; ".join(f"{row.behavior} {row.with_unseen}" for row in shown)
    return f"{supposed(study)}: {told}." if told else ""


def _target(found: TrafficShift) -> str:
    if found.newer is None:
        return f"The forecast is for other traffic than was replayed: {one_line(found.source)}."
    name = one_line(found.source.replace("\\", "/").rpartition("/")[2])
    if found.effective_n == found.drawn_n:
        return (
            f"The forecast is for traffic like {name}, whose {some(found.newer, 'turn')} cannot "
            "be told from those that were replayed: nothing had to be weighted."
        )
    return f"The forecast is for traffic like the {some(found.newer, 'turn')} of {name}."


def _mix(found: TrafficShift) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            name=one_line(each.stratum),
            text=f"{percent(each.target)} of the target, {percent(each.sampled)} of the sample",
        )
        for each in found.strata
    )


def _strength(found: TrafficShift) -> tuple[Fact, ...]:
    facts = [
        Fact(
            name="Effective turns",
            text=f"{found.effective_n:,.0f} with these weights, {found.drawn_n:,.0f} without",
        ),
        Fact(name="Target unlike all that was sampled", text=percent(found.uncovered)),
    ]
    if found.auc is not None and found.auc_by_luck is not None:
        facts += [
            Fact(
                name="Newer turns told from the sample",
                text=f"AUC {found.auc:.2f}; by luck 0.50 ± {found.auc_by_luck:.2f} at most",
            ),
            Fact(name="Weights that were cut", text=percent(found.clipped)),
            Fact(name="Newer conversations not used", text=tally(found.lost)),
        ]
    return tuple(facts)
