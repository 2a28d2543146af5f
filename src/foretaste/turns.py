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

    A turn before `own_from` is context that other records hold too and is left out. A proxy logs
    each call of an agent's turn as a record of its own; of these only the one counts in which the
    turn is closed, by an answer without tool calls or by a call that the request forced.
    """
    messages = dialogue.messages
    closed = bool(messages) and messages[-1].role == "assistant"
    if closed and messages[-1].tool_calls:
        closed = dialogue.settings.get("tool_choice") not in (None, "auto", "none")
    found = []
    for start in range(1, len(messages)):
        if messages[start].role != "assistant" or messages[start - 1].role != "user":
            continue
        end = start + 1
        while end < len(messages) and messages[end].role not in ("user", "system"):
            end += 1
        if end > dialogue.own_from and (dialogue.own_from == 0 or closed):
            found.append(Turn(start, end))
    return found
