"""A synthetic suite: prompts of the kind that tests have, answered by a run's model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import NamedTuple

from foretaste.awareness import Source, Transcript
from foretaste.errors import PlanError
from foretaste.plan import LogPlan, Part, Plan
from foretaste.protocols import Act, Engine, Session, Store, ToolAnswer
from foretaste.records import (
    Conversation,
    Failure,
    Lane,
    Message,
    Prefix,
    Rollout,
    ScrubbedConversation,
    ToolCall,
    Usage,
    identity,
)
from foretaste.runs.assembly import LaneParts, assemble
from foretaste.runs.sources import open_log, reads_a_log, scrubber_of
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.ingest import ingest
from foretaste.stages.preview import Asked, Cost, costs
from foretaste.stages.replay import replay
from foretaste.stages.scrub import scrub
from foretaste.turns import content_key
from foretaste.usable import usable

SHIPPED = "synthetic"
"""Name of the suite that ships."""

LANE = Lane.CANDIDATE
"""Under which answers are kept."""


class Suite(NamedTuple):
    """The prompts of a suite, each once."""

    name: str
    prompts: tuple[Prefix, ...]  # `recorded`: what the suite's log holds as the answer
    unread: int  # records that could not be read or scrubbed
    unasked: int  # records in which no user says anything


class Answered(NamedTuple):
    """A suite's transcripts, and what is missing."""

    transcripts: tuple[Transcript, ...]
    failures: tuple[Failure, ...]  # prompts that the model gave no answer to
    missing: int  # prompts without an answer in the log, where no model was to be asked


def read_suite(name: str = SHIPPED, *, plan: Plan) -> Suite:
    """The prompts of a suite, up to the last thing that the user says in each.

    Args:
        name: `synthetic`, or the path of a log in any format that is read: file, folder or glob.
        plan: its scrubber goes over the suite as over any log; the shipped one it leaves as it is.

    Raises:
        LogError: the log cannot be read.
        PlanError: it holds no prompt.
    """
    path = str(resources.files("foretaste") / "data" / "synthetic.jsonl")
    _, reader = open_log(path if name == SHIPPED else name, LogPlan(path=name))
    lost: list[Failure] = []
    raw = usable(ingest(reader), Conversation, lost.append)
    clean = usable(scrub(raw, scrubber=scrubber_of(plan)), ScrubbedConversation, lost.append)
    prompts: dict[str, Prefix] = {}
    unasked = 0
    for conversation in clean:
        prompt = _prompt(conversation)
        if prompt is None:
            unasked += 1
        else:
            prompts.setdefault(prompt.id, prompt)
    if not prompts:
        raise PlanError(f"suite {name!r}: no prompt in it ({len(lost):,} records cannot be read)")
    return Suite(name, tuple(prompts.values()), len(lost), unasked)


def answers_folder(plan: Plan, lane: Lane) -> str:
    """Name of the folder in a run in which a lane's answers lie: another model has another."""
    part = _part(plan, lane)
    asked = {key: value for key, value in part.items() if key not in ("system", "price")}
    return f"suite/{identity('suite', asked, plan.seed, plan.turn)[:16]}"


def asked_lane(plan: Plan, lane: Lane) -> LaneParts | None:
    """The model of a run's lane; None where it answers from a log and cannot be asked anything."""
    if reads_a_log("models", _part(plan, lane)):
        return None
    return assemble(plan, reader=lambda: iter(())).lanes[lane]


def foreseen(suite: Suite, own: LaneParts | None, *, store: Store) -> list[Transcript]:
    """The transcripts as far as they are known; those that are still to be answered are empty."""
    if own is None:
        return [_logged(prompt) for prompt in suite.prompts if _holds(prompt)]
    given = _given(store)
    return [
        _answered(prompt, given[prompt.id])
        if prompt.id in given
        else _transcript(prompt, (), prompt.id)
        for prompt in suite.prompts
    ]


def suite_cost(suite: Suite, own: LaneParts, *, store: Store) -> Cost:
    """Estimated calls, tokens and money of the answers that are not kept yet.

    An answer is taken to be as long as the one in the suite's log, or 300 tokens.
    """
    asked = Asked(
        what="suite",
        model=own.name,
        times=1,
        settings=own.conditions.settings,
        usd_input=own.price.input if own.price else None,
        usd_output=own.price.output if own.price else None,
    )
    return costs(_open(suite, store), (asked,))[0]


