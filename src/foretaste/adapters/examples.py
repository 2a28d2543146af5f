"""The examples in a behavior's rubric, as turns that a grader can be tried on.

An example is an item of the list under `## Present` or `## Absent`. It is a little dialog, such as
`User: Is 7 prime? Answer: Yes.`, or an answer alone between quotation marks. Any other item is for
people and judges to read, and cannot be run.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from foretaste.records import Behavior, Lane, Message, Prefix, Role, Rollout, Stop, ToolCall

Section = Literal["Present", "Absent"]

ASKED = "Tell me something about it, please."
"""What the user says in an example that begins with the answer."""

_SPEAKER = re.compile(r"(?:\A|\s)(System|User|Reasoning|Call|Tool|Answer):\s+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s+\([^()]*\))?')
_NOTE = re.compile(
    r"(?<=[.!?\"…])\s+\([^()]*\)\Z"
)  # (no such paper): of the author, not the answer
_CALL = re.compile(r"`?([\w.-]+)\((.*)\)`?[.;]?", re.DOTALL)
_ROLES: dict[str, Role] = {"System": "system", "User": "user", "Tool": "tool"}


class Illustration(NamedTuple):
    """One example."""

    text: str  # as it is written
    present: bool  # whether it is to show the behavior
    turn: tuple[Prefix, Rollout] | None  # None: prose


def section(rubric: str, title: str) -> str:
    """What stands under a heading of the second level; empty where there is no such heading."""
    _, _, rest = f"\n{rubric}\n".partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0].strip()


def items(text: str) -> list[str]:
    """The items of a Markdown list, each on one line."""
    found = re.split(r"^- ", text, flags=re.MULTILINE)[1:]
    return [" ".join(each.split("\n\n")[0].split()) for each in found]


def examples(behavior: Behavior) -> Iterator[Illustration]:
    """Every example of a behavior, in order."""
    for title, present in (("Present", True), ("Absent", False)):
        for text in items(section(behavior.rubric, title)):
            yield Illustration(text, present, _turn(text))


def _turn(text: str) -> tuple[Prefix, Rollout] | None:
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return _made([("Answer", _unescaped(quoted[1]))])
    parts = _SPEAKER.split(text)
    if parts[0].strip() or len(parts) < 3:
        return None
    said = [(parts[at], parts[at + 1].strip()) for at in range(1, len(parts), 2)]
    said[-1] = (said[-1][0], _NOTE.sub("", said[-1][1]))
    return _made([(who, _unescaped(what)) for who, what in said])


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"')


def _made(said: list[tuple[str, str]]) -> tuple[Prefix, Rollout] | None:
    """A dialog as prefix and rollout; the turn begins behind the last word of the user."""
    if said[-1][0] != "Answer":
        return None
    start = max((at + 1 for at, (who, _) in enumerate(said) if who == "User"), default=0)
    before = list(_messages(said[:start])) or [Message(role="user", content=ASKED)]
    if not start:
        before = [m for m in _messages(said) if m.role == "system"] + before[-1:]
    turn = [message for message in _messages(said[start:]) if message.role != "system"]
    prefix = Prefix(
        parent="example",
        turn=len(before),
        turns=1,
        user="example",
        messages=tuple(before),
        recorded=tuple(turn),
    )
    lane, stop = Lane.RECORDED, Stop.UNKNOWN
    return prefix, Rollout(parent=prefix.id, lane=lane, messages=tuple(turn), stop=stop)


def _messages(said: list[tuple[str, str]]) -> Iterator[Message]:
    """Messages of what was said; reasoning belongs to the answer or call behind it."""
    reasoning: str | None = None
    number = 0
    for who, what in said:
        if who == "Reasoning":
            reasoning = what
        elif who == "Call":
            found = _CALL.fullmatch(what)
            number += 1
            name, arguments = (found[1], found[2]) if found else (what, "")
            call = ToolCall(id=f"call-{number}", name=name, arguments=arguments)
            yield Message(role="assistant", content="", reasoning=reasoning, tool_calls=(call,))
            reasoning = None
        elif who == "Answer":
            yield Message(role="assistant", content=what, reasoning=reasoning)
            reasoning = None
        else:
            of = f"call-{number}" if who == "Tool" and number else None
            yield Message(role=_ROLES[who], content=what, tool_call_id=of)
