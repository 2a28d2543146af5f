"""The last real turns of a log, de-identified: what a person looks at without a plan."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import msgspec

from foretaste.calls import pairs
from foretaste.errors import LogError
from foretaste.protocols import Reader, Scrubber
from foretaste.records import JSON, Conversation, Failure, Gap, Prefix, ScrubbedConversation
from foretaste.runs.watch import Watch
from foretaste.stages.ingest import ingest
from foretaste.stages.sample import latest, newest
from foretaste.stages.scrub import scrub
from foretaste.usable import usable

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # that servers take for a tool
_MOST = 64  # tools that are offered, the most often called ones
_TYPES = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


class Picked(NamedTuple):
    """Turns, and where in the log each is."""

    prefixes: tuple[Prefix, ...]
    sources: dict[str, str]  # Prefix.id -> file name and line
    read: int  # conversations of the log
    lost: int  # records that could not be read or scrubbed


def pick(reader: Reader, scrubber: Scrubber, count: int, watch: Watch) -> Picked:
    """The last `count` turns: see `stages.sample.newest` and `latest` for the rule.

    Only the conversations that they come from are scrubbed, so a large log takes no longer than
    reading it. Where the log holds no tool schemas, a model would be offered no tool and call none:
    so it is offered those that the conversations call, with the arguments seen there.

    Raises:
        LogError: the log cannot be read, or holds no turn to replay.
    """
    counts: Counter[str] = Counter()

    def lose(_: Failure) -> None:
        counts["lost"] += 1

    def counted(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        for each in conversations:
            counts["read"] += 1
            watch("read", counts["read"], None)
            yield each

    raw = newest(counted(usable(ingest(reader), Conversation, lose)), count)
    clean = list(usable(scrub(raw, scrubber=scrubber), ScrubbedConversation, lose))
    places = {each.id: f"{each.source}:{each.line}" for each in raw}
    scrubbed = {each.id: places[each.parent] for each in clean}
    seen = _tools_of(clean)
    found = tuple(
        replace(prefix, tools=seen) if Gap.TOOLS in prefix.gaps and not prefix.tools else prefix
        for prefix in latest(clean, count)
    )
    if not found:
        raise LogError("the log holds no assistant turn after a user message")
    sources = {prefix.id: scrubbed[prefix.parent] for prefix in found}
    return Picked(found, sources, counts["read"], counts["lost"])


def _tools_of(conversations: Iterable[ScrubbedConversation]) -> tuple[JSON, ...]:
    """Schemas of the tools that conversations call, as far as their calls tell."""
    called: Counter[str] = Counter()
    arguments: dict[str, dict[str, JSON]] = {}
    for each in conversations:
        for call, _ in pairs(each.dialogue.messages):
            if _NAME.fullmatch(call.name):
                called[call.name] += 1
                arguments.setdefault(call.name, {}).update(_arguments(call.arguments))
    return tuple(
        {
            "type": "function",
            "function": {
                "name": name,
                "parameters": {"type": "object", "properties": arguments[name]},
            },
        }
        for name, _ in called.most_common(_MOST)
    )


def _arguments(written: str) -> dict[str, JSON]:
    try:
        found = msgspec.json.decode(written or "{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}
    given = found.items() if isinstance(found, dict) else ()
    return {name: _schema(value) for name, value in given if value is not None}


def _schema(value: JSON) -> JSON:
    kind = _TYPES.get(type(value), "string")
    return {"type": kind, "items": {}} if kind == "array" else {"type": kind}
