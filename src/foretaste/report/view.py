"""A study as plain values that are ready to draw; every surface draws these and decides nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from foretaste.findings import Example, Study
from foretaste.records import Lane
from foretaste.report.conclusions import (
    DecisionView,
    Fidelity,
    Headline,
    decision,
    fidelity,
    headline,
)
from foretaste.report.examples import ExampleView, chosen
from foretaste.report.ledger import Fact, LaneRow, facts, gaps, lanes, losses, models
from foretaste.report.rows import ChangeRow, ForecastRow, change_rows, forecast_rows, rank
from foretaste.report.svg import Plot, forest
from foretaste.report.visible import clipped, one_line
from foretaste.report.wording import UNKNOWN, some


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorView:
    """One behavior: its definition, its numbers and its examples."""

    name: str
    description: str
    rubric: str
    about: str
    forecast: ForecastRow | None
    change: ChangeRow | None
    examples: tuple[ExampleView, ...]
    showing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the report draws."""

    title: str
    facts: tuple[Fact, ...]
    headline: Headline
    decision: DecisionView
    fidelity: Fidelity
    plot: Plot
    forecasts: tuple[ForecastRow, ...]
    changes: tuple[ChangeRow, ...]
    behaviors: tuple[BehaviorView, ...]
    skipped: tuple[Fact, ...]
    lanes: tuple[LaneRow, ...]
    losses: tuple[Fact, ...]
    gaps: tuple[Fact, ...]
    replaced: tuple[Fact, ...]
    seals: tuple[Fact, ...]
    plan: str


def _behaviors(study: Study, examples: Iterable[Example]) -> tuple[BehaviorView, ...]:
    grouped: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        grouped[example.behavior].append(example)
    forecasts = dict(zip(rank(study), forecast_rows(study), strict=True))
    rows = {row.behavior: row for row in change_rows(study, study.changes)}
    defined = {behavior.name: behavior for behavior in study.behaviors}
    views = []
    for name in [*forecasts, *(n for n in grouped if n not in forecasts)]:
        behavior = defined.get(name)
        shown, total = chosen(grouped[name]), len(grouped[name])
        grader = study.sealed.graders.get(name, UNKNOWN)
        kind = one_line(behavior.kind) if behavior is not None else UNKNOWN
        views.append(
            BehaviorView(
                name=one_line(name),
                description=one_line(behavior.description, 600) if behavior is not None else "",
                rubric=clipped(behavior.rubric, 20_000).text if behavior is not None else UNKNOWN,
                about=f"kind {kind} · grader {one_line(grader)}",
                forecast=forecasts.get(name),
                change=rows.get(one_line(name)),
                examples=shown,
                showing=f"Showing {len(shown)} of {some(total, 'example')}." if total else "",
            )
        )
    return tuple(views)


def page(study: Study, examples: Iterable[Example]) -> Page:
    """All values of the report."""
    sealed = study.sealed
    rows = forecast_rows(study)
    return Page(
        title=f"{models(study, Lane.CANDIDATE)} against {models(study, Lane.INCUMBENT)}",
        facts=facts(study),
        headline=headline(study),
        decision=decision(study),
        fidelity=fidelity(study),
        plot=forest(rows),
        forecasts=rows,
        changes=change_rows(study, study.changes),
        behaviors=_behaviors(study, examples),
        skipped=tuple(
            Fact(name=one_line(name), text=one_line(why, 400))
            for name, why in sorted(study.skipped.items())
        ),
        lanes=lanes(study),
        losses=losses(study),
        gaps=gaps(study),
        replaced=tuple(
            Fact(name=one_line(kind), text=f"{count:,}")
            for kind, count in sorted(study.account.replaced.items(), key=lambda i: (-i[1], i[0]))
        ),
        seals=(
            Fact(name="Seal", text=one_line(sealed.seal)),
            Fact(name="Sealed at", text=one_line(sealed.sealed_at)),
            Fact(name="Scored method", text=one_line(sealed.method)),
            Fact(name="Plan (the run's id)", text=one_line(sealed.plan)),
            Fact(name=f"Prefixes ({sealed.prefix_count:,})", text=one_line(sealed.prefixes)),
            Fact(
                name="Code", text=f"{one_line(sealed.code)} (Foretaste {one_line(sealed.version)})"
            ),
        ),
        plan=clipped(
            msgspec.json.format(msgspec.json.encode(study.plan), indent=2).decode(), 40_000
        ).text,
    )
