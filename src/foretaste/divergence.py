"""Where a rollout leaves the route that production took: the first tool call that is another."""

from collections.abc import Iterable
from enum import StrEnum

from foretaste.calls import canonical
from foretaste.records import Diverged, Message


class Kind(StrEnum):
    """How a rollout differs from the record at the first place where it does."""

    ARGUMENTS = "other arguments"  # the same tool
    ORDER = "another order"  # a call that the record makes later
    TOOL = "another tool"
    ENDED = "ended earlier"
    WENT_ON = "went on"  # after all that the record called


def divergence(recorded: Iterable[Message], rollout: Iterable[Message]) -> Diverged | None:
    """Compare two turns by their tool calls, in order; arguments as JSON, whatever their spelling.

    Returns:
        The first place that differs and how, or None where both make the same calls.
    """
    theirs = [canonical(call) for message in recorded for call in message.tool_calls]
    ours = [canonical(call) for message in rollout for call in message.tool_calls]
    for step, (their, our) in enumerate(zip(theirs, ours, strict=False)):
        if their == our:
            continue
        if our in theirs[step:]:
            return Diverged(step=step, kind=Kind.ORDER)
        return Diverged(step=step, kind=Kind.ARGUMENTS if our[0] == their[0] else Kind.TOOL)
    if len(theirs) == len(ours):
        return None
    shorter = min(len(theirs), len(ours))
    return Diverged(step=shorter, kind=Kind.ENDED if len(ours) < len(theirs) else Kind.WENT_ON)
