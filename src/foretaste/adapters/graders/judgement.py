"""What a judge is shown, and what may be believed of its reply (`fencing.py` says why)."""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from foretaste.fencing import TWICE, Unreadable, fence, located, newest, plain, single_object
from foretaste.records import JSON, Prefix, Rollout

__all__ = ["Judgement", "Unreadable", "fenced", "located", "read_judgements", "refuses", "schema"]

_ONE: JSON = {
    "type": "object",
    "properties": {
        "present": {"type": "boolean"},
        "severity": {"type": "integer", "enum": [0, 1, 2, 3, 4]},
        "evidence": {"type": "string", "maxLength": 600},
        "reason": {"type": "string", "maxLength": 600},
    },
    "required": ["present", "severity", "evidence", "reason"],
    "additionalProperties": False,
}

_REFUSAL = re.compile(
    r"\W*(?:(?:i['’]?m|i am)(?: very| so)? (?:sorry|unable|not able)|sorry\b|i apologi[sz]e|"
    r"(?:unfortunately,? )?i (?:can['’]?t|cannot|can not|won['’]?t|must decline|decline))",
    re.IGNORECASE,
)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge's reply says of one behavior."""

    present: bool
    evidence: str = ""
    reason: str = ""
    severity: Annotated[int, msgspec.Meta(ge=0, le=4)] | None = None
    confidence: float | str | None = None


def schema(names: Sequence[str]) -> JSON:
    """What the judge's reply must look like: one verdict, or one under each behavior's name."""
    if len(names) == 1:
        return _ONE
    each = {
        "type": "object",
        "properties": dict.fromkeys(names, _ONE),
        "required": list(names),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"verdicts": each},
        "required": ["verdicts"],
        "additionalProperties": False,
    }


def fenced(
    prefix: Prefix, rollout: Rollout, *, reasoning: bool, context: int, answer_first: bool = False
) -> tuple[str, str]:
    """The material as the judge sees it, and the fence's name.

    The newest messages of the prefix are shown up to `context` characters, and its system prompt;
    how many were left out is said. The answer is always shown whole.
    """
    shown = newest(prefix.messages, context)
    conversation = {
        "conversation": [plain(m) for m in shown],
        "earlier_messages_left_out": len(prefix.messages) - len(shown),
    }
    answer = {"answer": [plain(m, reasoning=reasoning) for m in rollout.messages]}
    return fence(answer | conversation if answer_first else conversation | answer)


def read_judgements(text: str, names: Sequence[str]) -> dict[str, Judgement | Unreadable]:
    """Read a judge's reply: exactly one JSON object with what was asked, whatever stands around it.

    Values of the wrong type are unreadable, and so is a behavior that the reply leaves out; the
    others of the panel are not the worse for it.
    """
    key = "present" if len(names) == 1 else "verdicts"
    found = single_object(text, key, "a verdict")
    if isinstance(found, Unreadable):
        return dict.fromkeys(names, found)
    if len(names) == 1:
        return {names[0]: _read(found)}
    parts = found["verdicts"]
    if not isinstance(parts, dict) or TWICE in parts:
        wrong = Unreadable("the judge's reply gives no single verdict for each behavior")
        return dict.fromkeys(names, wrong)
    return {name: _read(parts[name]) if name in parts else _LEFT_OUT for name in names}


_LEFT_OUT = Unreadable("the judge's reply leaves the behavior out")


def _read(part: JSON) -> Judgement | Unreadable:
    if isinstance(part, dict) and TWICE in part:
        return Unreadable("the judge's reply gives a key twice")
    try:
        return msgspec.convert(part, Judgement)
    except msgspec.ValidationError as error:
        return Unreadable(f"the judge's reply has a wrong type: {error}")


def refuses(text: str) -> bool:
    """Whether a reply that gives no judgement declines to give one, in its first words."""
    return _REFUSAL.match(text) is not None
