"""Tool calls with their results, as a log holds them."""

from collections.abc import Iterable

from foretaste.protocols import Act, ToolAnswer
from foretaste.records import Message, ToolCall


def pairs(messages: Iterable[Message]) -> list[tuple[ToolCall, Message | None]]:
    """Every tool call in order, with its result, or None where the log has none.

    A result belongs to the last open call of its id: logs use an id more than once.
    """
    found: list[tuple[ToolCall, Message | None]] = []
    still_open: dict[str | None, int] = {}  # by id: place in `found`
    for message in messages:
        for call in message.tool_calls:
            still_open[call.id] = len(found)
            found.append((call, None))
        if message.role == "tool" and message.tool_call_id in still_open:
            place = still_open.pop(message.tool_call_id)
            found[place] = (found[place][0], message)
    return found


def acts(messages: Iterable[Message]) -> list[Act]:
    """The tool calls that got a result, as a session is told of what was done before."""
    return [
        Act(call, ToolAnswer(result.content, "recorded", "as logged", result.seconds or 0.0))
        for call, result in pairs(messages)
        if result is not None
    ]
