"""How production's tools behaved: how often they failed in passing, and how long they took."""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import numpy as np

from foretaste.adapters.simulators.effects import Effects
from foretaste.calls import canonical_bytes, pairs
from foretaste.records import JSON, ScrubbedConversation, ToolCall, identity
from foretaste.stats.proportion import Interval, wilson
from foretaste.turns import turns

_HEAD = 500  # characters in which an error says what it is
_PARSED = 20_000  # characters; longer JSON is content
_ERROR = re.compile(
    r"(?!\W*(?:no|without|zero|0)\b)(?:\S+\s+){0,3}?[\W_]*"  # within its first words
    r"(?:[\w.]*(?:error|exception|traceback|failure)\b|failed\b|\w*time(?:d |d)?-?out\b(?!\s+of)|"
    r"rate.?limit|too many requests|service unavailable|bad gateway|internal server|"
    r"connection (?:was )?(?:reset|refused|aborted|closed)|http[/\d. ]*\b[45]\d\d\b)",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"not found|n[o']t exist|no such|not available|invalid|missing|required|permission|denied|"
    r"forbidden|unauthori[sz]ed|logged in|already|insufficient|not enough|unsupported|"
    r"not supported|not allowed|not valid|must be|must have|cannot be|can't be|expected|malformed|"
    r"(?:http|status|code|error)[\W_]{0,3}4(?:0\d|1\d|22)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"time(?:d |d)?-?out|ETIMEDOUT|deadline exceeded|too many requests|rate.?limit|throttl|"
    r"temporar|try again|overloaded|unavailable|bad gateway|internal server error|ECONN\w+|"
    r"EAI_AGAIN|connection (?:was )?(?:reset|refused|aborted|closed|error)|"
    r"(?:http|status|code|error)[\W_\d.]{0,5}\b(?:429|5[0-2]\d)\b",
    re.IGNORECASE,
)


def reads_as_error(content: str) -> bool:
    """Whether a result says at its beginning, or as JSON, that it is an error."""
    if content[:1] == "{" and len(content) <= _PARSED:
        try:
            parsed: JSON = msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            parsed = None
        if isinstance(parsed, dict):
            return _says_error(parsed)
    return _ERROR.match(content[:_HEAD]) is not None


def _says_error(parsed: dict[str, JSON]) -> bool:
    if any(parsed.get(name) for name in ("error", "errors", "exception", "isError", "is_error")):
        return True
    if any(parsed.get(name) is False for name in ("success", "ok")):
        return True
    codes = [parsed.get(name) for name in ("status", "status_code", "statusCode", "code")]
    return any(
        code in ("error", "failed") or (type(code) is int and 400 <= code < 600) for code in codes
    )


def is_passing(content: str) -> bool | None:
    """Whether an error would be gone at the next try; None where its text does not tell.

    What speaks of the state or of the arguments (`not found`, `invalid`, 404) stays, whatever else
    it says.
    """
    head = content[:_HEAD]
    if _STATE.search(head):
        return False
    return True if _PASSING.search(head) else None


class Failed(NamedTuple):
    """A failure in passing, as production's tool told it."""

    content: str
    seconds: float | None  # that it took, where the log says


@dataclass(slots=True)
class Experience:
    """What production saw of one tool."""

    calls: int = 0  # that got a result
    failures: list[Failed] = field(default_factory=list)
    seconds: "array[float]" = field(default_factory=lambda: array("d"))  # of the other calls

    @property
    def share(self) -> float:
        """Failures in passing, of all calls."""
        return len(self.failures) / self.calls

    def interval(self, level: float = 0.95) -> Interval:
        """Wilson's interval of the share."""
        return wilson(len(self.failures), self.calls, level)

    def quantiles(self, *levels: float) -> tuple[float, ...]:
        """Seconds that a share of the calls took at most; empty where the log has no times."""
        if not self.seconds:
            return ()
        return tuple(float(each) for each in np.quantile(np.asarray(self.seconds), levels))

    def latency(self, tool: str, seed: int) -> float | None:
        """Seconds of one of the calls that did not fail, drawn by the seed."""
        if not self.seconds:
            return None
        place = int(identity("latency", tool, seed)[:13], 16) % len(self.seconds)
        return self.seconds[place]


def learn(
    conversations: Iterable[ScrubbedConversation], effects: Effects | None = None
) -> dict[str, Experience]:
    """What a corpus shows of each tool.

    A result is a failure in passing if it reads as an error, does not speak of the state or of the
    arguments, and either names what passes (a timeout, 429, 5xx) or comes from a tool that only
    reads and succeeded with the same arguments elsewhere in the corpus.

    Args:
        conversations: each turn is counted once, as in the call database.
        effects: which tools only read.
    """
    effects = effects or Effects()
    found: dict[str, Experience] = {}
    succeeded: set[bytes] = set()
    unclear: list[tuple[ToolCall, Failed]] = []
    for conversation in conversations:
        messages = conversation.dialogue.messages
        for start, end in turns(conversation.dialogue):
            for call, result in pairs(messages[start:end]):
                if result is None:
                    continue
                own = found.setdefault(call.name, Experience())
                own.calls += 1
                failed = Failed(result.content, result.seconds)
                error = reads_as_error(result.content)
                passing = is_passing(result.content) if error else False
                if passing:
                    own.failures.append(failed)
                elif passing is None and not effects.may_write(call.name):
                    unclear.append((call, failed))
                else:
                    if not error:
                        succeeded.add(_digest(call))
                    _add(own, result.seconds)
    for call, failed in unclear:
        own = found[call.name]
        if _digest(call) in succeeded:
            own.failures.append(failed)
        else:
            _add(own, failed.seconds)
    return found


def _add(own: Experience, seconds: float | None) -> None:
    if seconds is not None:
        own.seconds.append(seconds)


def _digest(call: ToolCall) -> bytes:
    given = call.name.encode("utf-8", "surrogatepass") + b"\0" + canonical_bytes(call.arguments)
    return blake2b(given, digest_size=16).digest()
