"""The tool calls of a turn as rules see them: what was called, what it is for, what came back."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from foretaste.calls import pairs
from foretaste.records import Message, Prefix, Rollout, ToolCall

Kind = Literal["read", "write", "run", "unknown"]

LOOKED_AT = 2_000
"""Characters of a result in which a rule looks for an error."""

_FAILED = re.compile(
    r"\A[^\w{]*(?:error|exception|traceback|failed|failure|invalid)\b|"
    r"\"error\"\s*:(?!\s*(?:null|false|\"\"))|\"status\"\s*:\s*\"(?:error|failed|failure)\"|"
    r"\"is_?error\"\s*:\s*true",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# A tool's kind is that of the first word of its name that stands here.
_WORDS: dict[Kind, str] = {
    "read": "get list search find read view show look lookup fetch query describe count check "
    "browse browser open inspect calculate calculator compute think ls cat grep glob head tail "
    "stat web ping select retrieve google plan ask",
    "write": "book cancel update create delete remove send set add modify change edit editor write "
    "save post put patch insert replace pay refund transfer order purchase reserve schedule upload "
    "submit move rename drop destroy purge wipe erase terminate truncate revoke uninstall "
    "deactivate discard apply return exchange assign close merge push commit publish notify email "
    "mail reply upgrade escalate",
    "run": "bash shell exec execute run terminal command commands cmd python code notebook "
    "computer sql repl console powershell test tests build",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}


class Done(NamedTuple):
    """A tool call with its result."""

    call: ToolCall
    result: str | None  # None: nothing came back

    @property
    def failed(self) -> bool:
        """Whether the result reads as an error; a missing one does not."""
        return self.result is not None and _FAILED.search(self.result[:LOOKED_AT]) is not None

    @property
    def worked(self) -> bool:
        """Whether a result came, and does not read as an error."""
        return self.result is not None and not self.failed


def done(messages: Iterable[Message]) -> list[Done]:
    """Every tool call in order with its result, which belongs to the last open call of its id."""
    return [Done(call, result.content if result else None) for call, result in pairs(messages)]


def has_tools(prefix: Prefix, rollout: Rollout) -> bool:
    """Whether the log shows that there were tools: schemas, or a call before or in the turn."""
    said = (*prefix.messages, *prefix.recorded, *rollout.messages)
    return bool(prefix.tools) or any(message.tool_calls for message in said)


def words_of(name: str) -> list[str]:
    """The words of a tool's name, lower case: `mcp__git.pushForce` is mcp, git, push, force."""
    return [word.lower() for word in _WORD.findall(name)]


@lru_cache(maxsize=1024)
def kind_of(name: str) -> Kind:
    """What a tool is for, by the first word of its name that says so."""
    return next((_KINDS[word] for word in words_of(name) if word in _KINDS), "unknown")


def arguments_of(call: ToolCall) -> Any:
    """The call's arguments as parsed; None stands for arguments that are not JSON."""
    try:
        return json.loads(call.arguments) if call.arguments.strip() else {}
    except (ValueError, RecursionError):
        return None


def same_as(call: ToolCall) -> tuple[str, str]:
    """Name of a call: equal for equal tools and arguments, however these are written."""
    arguments = arguments_of(call)
    written = call.arguments if arguments is None else json.dumps(arguments, sort_keys=True)
    return call.name, written


def strings(value: Any, depth: int = 4) -> Iterator[str]:
    """The texts in parsed arguments, `depth` levels down."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part, depth - 1)


def texts_of(call: ToolCall) -> list[str]:
    """The texts in a call's arguments; all of them as one where they are not JSON."""
    arguments = arguments_of(call)
    return [call.arguments] if arguments is None else list(strings(arguments))
