"""Findings as rows, and where each belongs in whatever traced the log."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from foretaste.findings import Study
from foretaste.protocols import Graded
from foretaste.records import JSON, Lane, Outcome, Verdict, identity

NUMBERS = {Outcome.PRESENT: 1.0, Outcome.ABSENT: 0.0}
"""What a tool may take the mean of. Ungraded and outside are no numbers."""

_W3C = re.compile(r"[0-9a-f]{32}/[0-9a-f]{16}")


class VerdictRow(NamedTuple):
    """One verdict, with all that it is about."""

    run: str
    conversation: str
    prefix: str
    turn: int  # index of the answer's first message in its conversation
    user: str  # pseudonym
    stratum: str
    probability: float  # with which the turn was drawn: its weight is 1 over this
    lane: str
    rollout: str
    model: str | None
    stop: str
    behavior: str
    outcome: str  # present, absent, ungraded or outside
    score: float | None  # where the grader gives one
    severity: int | None
    evidence: str
    reason: str
    grader: str
    screened: bool  # a screen chose what was graded: its rate is not the mean of its rows
    trace: str | None  # where the log's own tracer keeps production's answer
    span: str | None


class FigureRow(NamedTuple):
    """One rate: estimated on the run's turns, or foretold of production."""

    run: str
    seal: str
    kind: str  # `estimate` or `forecast`
    behavior: str
    lane: str | None  # of an estimate
    method: str | None  # of a forecast
    scored: bool  # the forecast that validation holds against production
    rate: float | None
    lower: float | None  # 95 %
    upper: float | None
    present: int
    graded: int
    ungraded: int
    missing: int
    outside: int | None
    users: int | None
    effective_n: float | None
    floor: float | None
    turns: int | None  # future turns, with the 95 % interval of the count among them
    turns_lower: int | None
    turns_upper: int | None
    today: float | None
    warning: str


class Place(NamedTuple):
    """A trace and a span."""

    trace: str
    span: str
    linked: bool  # the trace is the log's own, not made of our ids


def verdict_rows(study: Study, graded: Iterable[Graded]) -> Iterator[VerdictRow]:
    """Every verdict as a row."""
    screened = {each.behavior for each in study.screened}
    for prefix, rollout, verdicts in graded:
        trace, _, span = prefix.origin.partition("/")
        for found in verdicts:
            yield VerdictRow(
                study.run,
                prefix.parent,
                prefix.id,
                prefix.turn,
                prefix.user,
                prefix.stratum,
                prefix.probability,
                rollout.lane.value,
                rollout.id,
                rollout.answered_model or rollout.asked_model,
                rollout.stop.value,
                found.behavior,
                found.outcome.value,
                found.score,
                found.severity,
                found.evidence,
                found.reason,
                found.grader,
                found.behavior in screened,
                trace or None,
                span or None,
            )


def figure_rows(study: Study) -> Iterator[FigureRow]:
    """Every estimate and every forecast as a row."""
    sealed = study.sealed
    empty: dict[str, JSON] = dict.fromkeys(FigureRow._fields)
    begun = empty | {"run": study.run, "seal": sealed.seal, "scored": False, "warning": ""}
    for kind, every in (("estimate", study.estimates), ("forecast", sealed.forecasts)):
        for each in every:
            found = {n: getattr(each, n) for n in FigureRow._fields if hasattr(each, n)}
            row = FigureRow(**(begun | found | {"kind": kind}))
            scored = kind == "forecast" and row.method == sealed.method
            present = row.present if kind == "estimate" else getattr(each, "events", 0)
            yield row._replace(present=present, scored=scored)


def place_of(graded: Graded, *, w3c: bool = False) -> Place:
    """Where a tracer keeps the answer, or the one that it was replayed for.

    A replayed answer has a span of its own, made of its id; so has all where the log has no traces.

    Args:
        graded: the answer.
        w3c: only ids of W3C's trace context will do.
    """
    origin = graded.prefix.origin
    known = bool(_W3C.fullmatch(origin)) if w3c else bool(origin)
    trace, _, span = origin.partition("/") if known else ("", "", "")
    own = known and graded.rollout.lane is Lane.RECORDED
    return Place(
        trace or identity("trace", graded.prefix.id),
        span if own else identity("span", graded.rollout.id)[:16],
        known,
    )


def name_of(found: Verdict, lane: Lane) -> str:
    """A behavior's name where production shows it; what a replay shows must not be taken for it."""
    return found.behavior if lane is Lane.RECORDED else f"{found.behavior} ({lane})"


def explained(found: Verdict) -> str:
    """The grader's reason, and what it quotes."""
    return "\n".join(each for each in (found.reason, found.evidence) if each)


def about(study: Study, graded: Graded, found: Verdict) -> dict[str, JSON]:
    """What a tool can keep beside a finding; nothing of what was said."""
    prefix, rollout = graded.prefix, graded.rollout
    every = {
        "run": study.run,
        "seal": study.sealed.seal,
        "lane": rollout.lane.value,
        "model": rollout.answered_model or rollout.asked_model,
        "conversation": prefix.parent,
        "prefix": prefix.id,
        "rollout": rollout.id,
        "user": prefix.user,
        "stratum": prefix.stratum,
        "probability": prefix.probability,
        "outcome": found.outcome.value,
        "score": found.score,
        "severity": found.severity,
        "grader": found.grader,
    }
    return {name: value for name, value in every.items() if value not in (None, "")}


def judged(study: Study) -> frozenset[str]:
    """Behaviors that a model grades."""
    if study.grading is not None:
        return frozenset(study.grading.reasoning)
    return frozenset(each.name for each in study.behaviors if not each.grader)
