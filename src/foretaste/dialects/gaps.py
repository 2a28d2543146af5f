"""What a record does not hold, and a replay therefore cannot restore."""

import re
from collections.abc import Iterable, Mapping

from foretaste.records import Gap, Message

_MARK_OF_TRUNCATION = re.compile(
    r"\[(?:\.\.\. ?)?truncated(?: [0-9]+ [a-z]+)?\]\s*\Z", re.IGNORECASE
)
_GAPS = tuple(Gap)  # an enum's own iteration takes its time


def gaps_of(
    messages: Iterable[Message],
    *,
    has: Mapping[Gap, object],
    lost: Iterable[Gap] = (),
) -> tuple[Gap, ...]:
    """Say what a record does not hold, in the order of `Gap`.

    Args:
        messages: what was said.
        has: what a record can hold beside its messages, empty where it does not.
        lost: what the reader knows to be lost from the messages themselves.
    """
    gaps = {gap for gap, value in has.items() if not value} | set(lost)
    instructed = called = False
    for message in messages:
        instructed = instructed or message.role == "system"
        called = called or bool(message.tool_calls)
        if _is_truncated(message.content):
            gaps.add(Gap.TRUNCATED)
    if not instructed:
        gaps.add(Gap.SYSTEM)
    if not called:
        gaps.discard(Gap.TOOLS)
    return tuple(gap for gap in _GAPS if gap in gaps)


def _is_truncated(text: str) -> bool:
    # Only the end of a text: a search through all of it costs as much as parsing.
    return text.rstrip().endswith("]") and bool(_MARK_OF_TRUNCATION.search(text[-80:]))
