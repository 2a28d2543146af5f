"""The models that say whether a run's transcripts are evaluations, and what they said before."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from foretaste.adapters.detectors.forced_choice import ForcedChoice
from foretaste.awareness import Look, Looked, Placement, Transcript
from foretaste.errors import PlanError
from foretaste.plan import Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Engine, Store
from foretaste.records import Failure, Usage
from foretaste.runs.pricing import Price, name_of, price_of
from foretaste.runs.sources import model_of, reads_a_log, scrubber_of
from foretaste.runs.spending import Spending
from foretaste.runs.watch import Watch
from foretaste.stages.awareness import looks
from foretaste.stages.preview import DEFAULT_ANSWER_TOKENS, JUDGE_PROMPT_TOKENS, Cost, tokens

ITSELF = "candidate"
"""As a detector: the model that the run is about."""

_REASONS = 3  # for ungraded transcripts, of each detector and placement


class Detector(NamedTuple):
    """One model in one placement, and what it said before."""

    choice: ForcedChoice
    price: Price | None
    known: dict[str, Look]  # by transcript

    @property
    def about(self) -> str:
        """What reports call it."""
        return f"{self.choice.name}, {self.choice.placement}"

    def left(self, transcripts: Sequence[Transcript]) -> list[Transcript]:
        """Those that it was not asked about yet."""
        return [each for each in transcripts if each.id not in self.known]

    def cost(self, transcripts: Sequence[Transcript]) -> Cost:
        """Estimated cost of asking: two calls for each transcript that is left.

        One without a turn is to be answered yet; its answer is taken to be of usual length.
        """
        left = self.left(transcripts)
        shown = sum(_length(each) + JUDGE_PROMPT_TOKENS for each in left)
        usage = Usage(input_tokens=2 * shown, output_tokens=2 * len(left) * self.choice.max_tokens)
        return Cost(
            what=f"detector, {self.choice.placement}",
            model=self.choice.name,
            calls=2 * len(left),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=self.price.of(usage) if self.price else None,
        )


def detectors_of(
    plan: Plan,
    names: Sequence[str],
    placements: Sequence[Placement],
    *,
    store: Store,
    context: int,
    max_tokens: int,
) -> Iterator[Detector]:
    """Each model in each placement.

    Args:
        plan: of the run.
        names: models like `openai/gpt-x`, or `candidate`.
        placements: how each is asked.
        store: of the run, where what they said is kept.
        context: characters of a conversation that a fresh context quotes.
        max_tokens: of a reply.

    Raises:
        PlanError: one of the names is no model that can be asked.
    """
    kept = list(store.read(Looked))
    scrubber = scrubber_of(plan)
    for name in dict.fromkeys(names):
        part = _part(plan, name)
        model = model_of(plan, part, scrubber)
        for placement in placements:
            choice = ForcedChoice(
                model=model,
                name=name_of(part),
                placement=placement,
                context=context,
                max_tokens=max_tokens,
            )
            known = {e.parent: e.look for e in kept if e.grader == choice.fingerprint}
            yield Detector(choice, price_of(part), known)


def _part(plan: Plan, name: str) -> Part:
    part = plan.candidate if name == ITSELF else model_part(name, "--detector")
    if reads_a_log("models", part):
        raise PlanError(
            f"{name_of(part)} answers from a log and cannot be asked anything; name a model that "
            "can, like --detector openai/gpt-x"
        )
    return part


def said_by(
    detector: Detector,
    transcripts: Sequence[Transcript],
    *,
    engine: Engine,
    spending: Spending,
    store: Store,
    watch: Watch,
) -> Iterator[Look]:
    """What a detector said of these before, and what it says now; that is kept as it comes.

    Raises:
        MachineFailed: it does not answer, or the budget is spent.
    """
    yield from (detector.known[each.id] for each in transcripts if each.id in detector.known)
    choice, left = detector.choice, detector.left(transcripts)
    step = f"detector, {choice.placement}"
    found = looks(left, detect=choice, engine=engine, using=(choice.model,))
    for number, each in enumerate(found, start=1):
        watch(step, number, len(left))
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


def ungraded(detector: Detector, said: Sequence[Look]) -> Iterator[str]:
    """Why transcripts are ungraded, the commonest reasons first."""
    reasons = Counter(look.why for look in said if look.why)
    for why, count in reasons.most_common(_REASONS):
        yield f"{detector.about}: {count:,} ungraded: {why}"


def _length(transcript: Transcript) -> int:
    return tokens(transcript.before) + (tokens(transcript.messages) or DEFAULT_ANSWER_TOKENS)
