"""A synthetic suite: prompts of the kind that tests have, answered by a run's model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import NamedTuple

from foretaste.awareness import Source, Transcript
from foretaste.errors import PlanError
from foretaste.plan import LogPlan, Plan
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
)
from foretaste.runs.assembly import LaneParts
from foretaste.runs.sources import open_log, scrubber_of
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
        held = [p for p in suite.prompts if any(m.role == "assistant" for m in p.recorded)]
        if not held:
            raise PlanError(f"suite {suite.name!r} holds no answers: name a model that gives them")
        missing = len(suite.prompts) - len(held)
        return Answered(tuple(_transcript(p, p.recorded) for p in held), (), missing)
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
    given = {each.parent: each for each in store.read(Rollout) if each.lane is LANE}
    found = [(p, given[p.id].messages) for p in suite.prompts if p.id in given]
    return Answered(tuple(_transcript(p, m) for p, m in found), tuple(failures), 0)


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


def _transcript(prompt: Prefix, messages: tuple[Message, ...]) -> Transcript:
    return Transcript(
        id=prompt.id,
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
