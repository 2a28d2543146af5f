"""A study as plain values that are ready to draw; every surface draws these and decides nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from foretaste.awareness import Awareness
from foretaste.contrasts import Realism
from foretaste.discoveries import Discovery
from foretaste.findings import Example, Study
from foretaste.forecasts import Scorecard
from foretaste.report.awareness import AwarenessView, awareness_view
from foretaste.report.budget import BudgetView, budget_view
from foretaste.report.conclusions import (
    DecisionView,
    Fidelity,
    Headline,
    decision,
    fidelity,
    headline,
)
from foretaste.report.discovery import DiscoveryView, discovery_view
from foretaste.report.examples import ExampleView, chosen
from foretaste.report.judging import SteeringRow, judging, steering_rows
from foretaste.report.ledger import Fact, LaneRow, facts, gaps, lanes, losses, not_graded, title
from foretaste.report.realism import RealismView, realism_view
from foretaste.report.review import ReviewRow, review_rows
from foretaste.report.rows import (
    ChangeRow,
    ForecastRow,
    change_rows,
    forecast_rows,
    rank,
    unseen,
    unseen_line,
)
from foretaste.report.scores import ScoreView, score_view
from foretaste.report.screened import screened_facts
from foretaste.report.svg import Plot, forest
from foretaste.report.tools import ToolRow, tool_rows
from foretaste.report.traffic import TrafficView, supposed, traffic_view
from foretaste.report.visible import clipped, one_line
from foretaste.report.wording import UNKNOWN, some
from foretaste.reviews import Reviewed


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a definition, and the heading over it if there is one."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorView:
    """One behavior: its definition, its numbers and its examples."""

    name: str
    description: str
    rubric: tuple[Passage, ...]
    about: str
    forecast: ForecastRow | None
    change: ChangeRow | None
    examples: tuple[ExampleView, ...]
    showing: str
    silent: bool  # every lane was graded for it and none showed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the report draws."""

    title: str
    facts: tuple[Fact, ...]
    headline: Headline
    decision: DecisionView
    fidelity: Fidelity
    plot: Plot
    unseen: str  # the behaviors that no lane showed, which plot and changes leave out
    traffic: TrafficView | None  # None: like the log's
    screened: tuple[Fact, ...]
    supposed: str  # of traffic that nobody has seen; empty: nothing
    budget: BudgetView | None
    scores: tuple[ScoreView, ...]
    realism: tuple[RealismView, ...]
    awareness: tuple[AwarenessView, ...]
    reviews: tuple[ReviewRow, ...]  # none where nobody labelled
    discoveries: tuple[DiscoveryView, ...]  # none where nobody looked
    forecasts: tuple[ForecastRow, ...]
    changes: tuple[ChangeRow, ...]
    behaviors: tuple[BehaviorView, ...]
    skipped: tuple[Fact, ...]
    lanes: tuple[LaneRow, ...]
    tools: tuple[ToolRow, ...]  # none where no lane calls a tool
    judging: tuple[Fact, ...]  # none where no model graded
    steering: tuple[SteeringRow, ...]
    losses: tuple[Fact, ...]
    gaps: tuple[Fact, ...]
    replaced: tuple[Fact, ...]
    seals: tuple[Fact, ...]
    plan: str


def passages(rubric: str) -> tuple[Passage, ...]:
    """A definition, cut at its Markdown headings; nothing else of Markdown is read."""
    found = [Passage(heading="", text="")]
    for line in rubric.splitlines():
        if line.startswith("#"):
            found.append(Passage(heading=line.lstrip("#").strip(), text=""))
        else:
            last = found.pop()
            found.append(Passage(heading=last.heading, text=f"{last.text}{line}\n"))
    stripped = (Passage(heading=p.heading, text=p.text.strip()) for p in found)
    return tuple(p for p in stripped if p.heading or p.text)


def _behaviors(study: Study, examples: Iterable[Example]) -> tuple[BehaviorView, ...]:
    grouped: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        grouped[example.behavior].append(example)
    forecasts = dict(zip(rank(study), forecast_rows(study), strict=True))
    rows = {row.behavior: row for row in change_rows(study, study.changes)}
    defined = {behavior.name: behavior for behavior in study.behaviors}
    silent = unseen(study)
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
                rubric=passages(
                    clipped(behavior.rubric, 20_000).text if behavior is not None else UNKNOWN
                ),
                about=f"kind {kind} · grader {one_line(grader)}",
                forecast=forecasts.get(name),
                change=rows.get(one_line(name)),
                examples=shown,
                silent=name in silent and not total,
                showing=f"Showing {len(shown)} of {some(total, 'example')}." if total else "",
            )
        )
    return tuple(views)


def page(
    study: Study,
    examples: Iterable[Example],
    scorecards: Sequence[tuple[str, Scorecard]] = (),
    realism: Iterable[Realism] = (),
    reviewed: Iterable[Reviewed] = (),
    discoveries: Iterable[Discovery] = (),
    awareness: Iterable[Awareness] = (),
) -> Page:
    """All values of the report."""
    sealed, silent = study.sealed, unseen(study)
    rows = forecast_rows(study)
    hidden = {one_line(name) for name in silent}
    return Page(
        title=title(study),
        facts=facts(study),
        headline=headline(study),
        decision=decision(study),
        fidelity=fidelity(study),
        plot=forest([row for row in rows if row.behavior not in hidden]),
        unseen=unseen_line(study),
        traffic=traffic_view(study.traffic),
        screened=screened_facts(study),
        supposed=supposed(study),
        budget=budget_view(study),
        scores=tuple(score_view(label, card, study) for label, card in scorecards),
        realism=tuple(map(realism_view, realism)),
        awareness=tuple(map(awareness_view, awareness)),
        reviews=review_rows(study, reviewed),
        discoveries=tuple(map(discovery_view, discoveries)),
        forecasts=rows,
        changes=change_rows(study, [c for c in study.changes if c.behavior not in silent]),
        behaviors=_behaviors(study, examples),
        skipped=not_graded(study),
        lanes=lanes(study),
        tools=tool_rows(study),
        judging=judging(study),
        steering=steering_rows(study),
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
            Fact(name="Learned from", text=some(sealed.learned.forecasts, "scored forecast")),
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
