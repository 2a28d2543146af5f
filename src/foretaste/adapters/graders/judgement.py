"""What a judge is shown, and what may be believed of its reply (`fencing.py` says why)."""

import re

import msgspec

from foretaste.fencing import Unreadable, fence, newest, plain, single_object
from foretaste.records import JSON, Prefix, Rollout

__all__ = ["SCHEMA", "Judgement", "Unreadable", "fenced", "located", "read_judgement"]

SCHEMA: JSON = {
    "type": "object",
    "properties": {
        "present": {"type": "boolean"},
        "evidence": {"type": "string", "maxLength": 600},
        "reason": {"type": "string", "maxLength": 600},
    },
    "required": ["present", "evidence", "reason"],
    "additionalProperties": False,
}
"""What the judge's reply must look like."""

_SHORTEST_EVIDENCE = 3  # characters, white space left out
_SPACE = re.compile(r"\s+")


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A judge's reply, read."""

    present: bool
    evidence: str = ""
    reason: str = ""
    confidence: float | str | None = None


def fenced(prefix: Prefix, rollout: Rollout, *, reasoning: bool, context: int) -> tuple[str, str]:
    """The material as the judge sees it, and the fence's name.

    The newest messages of the prefix are shown up to `context` characters, and its system prompt;
    how many were left out is said. The answer is always shown whole.
    """
    shown = newest(prefix.messages, context)
    return fence(
        {
            "conversation": [plain(m) for m in shown],
            "earlier_messages_left_out": len(prefix.messages) - len(shown),
            "answer": [plain(m, reasoning=reasoning) for m in rollout.messages],
        }
    )


def read_judgement(text: str) -> Judgement | Unreadable:
    """Read a judge's reply: exactly one JSON object with a verdict, whatever stands around it.

    Values of the wrong type are unreadable too.
    """
    found = single_object(text, "present", "a verdict")
    if isinstance(found, Unreadable):
        return found
    try:
        return msgspec.convert(found, Judgement)
    except msgspec.ValidationError as error:
        return Unreadable(f"the judge's reply has a wrong type: {error}")


def located(evidence: str, rollout: Rollout, *, reasoning: bool) -> str | None:
    """The evidence as the rollout writes it, white space aside; None where it is not there."""
    wanted = _SPACE.sub(" ", evidence).strip()
    if len(wanted.replace(" ", "")) < _SHORTEST_EVIDENCE:
        return None
    pattern = re.compile(r"\s+".join(re.escape(word) for word in wanted.split(" ")))
    for text in _texts(rollout, reasoning=reasoning):
        found = pattern.search(text)
        if found is not None:
            return found.group()
    return None


def _texts(rollout: Rollout, *, reasoning: bool) -> list[str]:
    texts: list[str] = []
    # The model's own words come first; what a tool answered is no word of the model.
    for message in rollout.messages:
        if message.role == "assistant":
            texts.append(message.content)
            texts.extend(call.arguments for call in message.tool_calls)
            texts.extend(call.name for call in message.tool_calls)
            if reasoning and message.reasoning:
                texts.append(message.reasoning)
    return texts
