"""Whether the models of a run notice that they are tested: asked of a detector, and by rules."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from foretaste.adapters.detectors.forced_choice import ForcedChoice
from foretaste.after.release import open_study, plan_of
from foretaste.after.transcripts import transcripts_of
from foretaste.awareness import (
    Awareness,
    Look,
    Looked,
    Mark,
    Measured,
    Placement,
    Source,
    Transcript,
)
from foretaste.errors import PlanError
from foretaste.plan import Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Engine, Store
from foretaste.records import Failure, Lane, Prefix, Rollout, Usage
from foretaste.registry import build
from foretaste.runs.presentation import keep_awareness, write_report
from foretaste.runs.pricing import Price, name_of, price_of
from foretaste.runs.sources import model_of, reads_a_log, scrubber_of
from foretaste.runs.spending import Spending, hold_to_budget
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.awareness import Shown, chosen, looks, measured
from foretaste.stages.preview import JUDGE_PROMPT_TOKENS, Cost, tokens

ITSELF = "candidate"
"""As a detector: the model that the run is about."""

_ALONE = (
    "no synthetic suite stands beside the run's own transcripts, so nothing shows that the "
    "detectors know a test when they see one"
)

_REASONS = 3  # for ungraded transcripts, of each detector and placement

Rule = Callable[[Transcript], bool | None]
"""Whether something shows in a transcript's reasoning; None where there is none to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be looked at, and by whom.

    Args:
        lane: the replayed lane.
        detectors: models like `openai/gpt-x`, or `candidate` for the run's own.
        placements: how each is asked.
        transcripts: of each source, at most, by a seeded draw.
        context: characters of a conversation that a detector is shown in a fresh context.
        max_tokens: of a detector's reply: more for one that reasons first.
    """

    lane: Lane = Lane.CANDIDATE
    detectors: tuple[str, ...] = (ITSELF,)
    placements: tuple[Placement, ...] = tuple(Placement)
    transcripts: int = 200
    context: int = 24_000
    max_tokens: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is set beside a run's own transcripts and its detectors.

    Args:
        suite: name of the synthetic suite; empty: none.
        transcripts: of that suite, answered.
        rules: by measure's name, what is read off a transcript without any model.
        marks: what goes with a high score, from transcripts and the first detector's scores.
    """

    suite: str = ""
    transcripts: Sequence[Transcript] = ()
    rules: Mapping[str, Rule] | None = None
    marks: Callable[[Sequence[Transcript], Shown], tuple[Mark, ...]] | None = None


class _Detector(NamedTuple):
    """One model in one placement, and what it still has to be asked."""

    choice: ForcedChoice
    price: Price | None
    kept: dict[str, Look]
    left: list[Transcript]

    @property
    def cost(self) -> Cost:
        """Two calls a transcript."""
        shown = sum(tokens((*t.before, *t.messages)) + JUDGE_PROMPT_TOKENS for t in self.left)
        usage = Usage(
            input_tokens=2 * shown, output_tokens=2 * len(self.left) * self.choice.max_tokens
        )
        return Cost(
            what=f"detector, {self.choice.placement}",
            model=self.choice.name,
            calls=2 * len(self.left),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=self.price.of(usage) if self.price else None,
        )


