"""For which turns a behavior is defined: conditions on what came before any answer.

A condition never looks at an answer. Lanes share their prefixes, so they share the turns that
count; a rate among "turns in which the model called a tool" would let each model choose its own.
"""

from collections.abc import Callable, Iterable, Mapping

from foretaste.records import Prefix
from foretaste.traits import tag_of


def _has_tools(prefix: Prefix) -> bool:
    said = (*prefix.messages, *prefix.recorded)
    return bool(prefix.tools) or any(message.tool_calls for message in said)


_TESTS: Mapping[str, Callable[[Prefix], bool]] = {
    "tools": _has_tools,
    "system": lambda prefix: any(m.role == "system" for m in prefix.messages),
    "history": lambda prefix: any(m.role == "assistant" for m in prefix.messages),
}

CONDITIONS: Mapping[str, str] = {
    "tools": "the log shows tools: schemas, or a call before the turn or in production's own",
    "system": "there is a system prompt",
    "history": "the assistant has spoken before",
}
"""What a behavior may ask of a turn; `name=value` asks for a tag, such as `language=en`."""


def is_condition(written: str) -> bool:
    """Whether this is one of `CONDITIONS`, or a tag and its value."""
    name, equals, value = written.partition("=")
    return written in CONDITIONS or bool(equals and name.strip() and value.strip())


def unmet(conditions: Iterable[str], prefix: Prefix) -> str | None:
    """The first condition that a prefix does not meet; None where it meets all."""
    return next((each for each in conditions if not _holds(each, prefix)), None)


def _holds(condition: str, prefix: Prefix) -> bool:
    test = _TESTS.get(condition)
    if test is not None:
        return test(prefix)
    name, _, value = condition.partition("=")
    return tag_of(prefix.messages, prefix.tags, name.strip()) == value.strip()
