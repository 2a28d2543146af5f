"""What counts as an assistant turn: the unit that is cut off, replayed and graded."""

from collections.abc import Sequence
from typing import NamedTuple

from foretaste.records import Dialogue, Message, Rollout, identity


class Turn(NamedTuple):
    """An assistant turn: `messages[start:end]` of its dialogue."""

    start: int
    end: int


def spans(messages: Sequence[Message]) -> list[Turn]:
    """List every assistant turn that answers a user message, in order.

    A turn starts at an assistant message that answers a user message, and ends before the next
    user or system message: tool calls and their results belong to it. System messages between the
    two, such as a reminder that a program puts behind what the user said, change nothing. An
    assistant message before which nobody asked answers nobody and cannot be replayed.
    """
    found = []
    asked = False
    for start, message in enumerate(messages):
        if message.role == "system":
            continue
        if message.role == "assistant" and asked:
            end = start + 1
            while end < len(messages) and messages[end].role not in ("user", "system"):
                end += 1
            found.append(Turn(start, end))
        asked = message.role == "user"
    return found


def turns(dialogue: Dialogue) -> list[Turn]:
    """List the assistant turns of a dialogue that are its own and can be replayed.

    A turn before `own_from` is context that other records hold too and is left out. A proxy logs
    each call of an agent's turn as a record of its own; of these only the one counts in which the
    turn is closed, by an answer without tool calls or by a call that the request forced. Where
    what the turn answers is the record's own too, no other record closes it.
    """
    found = spans(dialogue.messages)
    if dialogue.own_from == 0:
        return found
    own = [turn for turn in found if turn.end > dialogue.own_from]
    last = dialogue.messages[-1] if dialogue.messages else None
    forced = dialogue.settings.get("tool_choice") not in (None, "auto", "none")
    is_open = last is None or last.role != "assistant" or (last.tool_calls and not forced)
    begun = own and own[-1].start <= dialogue.own_from and own[-1].end == len(dialogue.messages)
    return own[:-1] if is_open and begun else own


def content_key(messages: tuple[Message, ...]) -> str:
    """Name of what was said, whoever said it: equal for equal messages, system prompts left out."""
    return identity([(m.role, m.content, m.tool_calls) for m in messages if m.role != "system"])


def is_blank(rollout: Rollout) -> bool:
    """Whether a rollout holds no word and no tool call: a model that said nothing."""
    return not any(
        message.content.strip() or message.tool_calls
        for message in rollout.messages
        if message.role == "assistant"
    )
