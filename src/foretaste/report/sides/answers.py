"""One answer as the page of `foretaste diff` shows it: what it did first, and what it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from foretaste.calls import pairs
from foretaste.records import Rollout, Stop
from foretaste.report import diff
from foretaste.report.sides.spots import Stretch, stretches
from foretaste.report.visible import Clipped, clipped, one_line

ANSWER_LIMIT = 20_000
"""Characters shown of an answer."""

STEP_LIMIT = 1_500
"""Characters shown of a tool call, of its result, or of what is said before the last message."""

STEPS = 40
"""Things shown that a turn did before its last message."""

LEAST_SAME = 0.35
"""Share of the longer answer that the two must have in common, for words to be marked."""

_ENDS = {  # that a reader should know of
    Stop.LENGTH: "cut off by the token limit",
    Stop.FILTERED: "cut off by the provider's filter",
    Stop.TURN_LIMIT: "ended by the limit on model calls",
    Stop.TOKEN_LIMIT: "ended by the turn's token limit",
    Stop.TIME_LIMIT: "ended by the turn's time limit",
    Stop.TOOL_MISS: "ended at a tool call that nothing could answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a turn did before its last message: a call with its result, or words."""

    label: str
    text: str
    alone: bool  # a tool that the other answer does not call
    result: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One answer."""

    title: str
    model: str
    steps: tuple[Step, ...]
    stretches: tuple[Stretch, ...]
    notes: tuple[str, ...]
    scrolls: bool


def named(model: str) -> str:
    """A model's name on one line."""
    return one_line(model, 80) or "model unknown"


def cut(rollout: Rollout | None) -> Clipped:
    """The text of an answer, as much of it as is shown."""
    return clipped(rollout.text if rollout is not None else "", ANSWER_LIMIT)


def compared(was: str, now: str) -> diff.Sides:
    """The two texts with what differs marked, where enough is the same for marks to help."""
    found = diff.sides(was, now)
    if found.alike >= LEAST_SAME or not was or not now:
        return found
    left, right = (diff.Span(kind="same", text=text) for text in (was, now))
    note = "Little is the same word for word: no word is marked."
    return replace(found, before=(left,), after=(right,), note=note)


def side(
    title: str,
    model: str,
    rollout: Rollout,
    spans: Sequence[diff.Span],
    quotes: Sequence[str],
    note: str,
    other: Rollout | None,
) -> Side:
    """An answer, drawn.

    Args:
        title: what it is: recorded, new.
        model: its name, where the rollout does not know it.
        rollout: the answer.
        spans: its last message, compared with another's.
        quotes: what the flags quote.
        note: on what of it is not shown.
        other: the answer whose tools are not news.
    """
    drawn = tuple(stretches(spans, quotes))
    steps = tuple(_steps(rollout, other))
    left = len(steps) - STEPS
    notes = [note, _ENDS.get(rollout.stop, "")]
    if not drawn:
        notes.append("(no text, tool calls only)" if steps else "(an empty answer)")
    if left > 0:
        notes.append(f"The first {STEPS} of {len(steps):,} steps are shown.")
    return Side(
        title=title,
        model=named(rollout.answered_model or rollout.asked_model or model),
        steps=steps[:STEPS],
        stretches=drawn,
        notes=tuple(each for each in notes if each),
        scrolls=sum(len(each.text) for each in drawn) > 1_000,
    )


def _steps(rollout: Rollout, other: Rollout | None) -> Iterable[Step]:
    """Words and calls before the last message, which is the answer."""
    theirs = (
        {call.name for m in other.messages for call in m.tool_calls} if other is not None else None
    )
    results = (result for _, result in pairs(rollout.messages))
    last = rollout.messages[-1] if rollout.messages else None
    for message in rollout.messages:
        if message.role != "assistant":
            continue
        if message.content and message is not last:
            said = clipped(message.content, STEP_LIMIT)
            yield Step(label="says", text=said.text, alone=False, note=said.note)
        for call, answer in zip(message.tool_calls, results, strict=False):
            arguments = clipped(call.arguments, STEP_LIMIT)
            result = clipped(answer.content if answer is not None else "", STEP_LIMIT)
            yield Step(
                label=one_line(call.name, 80),
                text=arguments.text,
                alone=theirs is not None and call.name not in theirs,
                result=result.text,
                note=arguments.note or result.note,
            )
