"""Examples as a reader sees them: what each lane said on the same prefix, side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from foretaste.findings import Example
from foretaste.records import Lane, Message, Outcome, Rollout, Verdict
from foretaste.report.diff import Diff, words
from foretaste.report.visible import clipped, one_line, visible

SHOWN = 40
"""Examples shown of each behavior."""

ANSWER_LIMIT = 6_000
CONTEXT_LIMIT = 2_000
CONTEXT_MESSAGES = 12

_RANKS = {
    "candidate only": 0,
    "incumbent only": 1,
    "incumbent and candidate": 2,
    "candidate; incumbent not graded": 3,
    "incumbent; candidate not graded": 4,
    "recorded only": 5,
    "in no lane": 6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text; marked where a grader took it as evidence."""

    kind: Literal["plain", "mark"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing a lane or a prefix holds: an answer, a tool call, a result."""

    label: str
    pieces: tuple[Piece, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """What one lane said, and what its grader found."""

    lane: str
    outcome: str  # present, absent, ungraded, not graded or no answer
    reason: str
    severity: str  # of 0 to 4; empty where it is not graded
    quote: str  # evidence that is in none of the parts shown
    stop: str
    model: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleView:
    """One prefix with every lane's answer."""

    prefix: str
    seen: str  # in which lanes
    about: str
    asked: Part  # the last user message
    context: tuple[Part, ...]
    context_note: str
    lanes: tuple[LaneView, ...]
    diff: Diff | None  # incumbent to candidate; None where one of them is missing


def marked(text: str, evidence: str, limit: int = ANSWER_LIMIT) -> tuple[tuple[Piece, ...], str]:
    """Cut a text at `limit` and mark the first place of the evidence in it; with a note on the cut.

    Both are made visible. Evidence that the shown part does not hold marks nothing.
    """
    cut = clipped(text, limit)
    wanted = visible(evidence.strip())
    head, found, tail = cut.text.partition(wanted) if wanted else (cut.text, "", "")
    pieces: list[Piece] = []
    if head:
        pieces.append(Piece(kind="plain", text=head))
    if found:
        pieces.append(Piece(kind="mark", text=found))
    if tail:
        pieces.append(Piece(kind="plain", text=tail))
    return tuple(pieces), cut.note


def parts_of(message: Message, evidence: str = "", limit: int = ANSWER_LIMIT) -> Iterable[Part]:
    """What a message holds: reasoning, text, tool calls; cut at `limit` characters each."""
    named = f" {one_line(message.name, 60)}" if message.name else ""
    if message.reasoning:
        pieces, note = marked(message.reasoning, evidence, limit)
        yield Part(label=f"{message.role}, reasoning", pieces=pieces, note=note)
    if message.content or not message.tool_calls:
        pieces, note = marked(message.content, evidence, limit)
        yield Part(label=f"{message.role}{named}", pieces=pieces, note=note or _empty(message))
    for call in message.tool_calls:
        pieces, note = marked(call.arguments, evidence, limit)
        yield Part(label=f"tool call {one_line(call.name, 60)}", pieces=pieces, note=note)


def _empty(message: Message) -> str:
    return "" if message.content else "(no text)"


def _lane(example: Example, lane: Lane) -> LaneView:
    rollout, verdict = example.rollouts.get(lane), example.verdicts.get(lane)
    messages = rollout.messages if rollout is not None else ()
    stop = rollout.stop if rollout is not None else None
    model = (rollout.answered_model or rollout.asked_model) if rollout is not None else None
    if rollout is None and lane is Lane.RECORDED:
        messages, stop = example.prefix.recorded, example.prefix.recorded_stop
        model = example.prefix.recorded_model
    evidence = verdict.evidence if verdict is not None else ""
    parts = tuple(part for m in messages for part in parts_of(m, evidence, ANSWER_LIMIT))
    if verdict is not None:
        outcome = verdict.outcome.value
    else:
        outcome = "not graded" if messages else "no answer"
    found = any(piece.kind == "mark" for part in parts for piece in part.pieces)
    return LaneView(
        lane=lane.value,
        outcome=outcome,
        reason=one_line(verdict.reason, 400) if verdict is not None else "",
        severity=_severity(verdict),
        quote="" if found else clipped(evidence.strip(), 600).text,
        stop=stop.value if stop is not None else "no answer",
        model=one_line(model, 80) if model else "model unknown",
        parts=parts,
    )


def _severity(verdict: Verdict | None) -> str:
    if verdict is None or verdict.severity is None or verdict.outcome is not Outcome.PRESENT:
        return ""
    return f"severity {verdict.severity} of 4"


def _seen(example: Example) -> str:
    """In which lanes the behavior was seen; the wording is a key of `_RANKS`."""
    outcome = {lane: verdict.outcome for lane, verdict in example.verdicts.items()}
    present = {lane for lane, found in outcome.items() if found is Outcome.PRESENT}
    told = {lane for lane, found in outcome.items() if found is not Outcome.UNGRADED}
    if {Lane.INCUMBENT, Lane.CANDIDATE} <= present:
        return "incumbent and candidate"
    if Lane.CANDIDATE in present:
        return "candidate only" if Lane.INCUMBENT in told else "candidate; incumbent not graded"
    if Lane.INCUMBENT in present:
        return "incumbent only" if Lane.CANDIDATE in told else "incumbent; candidate not graded"
    return "recorded only" if Lane.RECORDED in present else "in no lane"


def _diff(example: Example) -> Diff | None:
    before, after = (example.rollouts.get(lane) for lane in (Lane.INCUMBENT, Lane.CANDIDATE))
    if before is None or after is None or not _text(before) or not _text(after):
        return None
    return words(_text(before), _text(after))


def _text(rollout: Rollout) -> str:
    return rollout.text


def before(messages: Sequence[Message]) -> tuple[Part, tuple[Part, ...], str]:
    """The last user message, the rest of the prefix, and a note on what of it is left out."""
    last = max((i for i, m in enumerate(messages) if m.role == "user"), default=None)
    asked = Part(label="user", pieces=(), note="The prefix holds no user message.")
    if last is not None:
        pieces, note = marked(messages[last].content, "", CONTEXT_LIMIT)
        asked = Part(label="user", pieces=pieces, note=note or _empty(messages[last]))
    rest = [m for i, m in enumerate(messages) if i != last]
    kept = rest[-CONTEXT_MESSAGES:]
    left = len(rest) - len(kept)
    note = f"The last {len(kept)} of {len(rest):,} earlier messages are shown." if left else ""
    return asked, tuple(p for m in kept for p in parts_of(m, "", CONTEXT_LIMIT)), note


def example_view(example: Example) -> ExampleView:
    """Draw one example up; long texts are cut, each with a note that says so."""
    prefix = example.prefix
    asked, context, note = before(prefix.messages)
    tags = ", ".join(f"{one_line(k, 40)} {one_line(v, 60)}" for k, v in sorted(prefix.tags.items()))
    gaps = f"log lacks {', '.join(gap.value for gap in prefix.gaps)}" if prefix.gaps else ""
    about = [f"turn {prefix.turn:,}", one_line(prefix.stratum, 60), tags, gaps]
    return ExampleView(
        prefix=prefix.id,
        seen=_seen(example),
        about=" · ".join(fact for fact in about if fact),
        asked=asked,
        context=context,
        context_note=note,
        lanes=tuple(_lane(example, lane) for lane in Lane),
        diff=_diff(example),
    )


def chosen(examples: Iterable[Example]) -> tuple[ExampleView, ...]:
    """The examples to show of one behavior: pairs that differ first, `SHOWN` at most."""
    ranked = sorted(examples, key=lambda e: (_RANKS[_seen(e)], e.prefix.id))
    return tuple(example_view(example) for example in ranked[:SHOWN])