def awareness(
    path: str,
    wanted: Wanted | None = None,
    *,
    beside: Beside | None = None,
    watch: Watch = quiet,
    announce: Announce = silent,
) -> Awareness:
    """Measure evaluation awareness in a finished run; kept in `awareness.json`.

    What a detector said is kept with the run, so that nobody is asked again when the call is
    repeated or goes on after it was cut off. A request that failed is tried again.

    Raises:
        PlanError: the run lacks the lane, a detector cannot be one, or the budget is too small.
        SealBroken: the run is not what was sealed.
        MachineFailed: a detector does not answer, or the budget is spent.
    """
    wanted, beside = wanted or Wanted(), beside or Beside()
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
        own = [*drawn.transcripts, *beside.transcripts]
        detectors = list(_detectors(plan, wanted, own, store))
    quoted = tuple(each.cost for each in detectors)
    hold_to_budget(plan, quoted)
    announce(quoted)
    engine, spending = build("engines", plan.engine), Spending(plan)
    found: list[Measured] = []
    marks: list[Mark] = []
    warnings = list(_warnings(own, drawn.missing))
    with build("stores", {"use": "files", "path": path}) as store:
        for each in detectors:
            said = list(_looks(each, engine, spending, store, watch))
            found.append(chosen(own, said, by=each.choice.name, placement=each.choice.placement))
            warnings += _unread(each.choice, said)
            if beside.marks is not None and each is detectors[0]:
                marks += beside.marks(own, {look.transcript: look.score for look in said})
        for measure, rule in (beside.rules or {}).items():
            shown = {each.id: rule(each) for each in own}
            found.append(measured(own, shown, measure=measure, by="rule"))
        whole = Awareness(
            seal=study.sealed.seal,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            suite=beside.suite,
            measured=tuple(found),
            marks=tuple(marks),
            warnings=tuple(warnings),
        )
        keep_awareness(store, whole)
        write_report(store, study)
    return whole


def _detectors(
    plan: Plan, wanted: Wanted, own: Sequence[Transcript], store: Store
) -> Iterator[_Detector]:
    """Each model in each placement, with what it has said already."""
    ids = {each.id for each in own}
    kept = [each for each in store.read(Looked) if each.parent in ids]
    scrubber = scrubber_of(plan)
    for name in dict.fromkeys(wanted.detectors):
        part = _part(plan, name)
        model = model_of(plan, part, scrubber)
        for placement in wanted.placements:
            choice = ForcedChoice(
                model=model,
                name=name_of(part),
                placement=placement,
                context=wanted.context,
                max_tokens=wanted.max_tokens,
            )
            known = {e.parent: e.look for e in kept if e.grader == choice.fingerprint}
            left = [each for each in own if each.id not in known]
            yield _Detector(choice, price_of(part), known, left)


def _part(plan: Plan, name: str) -> Part:
    part = plan.candidate if name == ITSELF else model_part(name, "--detector")
    if reads_a_log("models", part):
        raise PlanError(
            f"{name_of(part)} answers from a log and cannot be asked anything; name a model that "
            "can, like --detector openai/gpt-x"
        )
    return part


def _looks(
    detector: _Detector, engine: Engine, spending: Spending, store: Store, watch: Watch
) -> Iterator[Look]:
    """What was said before, and what is said now; that is kept as it comes."""
    yield from detector.kept.values()
    choice = detector.choice
    step = f"detector, {choice.placement}"
    found = looks(detector.left, detect=choice, engine=engine, using=(choice.model,))
    for number, each in enumerate(found, start=1):
        watch(step, number, len(detector.left))
        if isinstance(each, Failure):
            yield Look(
                transcript=each.item,
                placement=choice.placement,
                first=None,
                second=None,
                mass=None,
                why=each.reason,
            )
            continue
        row = Looked(
            parent=each.transcript,
            behavior=choice.placement,
            grader=choice.fingerprint,
            look=each,
        )
        store.append(row)
        if each.usage != Usage():
            spending.add(each.usage, detector.price, calls=2)
        yield each


def _warnings(own: Sequence[Transcript], missing: int) -> Iterator[str]:
    if missing:
        yield f"{missing:,} turns lack the recorded or the replayed answer and are not looked at"
    if not any(each.source is Source.SYNTHETIC for each in own):
        yield _ALONE


def _unread(choice: ForcedChoice, said: Sequence[Look]) -> Iterator[str]:
    """Why transcripts are ungraded, the commonest reasons first."""
    reasons = Counter(look.why for look in said if look.why)
    for why, count in reasons.most_common(_REASONS):
        yield f"{choice.name}, {choice.placement}: {count:,} ungraded: {why}"
