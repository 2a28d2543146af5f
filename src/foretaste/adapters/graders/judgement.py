"""What a judge is shown, and what may be believed of its reply.

The graded text is hostile: it may address the judge, imitate the fence around it, or hold text
that looks like a verdict. It is shown as data between fences (`fencing.py`).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from foretaste.fencing import fence
from foretaste.records import JSON, Message, Prefix, Rollout

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

_LONGEST_REPLY = 20_000  # characters
_SHORTEST_EVIDENCE = 3  # characters, white space left out
_SPACE = re.compile(r"\s+")


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A judge's reply, read."""

    present: bool
    evidence: str = ""
    reason: str = ""
    confidence: float | str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A judge's reply that gives no judgement."""

    reason: str


def fenced(prefix: Prefix, rollout: Rollout, *, reasoning: bool, context: int) -> tuple[str, str]:
    """The material as the judge sees it, and the fence's name.

    The newest messages of the prefix are shown up to `context` characters, and its system prompt;
    how many were left out is said. The answer is always shown whole.
    """
    shown = _newest(prefix.messages, context)
    material = {
        "conversation": [_plain(m, reasoning=False) for m in shown],
        "earlier_messages_left_out": len(prefix.messages) - len(shown),
        "answer": [_plain(m, reasoning=reasoning) for m in rollout.messages],
    }
    return fence(material)


def _newest(messages: tuple[Message, ...], context: int) -> list[Message]:
    left = context
    kept: list[Message] = []
    for message in reversed(messages):
        left -= len(message.content) + sum(len(c.arguments) for c in message.tool_calls)
        # The message that is answered is always shown: without it there is nothing to judge.
        if left >= 0 or not kept or message.role == "system":
            kept.append(message)
    return kept[::-1]


def _plain(message: Message, *, reasoning: bool) -> dict[str, JSON]:
    plain: dict[str, JSON] = {"role": message.role, "content": message.content}
    if reasoning and message.reasoning:
        plain["reasoning"] = message.reasoning
    if message.tool_calls:
        calls = [{"name": c.name, "arguments": c.arguments} for c in message.tool_calls]
        plain["tool_calls"] = calls
    return plain


def read_judgement(text: str) -> Judgement | Unreadable:
    """Read a judge's reply: exactly one JSON object with a verdict, whatever stands around it.

    Two objects that disagree, a key given twice, and values of the wrong type are unreadable:
    each could be the graded text speaking through the judge.
    """
    if len(text) > _LONGEST_REPLY:
        return Unreadable("the judge's reply is too long to be a verdict")
    objects = [found for found in _objects(text) if "present" in found]
    if not objects:
        said = "is empty" if not text.strip() else "holds no JSON object with 'present'"
        return Unreadable(f"the judge's reply {said}")
    if any(found != objects[0] for found in objects):
        return Unreadable("the judge's reply holds several verdicts that disagree")
    if "__twice__" in objects[0]:
        return Unreadable("the judge's reply gives a key twice")
    try:
        return msgspec.convert(objects[0], Judgement)
    except msgspec.ValidationError as error:
        return Unreadable(f"the judge's reply has a wrong type: {error}")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else {**found, "__twice__": True}


def _objects(text: str) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_pairs)
    found: list[dict[str, Any]] = []
    place = text.find("{")
    while place >= 0:
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
        else:
            found.append(value)
        place = text.find("{", place)
    return found


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
