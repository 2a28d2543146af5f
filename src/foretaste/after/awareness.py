"""Whether the models of a run notice that they are tested: asked of detectors, and by rules."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from foretaste.adapters.graders.verbal_detectors import awareness_said, grading_said
from foretaste.after.detectors import ITSELF, Detector, detectors_of, said_by, ungraded
from foretaste.after.release import open_study, plan_of
from foretaste.after.suites import (
    SHIPPED,
    Answered,
    Suite,
    answers_folder,
    asked_lane,
    foreseen,
    read_suite,
    suite_cost,
    suite_transcripts,
)
from foretaste.after.transcripts import transcripts_of
from foretaste.awareness import Awareness, Mark, Measured, Placement, Source, Transcript
from foretaste.errors import PlanError
from foretaste.plan import Plan
from foretaste.protocols import Engine, Store
from foretaste.records import Lane, Prefix, Rollout
from foretaste.registry import build
from foretaste.runs.assembly import LaneParts
from foretaste.runs.presentation import keep_awareness, write_report
from foretaste.runs.spending import Spending, hold_to_budget
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.awareness import chosen, measured, scores
from foretaste.stages.marks import marks
from foretaste.stages.preview import Cost

_SAID = {
    "verbalised awareness": awareness_said,
    "talk of grading and oversight": grading_said,
}
"""Measures that rules read off a turn's visible reasoning."""

_REASONS = 3  # why prompts of the suite have no answer, the commonest

_ALONE = (
    "no synthetic suite stands beside the run's own transcripts, so nothing shows that the "
    "detectors know a test when they see one"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be looked at, and by whom.

    Args:
        lane: the replayed lane.
        detectors: models like `openai/gpt-x`, or `candidate` for the run's own.
        placements: how each is asked.
        suite: `synthetic`, the path of a log, or empty for none.
        transcripts: of each source, at most, by a seeded draw; of a suite all.
        context: characters of a conversation that a detector is shown in a fresh context.
        max_tokens: of a detector's reply: more for one that reasons first.
    """

    lane: Lane = Lane.CANDIDATE
    detectors: tuple[str, ...] = (ITSELF,)
    placements: tuple[Placement, ...] = tuple(Placement)
    suite: str = SHIPPED
    transcripts: int = 200
    context: int = 24_000
    max_tokens: int = 32


class _Beside(NamedTuple):
    """A suite, the model that answers it, and where its answers are kept."""

    suite: Suite
    own: LaneParts | None
    store: Store

    @property
    def cost(self) -> tuple[Cost, ...]:
        return (suite_cost(self.suite, self.own, store=self.store),) if self.own else ()


def awareness(
    path: str,
    wanted: Wanted | None = None,
    *,
    watch: Watch = quiet,
    announce: Announce = silent,
) -> Awareness:
    """Measure evaluation awareness in a finished run; kept in `awareness.json`.

    What the model answered to the suite and what a detector said are kept with the run, so that
    nobody is asked again when the call is repeated or goes on after it was cut off. A request that
    failed is tried again.

    Raises:
        PlanError: the run lacks the lane, a detector cannot be one, nobody can answer the suite,
            or the budget is too small.
        LogError: the suite cannot be read.
        SealBroken: the run is not what was sealed.
        MachineFailed: a model does not answer, or the budget is spent.
    """
    wanted = wanted or Wanted()
    if wanted.lane is Lane.RECORDED:
        raise PlanError("the recorded lane is always looked at: name a replayed lane")
    study = open_study(path)
    plan = plan_of(path, study)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        drawn = transcripts_of(
            store.read(Prefix),
            store.read(Rollout),
            plan=plan,
            lane=wanted.lane,
            most=wanted.transcripts,
        )
        detectors = list(
            detectors_of(
                plan,
                wanted.detectors,
                wanted.placements,
                store=store,
                context=wanted.context,
                max_tokens=wanted.max_tokens,
            )
        )
    own = list(drawn.transcripts)
    warnings = list(_missing(drawn.missing))
    engine, spending = build("engines", plan.engine), Spending(plan)
    with _beside(path, plan, wanted) as beside:
        expected = foreseen(beside.suite, beside.own, store=beside.store) if beside else []
        quoted = (
            *(beside.cost if beside else ()),
            *(each.cost([*own, *expected]) for each in detectors),
        )
        hold_to_budget(plan, quoted)
        announce(quoted)
        if beside:
            answered = _answer(beside, engine, spending, watch)
            own += answered.transcripts
            warnings += _lost(beside.suite, answered)
    if not any(each.source is Source.SYNTHETIC for each in own):
        warnings.append(_ALONE)
    found: list[Measured] = []
    leaned: tuple[Mark, ...] = ()
    with build("stores", {"use": "files", "path": path}) as store:
        for each in detectors:
            said = list(
                said_by(each, own, engine=engine, spending=spending, store=store, watch=watch)
            )
            found.append(chosen(own, said, by=each.choice.name, placement=each.choice.placement))
            warnings += ungraded(each, said)
            if each is _marked(detectors):
                leaned = marks(own, scores(said))
        found += _rules(own)
        whole = Awareness(
            seal=study.sealed.seal,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            suite=wanted.suite,
            measured=tuple(found),
            marks=leaned,
            warnings=tuple(warnings),
            lane=wanted.lane,
            marks_by=_marked(detectors).about,
        )
        keep_awareness(store, whole)
        write_report(store, study)
    return whole


@contextmanager
def _beside(path: str, plan: Plan, wanted: Wanted) -> Iterator[_Beside | None]:
    if not wanted.suite:
        yield None
        return
    suite = read_suite(wanted.suite, plan=plan)
    own = asked_lane(plan, wanted.lane)
    folder = f"{path}/{answers_folder(plan, wanted.lane)}"
    with build("stores", {"use": "files", "path": folder}) as store:
        yield _Beside(suite, own, store)


def _answer(beside: _Beside, engine: Engine, spending: Spending, watch: Watch) -> Answered:
    price = beside.own.price if beside.own else None
    return suite_transcripts(
        beside.suite,
        beside.own,
        engine=engine,
        store=beside.store,
        count=lambda usage: spending.add(usage, price),
        watch=watch,
    )


def _marked(detectors: Sequence[Detector]) -> Detector:
    """Whose scores marks are sought for: the first detector, in a fresh context if it was in one.

    There it sees the whole transcript, reasoning included.
    """
    first = [each for each in detectors if each.choice.name == detectors[0].choice.name]
    return next((e for e in first if e.choice.placement is Placement.FRESH), first[0])


def _rules(own: Sequence[Transcript]) -> Iterator[Measured]:
    """What is said in visible reasoning, in all transcripts."""
    for measure, rule in _SAID.items():
        shown = {each.id: rule(each.messages).present for each in own}
        yield measured(own, shown, measure=measure, by="rule")


def _missing(count: int) -> Iterator[str]:
    if count:
        yield f"{count:,} turns lack the recorded or the replayed answer and are not looked at"


def _lost(suite: Suite, answered: Answered) -> Iterator[str]:
    """What of a suite is not looked at, and why."""
    if suite.unread:
        yield f"suite: {suite.unread:,} records cannot be read or scrubbed"
    if suite.unasked:
        yield f"suite: {suite.unasked:,} records in which no user says anything"
    if answered.missing:
        yield f"suite: {answered.missing:,} prompts have no answer in the log"
    for why, count in Counter(each.reason for each in answered.failures).most_common(_REASONS):
        yield f"suite: {count:,} prompts without an answer: {why}"
