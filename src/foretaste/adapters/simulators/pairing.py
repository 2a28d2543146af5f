"""Tool calls with their results, as a log holds them."""

from collections.abc import Iterable

from foretaste.protocols import Act, ToolAnswer
from foretaste.records import Message
from foretaste.turns import pairs

__all__ = ["acts", "pairs"]


def acts(messages: Iterable[Message]) -> list[Act]:
    """The tool calls that got a result, as a session is told of what was done before."""
    return [
        Act(call, ToolAnswer(result.content, "recorded", "as logged", result.seconds or 0.0))
        for call, result in pairs(messages)
        if result is not None
    ]