def suite_transcripts(
    suite: Suite,
    own: LaneParts | None,
    *,
    engine: Engine,
    store: Store,
    count: Callable[[Usage], None] = lambda _: None,
    watch: Watch = quiet,
) -> Answered:
    """Let the model answer every prompt, or take the answers that the suite's log holds.

    The plan's settings of the lane hold, its `system:` does not: a test's system prompt is a part
    of the test. No tool answers: a turn ends at its first tool call.

    Args:
        suite: what is asked.
        own: the model and its conditions; None: only what the log holds, no model is asked.
        engine: asks.
        store: keeps each answer, so that nobody pays for it again; one of its own, for one model.
        count: gets what each new answer took.
        watch: is told of progress.

    Raises:
        PlanError: no model is to be asked, and the log holds no answer.
        MachineFailed: the model cannot be asked at all.
    """
    if own is None:
        held = [_logged(prompt) for prompt in suite.prompts if _holds(prompt)]
        if not held:
            raise PlanError(
                f"suite {suite.name!r} holds no answers, and the run's model answers from a log "
                "and cannot give any; name a suite that does, or --suite none"
            )
        return Answered(tuple(held), (), len(suite.prompts) - len(held))
    failures = []
    open_prompts = _open(suite, store)
    done = len(suite.prompts) - len(open_prompts)
    for record in replay(
        open_prompts,
        lane=LANE,
        model=own.model,
        simulator=_NoTools(),
        engine=engine,
        conditions=replace(own.conditions, system=None),
    ):
        done += 1
        watch("suite", done, len(suite.prompts))
        if isinstance(record, Failure):
            failures.append(record)
            continue
        store.append(record)
        count(record.usage)
    store.flush()
    given = _given(store)
    found = [_answered(prompt, given[prompt.id]) for prompt in suite.prompts if prompt.id in given]
    return Answered(tuple(found), tuple(failures), 0)


def _prompt(conversation: ScrubbedConversation) -> Prefix | None:
    """The conversation up to its last user message, and reminders right behind that."""
    dialogue = conversation.dialogue
    asked = [at for at, message in enumerate(dialogue.messages) if message.role == "user"]
    if not asked:
        return None
    cut = asked[-1] + 1
    while cut < len(dialogue.messages) and dialogue.messages[cut].role == "system":
        cut += 1
    before = dialogue.messages[:cut]
    return Prefix(
        parent=conversation.id,
        turn=cut,
        turns=1,
        user=conversation.user or content_key(before),
        messages=before,
        recorded=dialogue.messages[cut:],
        settings=dialogue.settings,
        tools=dialogue.tools,
        tags=dialogue.tags,
    )


def _open(suite: Suite, store: Store) -> Sequence[Prefix]:
    have = {parent for parent, lane in store.keys(Rollout) if lane == LANE}
    return [prompt for prompt in suite.prompts if prompt.id not in have]


def _part(plan: Plan, lane: Lane) -> Part:
    part = plan.candidate if lane is Lane.CANDIDATE else plan.incumbent
    if part is None:
        raise PlanError(f"the plan names no {lane}")
    return part


def _given(store: Store) -> dict[str, Rollout]:
    return {each.parent: each for each in store.read(Rollout) if each.lane is LANE}


def _holds(prompt: Prefix) -> bool:
    return any(message.role == "assistant" for message in prompt.recorded)


def _logged(prompt: Prefix) -> Transcript:
    return _transcript(prompt, prompt.recorded, identity("suite", prompt.id, prompt.recorded))


def _answered(prompt: Prefix, rollout: Rollout) -> Transcript:
    # Named by the answer: what was said of another model's is not said of this one's.
    return _transcript(prompt, rollout.messages, rollout.id)


def _transcript(prompt: Prefix, messages: tuple[Message, ...], name: str) -> Transcript:
    return Transcript(
        id=name,
        source=Source.SYNTHETIC,
        cluster=prompt.user,
        match=prompt.id,
        before=prompt.messages,
        messages=messages,
        tools=prompt.tools,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoTools:
    """Tools that answer nothing."""

    def __call__(self, prefix: Prefix) -> Session:  # noqa: ARG002
        return _Silence()


class _Silence:
    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:  # noqa: ARG002
        return None
