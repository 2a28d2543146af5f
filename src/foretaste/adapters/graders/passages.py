"""The text that a rule looks at: what is quoted blanked out, and one sentence around a match.

Blanking keeps every offset, so that a match in the blanked text is evidence in the original.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from foretaste.adapters.graders.literals import Search
from foretaste.records import Prefix, Rollout, Stop

Where = Literal["text", "all", "reasoning"]

LONGEST = 20_000
"""Characters that a rule scans of one text; the rest is not looked at."""

_KEPT = 8  # texts; one is read by many rules in a row
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_QUOTED = re.compile(
    r"\"[^\"\n]{2,600}\"|“[^”\n]{2,600}”|«[^»\n]{2,600}»|「[^」\n]{2,600}」|^[ \t]*>.*$",
    re.MULTILINE,
)
_BOUNDARY = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<=[。\uff01\uff1f])|\n+")


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern's hit: the matched text, and the sentence that holds it."""

    text: str
    sentence: str


def passages(rollout: Rollout, where: Where) -> Iterator[str]:
    """The texts of a rollout that a rule reads, each at most `LONGEST` characters.

    `text` is the final message; `reasoning` is what the model thought in any message; `all` is
    every assistant message, its reasoning and the arguments of its tool calls.
    """
    if where == "text":
        yield rollout.text[:LONGEST]
        return
    for message in rollout.messages:
        if message.role != "assistant":
            continue
        if message.reasoning is not None:
            yield message.reasoning[:LONGEST]
        if where == "all":
            yield message.content[:LONGEST]
            yield from (call.arguments[:LONGEST] for call in message.tool_calls)


def _blank(found: re.Match[str]) -> str:
    return "\n".join(" " * len(line) for line in found.group().split("\n"))


@lru_cache(maxsize=_KEPT)
def without_code(text: str) -> str:
    """The text with code, fenced or in backticks, blanked out."""
    return _CODE.sub(_blank, text)


@lru_cache(maxsize=_KEPT)
def without_quotes(text: str) -> str:
    """The text with code, quotations and quoted lines blanked out."""
    return _QUOTED.sub(_blank, without_code(text))


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence, or sentences, that hold the span; a line end closes a sentence."""
    left, right = 0, len(text)
    for boundary in _BOUNDARY.finditer(text):
        if boundary.end() <= start:
            left = boundary.end()
        elif boundary.start() >= end:
            right = boundary.start()
            break
    return text[left:right]


def matches(text: str, pattern: Search, *, quoted: bool) -> Iterator[Match]:
    """Every match of the pattern; with `quoted` false, none inside code or quotation marks."""
    seen = text if quoted else without_quotes(text)
    for found in pattern.finditer(seen):
        if found.group().strip():
            start, end = found.span()
            yield Match(text[start:end], sentence_around(seen, start, end))


def missing_answer(rollout: Rollout) -> str:
    """Why there is no final message to look at; empty where there is one, be it blank.

    An answer that is missing is another thing than one the model left empty.
    """
    if rollout.text.strip():
        return ""
    if rollout.stop in (Stop.TOOL_MISS, Stop.TURN_LIMIT, Stop.FILTERED):
        return f"no final message: the turn ended by {rollout.stop}"
    if not rollout.messages:
        return "the rollout holds no message"
    last = rollout.messages[-1]
    if rollout.stop is Stop.UNKNOWN and (last.role == "tool" or last.tool_calls):
        return "no final message: the log ends at a tool call"
    return ""


def request_of(prefix: Prefix) -> str:
    """The user's last message; empty where there is none."""
    return next((m.content for m in reversed(prefix.messages) if m.role == "user"), "")
