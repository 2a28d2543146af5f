"""What counts as an assistant turn: the unit that is cut off, replayed and graded."""

from typing import NamedTuple

from foretaste.records import Dialogue


class Turn(NamedTuple):
    """An assistant turn: `messages[start:end]` of its dialogue."""

    start: int
    end: int


def turns(dialogue: Dialogue) -> list[Turn]:
    """List the assistant turns of a dialogue that can be replayed, in order.

    A turn starts at an assistant message that answers a user message, and ends before the next
    user or system message: tool calls and their results belong to it. An assistant message that
    follows a system message, or nothing, answers nobody and cannot be replayed.

    A turn before `own_from` is context that other records hold too and is left out. One that
    only ends behind it (the last call of an agent's turn, as a proxy logs it) counts if the
    dialogue closes it: its last message is an assistant message without tool calls.
    """
    messages = dialogue.messages
    closed = bool(messages) and messages[-1].role == "assistant" and not messages[-1].tool_calls
    found = []
    for start in range(1, len(messages)):
        if messages[start].role != "assistant" or messages[start - 1].role != "user":
            continue
        end = start + 1
        while end < len(messages) and messages[end].role not in ("user", "system"):
            end += 1
        if start >= dialogue.own_from or (end > dialogue.own_from and closed):
            found.append(Turn(start, end))
    return found
