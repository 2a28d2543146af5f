"""Which tools may change something: what decides whether an answer of another time still holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from foretaste.calls import canonical
from foretaste.protocols import Act
from foretaste.records import JSON, ToolCall

_READS = re.compile(
    r"(?:[A-Za-z\d]+(?:[_-][A-Za-z\d]+)*(?:[./:]|__))*"  # a name space: `mcp__github__get_issue`
    r"(?:get|list|search|find|read|view|show|look|lookup|fetch|query|describe|count|check|browse|"
    r"open|inspect|calculate|compute|think|ls|cat|grep|glob|head|tail|stat|web|ping|select|retrieve)"
    r"(?:[A-Z\d._/-].*)?"
    r"|Read|Grep|Glob|LS|Think|WebSearch|WebFetch|Search\w*|Get[A-Z]\w*|List[A-Z]\w*|Find[A-Z]\w*"
)
_WRITES = re.compile(  # a word of the name, wherever it stands: `get_or_create_user`
    r"(?:create|delete|remove|update|insert|write|set|add|put|patch|send|cancel|drop|edit|modify|"
    r"rename|move|merge|purge|reset|replace|upsert)"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SHORT = 3  # characters; shorter values name nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Tools by what they do, by shell patterns. Named in neither, the name's first word decides.

    `get_user`, `search_flights` or `calculate` read; a tool that is not known to read may write,
    and so may one with a word like `create` or `delete` anywhere in its name.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def may_write(self, tool: str) -> bool:
        """Whether a call of this tool may change what others answer."""
        if any(fnmatchcase(tool, pattern) for pattern in self.writes):
            return True
        if any(fnmatchcase(tool, pattern) for pattern in self.reads):
            return False
        writing = any(_WRITES.fullmatch(word.lower()) for word in _WORD.findall(tool))
        return writing or _READS.fullmatch(tool) is None

    def written(self, before: Iterable[Act]) -> list[ToolCall]:
        """The calls so far that may have changed something, in order."""
        return [act.call for act in before if act.answer.done and self.may_write(act.call.name)]

    def state(self, before: Iterable[Act]) -> tuple[tuple[str, str], ...]:
        """Name of a state: the calls that may have made it what it is, in order."""
        return tuple(canonical(call) for call in self.written(before))

    def touched(self, call: ToolCall, before: Sequence[Act]) -> ToolCall | None:
        """The last call so far that may have changed what this one is about, or None.

        Two calls are about the same where a value of one is a value of the other. One without
        values is about everything.
        """
        about = values(call)
        for earlier in reversed(self.written(before)):
            theirs = values(earlier)
            if not about or not theirs or about & theirs:
                return earlier
        return None


def values(call: ToolCall) -> frozenset[str]:
    """Values of a call's arguments that could name something: texts and numbers of 3 or more signs.

    Truth values, short codes and what is no JSON count for nothing or for the whole text.
    """
    try:
        parsed: JSON = msgspec.json.decode(call.arguments or "{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return frozenset({call.arguments})
    return frozenset(text for text in leaves(parsed) if len(text) >= _SHORT)


def leaves(parsed: JSON) -> Iterator[str]:
    """Every text and number in a JSON value, as text."""
    left = [parsed]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(value)
