"""Which things a tool call and its answer are about, read from keys that name them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from foretaste.records import JSON, ToolCall

_KEY = re.compile(r"id|uuid|\w*(?:_id|_uuid|[a-z]I[dD])")
_SUFFIX = re.compile(r"_?(?:id|uuid|I[dD])$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


class Entity(NamedTuple):
    """A thing by its kind (`order` of `order_id`) and its id, as texts."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}".strip()


class Row(NamedTuple):
    """What an answer says of one thing."""

    entity: Entity
    fields: dict[str, JSON]


def parsed(text: str) -> JSON:
    """A JSON object or array; None for any other text, numbers and `null` included."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return found if isinstance(found, dict | list) else None


def words(tool: str) -> list[str]:
    """Words of a tool's name, in lower case: `cancel`, `order` of `shop.cancelOrder`."""
    return [word.lower() for word in _WORD.findall(tool.rpartition(".")[2])]


def arguments(call: ToolCall) -> dict[str, JSON]:
    """The arguments by name; none where they are no JSON object."""
    found = parsed(call.arguments)
    return found if isinstance(found, dict) else {}


def named(fields: dict[str, JSON], tool: str) -> list[Entity]:
    """The things that keys like `order_id` name, in order; a bare `id` is of the tool's kind."""
    return [
        Entity(_kind(key, tool), str(value))
        for key, value in fields.items()
        if _KEY.fullmatch(key) and isinstance(value, str | int) and not isinstance(value, bool)
    ]


def is_id(key: str) -> bool:
    """Whether a key's value names something."""
    return _KEY.fullmatch(key) is not None


def ids(value: JSON) -> Iterator[str]:
    """Every id in a JSON value, at any depth."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield from (entity.id for entity in named(each, ""))
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)


def subject(call: ToolCall) -> Entity | None:
    """The thing that a call is about: of those its arguments name, the one its tool names too."""
    found = named(arguments(call), call.name)
    said = set(words(call.name))
    fitting = [each for each in found if said.issuperset(words(each.kind))]
    return next(iter([*fitting, *found]), None)


def rows(call: ToolCall, content: str, *, wrote: bool) -> list[Row]:
    """What an answer says of which things, as far as that is beyond doubt.

    A read counts where its arguments are ids and nothing else: an answer that also hangs on a date
    or a page says nothing lasting. Of a write counts what it says of the kind that its tool's name
    holds. An object without an id of its own is about the only argument.
    """
    answer = parsed(content)
    given = arguments(call)
    asked = named(given, call.name)
    if not wrote and len(asked) < len(given):
        return []
    found = []
    for each in answer if isinstance(answer, list) else [answer]:
        if not isinstance(each, dict):
            continue
        own = named(each, call.name)
        known = [entity for entity in own if entity in asked]
        if not own and len(given) == 1 and isinstance(answer, dict):
            known = asked
        entity = next(iter([*known, *own]), None)
        if entity is None or (wrote and not set(words(call.name)).issuperset(words(entity.kind))):
            continue
        found.append(Row(entity, each))
    return found


def _kind(key: str, tool: str) -> str:
    """`order` of `order_id`; of a bare `id` what a tool's name says after its first word."""
    stem = _SUFFIX.sub("", key)
    if stem:
        return " ".join(words(stem))
    return " ".join(words(tool)[1:]).removesuffix("s")
