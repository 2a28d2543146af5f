"""Where each forecast's uncertainty comes from, drawn as parts of a bar, and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, sqrt
from statistics import mean

from foretaste.findings import Study
from foretaste.forecasts import ErrorBudget, Forecast, Pull
from foretaste.records import Lane
from foretaste.report.ledger import lane_account
from foretaste.report.rows import primary, rank, unseen
from foretaste.report.visible import one_line
from foretaste.report.wording import list_of, percent, share, times

PARTS = ("sampling", "judge", "fidelity", "traffic", "model")
"""Parts of a budget, in the order in which they are drawn."""

NOT_MEASURED = "not measured"

_MEANINGS = {
    "sampling": "finitely many prefixes and answers",
    "judge": "what the grader gets wrong",
    "fidelity": "what the replay gets wrong",
    "traffic": "weighting to other traffic",
    "model": "what past forecasts missed",
}
_SOURCES = {
    "simulation": "the replay",
    "anchor": "today's rate moved as the replay moved",
    "today": "today's rate",
    "common": "what all behaviors share",
}
_NORMAL = 1.96  # standard deviations to either end of a 95 % interval
_LEAST_PULL = 0.05
_LEAST_DRAWN = 0.5  # percent of the width
_GAPS = 2  # that the advice names


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part of a bar, in percent of its width."""

    part: str
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One behavior's budget."""

    behavior: str
    segments: tuple[Segment, ...]
    title: str  # what the bar shows, for those who do not see it
    largest: str
    reach: str  # how far the interval goes
    shares: tuple[str, ...]  # of the variance, for each of `PARTS`
    pull: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One part, and what it stands for."""

    part: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    """The budgets of the behaviors that were seen."""

    advice: str
    keys: tuple[Key, ...]
    rows: tuple[BudgetRow, ...]


def budget_view(study: Study) -> BudgetView | None:
    """Bars and advice; None where the sealed method states no budget of any behavior seen."""
    seen = _seen(study)
    if not seen:
        return None
    judged = any(budget.judge is not None for _, budget in seen.values())
    keys = {name: said for name, said in _MEANINGS.items() if judged or name != "judge"}
    return BudgetView(
        advice=advice(study),
        keys=(
            *(Key(part=name, meaning=said) for name, said in keys.items()),
            *(() if judged else (Key(part="judge", meaning=NOT_MEASURED),)),
        ),
        rows=tuple(_row(name, *found) for name, found in seen.items()),
    )


def advice(study: Study) -> str:
    """What would narrow the forecasts most, in one sentence; empty where nothing says so.

    The largest part of the variance, in the mean over the behaviors that were seen: a behavior
    with a wide interval counts as much as one with a narrow one.
    """
    seen = _seen(study)
    if not seen:
        return ""
    parts = [_parts(budget) for _, budget in seen.values()]
    usual = {name: mean(each[name] or 0.0 for each in parts) for name in PARTS}
    largest = max(PARTS, key=lambda name: usual[name])
    return _ADVICE[largest](study, percent(usual[largest]))


def leaning(pull: Pull | None) -> str:
    """How strongly each source pulls a forecast, strongest first."""
    if pull is None:
        return ""
    common = 1 - pull.simulation - pull.anchor - pull.today
    pulls = {
        "simulation": pull.simulation,
        "anchor": pull.anchor,
        "today": pull.today,
        "common": common,
    }
    told = [
        f"{value:.1f} on {_SOURCES[name]}"
        for name, value in sorted(pulls.items(), key=lambda item: -item[1])
        if value >= _LEAST_PULL
    ]
    return f"leans {', '.join(told)}" if told else ""


def _seen(study: Study) -> dict[str, tuple[Forecast, ErrorBudget]]:
    """Forecasts with a budget, of the behaviors that any lane showed, in the order of `rank`."""
    chosen, silent = primary(study), unseen(study)
    return {
        name: (chosen[name], budget)
        for name in rank(study)
        if name in chosen and name not in silent
        for budget in (chosen[name].budget,)
        if budget is not None and budget.total > 0
    }


def _parts(budget: ErrorBudget) -> dict[str, float | None]:
    """Each part's share of the variance; None where it was never measured."""
    return {
        name: None if value is None else value / budget.total
        for name in PARTS
        for value in (getattr(budget, name),)
    }


def _row(name: str, forecast: Forecast, budget: ErrorBudget) -> BudgetRow:
    parts = _parts(budget)
    shares = tuple(_said(parts[part]) for part in PARTS)
    largest = max(PARTS, key=lambda part: parts[part] or 0.0)
    told = ", ".join(f"{part} {said}" for part, said in zip(PARTS, shares, strict=True))
    return BudgetRow(
        behavior=one_line(name),
        segments=_segments(parts),
        title=f"{one_line(name)}: {told}, of the variance",
        largest=f"{largest} {_said(parts[largest])}",
        reach=f"odds {times(exp(_NORMAL * sqrt(budget.total)))} either way",
        shares=shares,
        pull=leaning(forecast.pull),
    )


def _said(part: float | None) -> str:
    return NOT_MEASURED if part is None else percent(part)


def _segments(parts: Mapping[str, float | None]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    x = 0.0
    for name in PARTS:
        width = 100 * (parts[name] or 0.0)
        if width >= _LEAST_DRAWN:
            found.append(Segment(part=name, x=round(x, 2), width=round(width, 2)))
        x += width
    return tuple(found)


def _more_prefixes(study: Study, part: str) -> str:
    account = study.account
    more, spare = account.prefixes, account.population - account.prefixes
    held = f"only {spare:,}" if spare else "no"
    holds = "" if spare >= more else f" (the log holds {held} more: take a longer one)"
    return (
        f"Replay more prefixes: sampling makes {part} of the variance, and about {more:,} more "
        f"would halve that part{holds}."
    )


def _labels(_: Study, part: str) -> str:
    return f"Label more of the judge's verdicts: its errors make {part} of the variance."


def _conditions(study: Study, part: str) -> str:
    said = f"what the replay gets wrong makes {part} of the variance"
    if lane_account(study, Lane.INCUMBENT) is None:
        return f"Replay the incumbent too: {said}, and without it nobody can measure that."
    total = study.account.prefixes
    ranked = sorted(study.account.gaps.items(), key=lambda item: (-item[1], item[0]))[:_GAPS]
    lacking = [f"{one_line(gap)} ({share(count, total)} of the prefixes)" for gap, count in ranked]
    if not lacking:
        return f"Mend how the models are replayed: {said}, and the log names no gap."
    return f"Mend the replay's conditions: {said}; the log lacks {list_of(lacking)}."


def _newer(_: Study, part: str) -> str:
    return (
        f"Take newer prefixes: weighting to other traffic makes {part} of the variance, and a "
        "sample of that traffic itself would need none."
    )


def _scores(_: Study, part: str) -> str:
    return (
        "Score forecasts after release with `foretaste validate`: what past forecasts missed, or "
        f"nobody knows yet, makes {part} of the variance, and each scored release narrows it."
    )


_ADVICE = {
    "sampling": _more_prefixes,
    "judge": _labels,
    "fidelity": _conditions,
    "traffic": _newer,
    "model": _scores,
}
