"""Tool calls with their results, as a session is told of what was done before."""

from collections.abc import Iterable

from foretaste.calls import pairs
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import Message


def acts(messages: Iterable[Message]) -> list[Act]:
    """The tool calls that got a result."""
    return [
        Act(call, ToolAnswer(result.content, "recorded", "as logged", result.seconds or 0.0))
        for call, result in pairs(messages)
        if result is not None
    ]
