"""The form of a tool's answers, read from some of them: what another answer must look like."""

import json
from collections.abc import Callable, Sequence
from functools import partial

from foretaste.adapters.simulators.entities import parsed
from foretaste.adapters.simulators.facts import Errors
from foretaste.records import JSON

_ALIKE = 0.5  # share of all keys that every answer has; below, keys are names of things
_MANY = 40  # keys; more are names of things, too
_ROOM = 40  # characters that a text may be longer than twice any seen
_MORE = 2  # items that a list may have more than any seen


def complaint(content: str, seen: Sequence[str], is_error: Errors, *, may_fail: bool) -> str | None:
    """What in the form of an answer is unlike the answers seen of its tool; None: nothing.

    Args:
        content: the answer.
        seen: earlier answers of the tool; with none of them any form will do.
        is_error: tells answers that say that the call failed.
        may_fail: take such an answer even where none is among those seen.
    """
    good = [each for each in seen if not is_error(each)]
    if is_error(content):
        failed = may_fail or len(good) < len(seen) or not seen
        return None if failed else "this tool was not seen to fail: answer as it does"
    if not good:
        return None
    kinds = sorted({_kind(each) for each in good})
    if _kind(content) not in kinds:
        return f"the output is {_kind(content)}; this tool answers with {' or '.join(kinds)}"
    return _keys(content, good)


def _kind(content: str) -> str:
    found = parsed(content)
    if isinstance(found, dict):
        return "a JSON object"
    if isinstance(found, list):
        return "a JSON array"
    return "text" if content.strip() else "nothing"


def _keys(content: str, good: Sequence[str]) -> str | None:
    """What is wrong with the keys of the object, or of the objects in the array."""
    samples = [row for each in good for row in _objects(each)]
    needed, known = _frame(samples)
    if not known:
        return None
    for row in _objects(content):
        if needed - row.keys():
            return f"keys are missing: {', '.join(sorted(needed - row.keys()))}"
        if row.keys() - known:
            more = ", ".join(sorted(row.keys() - known)[:10])
            return f"this tool has no such keys: {more}"
    return None


def _objects(content: str) -> list[dict[str, JSON]]:
    found = parsed(content)
    return [row for row in (found if isinstance(found, list) else [found]) if isinstance(row, dict)]


def _frame(samples: Sequence[dict[str, JSON]]) -> tuple[set[str], set[str]]:
    """Keys that every object has, and all keys; none where they are names of things."""
    if not samples:
        return set(), set()
    keys = [set(each) for each in samples]
    needed, known = set.intersection(*keys), set.union(*keys)
    if len(known) > _MANY or len(needed) < _ALIKE * len(known):
        return set(), set()
    return needed, known


def schema_of(samples: Sequence[JSON]) -> JSON:
    """A JSON schema that all samples keep: their types and keys, and not much longer texts."""
    if not samples:
        return {}
    kinds: dict[str, list[JSON]] = {}
    for each in samples:
        kinds.setdefault(_type(each), []).append(each)
    options = [_of_kind(kind, some) for kind, some in kinds.items()]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _type(value: JSON) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}
    return names.get(type(value), "null" if value is None else "number")


def _of_kind(kind: str, samples: Sequence[JSON]) -> dict[str, JSON]:
    if kind == "array":
        items = [item for each in samples for item in each]
        most = max(len(each) for each in samples) + _MORE
        return {"type": kind, "items": schema_of(items), "maxItems": most}
    if kind == "string":
        longest = max(map(len, samples))
        return {"type": kind, "maxLength": 2 * longest + _ROOM if longest else 0}
    if kind != "object":
        return {"type": kind}
    needed, known = _frame(samples)
    if not known:
        return {
            "type": kind,
            "additionalProperties": schema_of([v for s in samples for v in s.values()]),
        }
    fields = {
        key: [each[key] for each in samples if key in each] for each in samples for key in each
    }
    return {
        "type": kind,
        "properties": {key: schema_of(given) for key, given in fields.items()},
        "required": [key for key in fields if key in needed],
        "additionalProperties": False,
    }


def writer(seen: Sequence[str]) -> Callable[[JSON], str]:
    """How a tool spells JSON: white space and letters beyond ASCII as in its first such answer."""
    styles: list[Callable[[JSON], str]] = [
        partial(json.dumps, ensure_ascii=ascii_only, **spaces)
        for ascii_only in (False, True)
        for spaces in ({}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 4})
    ]
    for text in seen:
        found = parsed(text)
        if found is not None:
            return next((style for style in styles if style(found) == text), styles[0])
    return styles[0]
