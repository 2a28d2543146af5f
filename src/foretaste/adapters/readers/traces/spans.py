"""One span, however it is spelled: OTLP's JSON, an SDK's console, a row of a data frame."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from foretaste.adapters.readers.reading import time_of
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS = 10**9
_DEEPEST = 32  # parts of a dotted name
# A number this large counts nanoseconds; in milliseconds it would be the year 5138.
_NANOSECONDS_FROM = 1e14
_ATTRIBUTES = "attributes."  # what columns of a data frame begin with
_NAMESPACES = frozenset(
    ["gen_ai", "llm", "openinference", "session", "user", "input", "output", "tool", "agent"]
)
_FAILED = ("ERROR", "STATUS_CODE_ERROR", 2)


class Event(msgspec.Struct):
    """Something that happened in a span, or a log record written in it."""

    name: str
    attributes: dict[str, Any] = {}
    body: Any = None


class Span(msgspec.Struct):
    """A span with plain values; a log record that stands alone is one without an own id."""

    trace: str = ""
    id: str = ""
    parent: str = ""
    name: str = ""
    start: int | None = None  # in nanoseconds since 1970
    end: int | None = None
    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    events: list[Event] = []
    failed: bool = False
    cut: bool = False  # some of its attributes or events were dropped
    loose: bool = False  # a log record, whose one event belongs to the span of this id

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return (self.end - self.start) / _NANOSECONDS

    @property
    def started_at(self) -> datetime | None:
        """When it began; None where the log does not say, or says nonsense."""
        if not self.start:
            return None
        try:
            return _EPOCH + timedelta(microseconds=self.start // 1000)
        except OverflowError:
            return None


def span_of(row: Mapping[str, JSON], resource: Mapping[str, JSON] | None = None) -> Span:
    """Read a span from its JSON object, or from a row of a table that holds one a row.

    Args:
        row: the object, its keys as OTLP, an SDK's console or Phoenix spells them.
        resource: attributes of what made the span.

    Raises:
        Unreadable: it holds no ids.
    """
    context = row.get("context")
    around: Mapping[str, JSON] = context if isinstance(context, dict) else {}
    trace = _id(row, around, "traceId", "trace_id")
    if not trace:
        raise Unreadable("a span without the id of its trace")
    attributes = dict(_flat(plain(row.get("attributes")) | _columns(row)))
    if isinstance(kind := row.get("span_kind"), str):
        attributes.setdefault("openinference.span.kind", kind)
    if isinstance(notes := row.get("annotations"), list):
        attributes.setdefault("annotations", notes)
    inner = row.get("resource")
    made_by = plain(inner.get("attributes")) if isinstance(inner, dict) else {}
    return Span(
        trace=trace,
        id=_id(row, around, "spanId", "span_id"),
        parent=_id(row, {}, "parentSpanId", "parent_span_id", "parent_id"),
        name=row["name"] if isinstance(row.get("name"), str) else "",
        start=_time(row, "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime"),
        end=_time(row, "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime"),
        attributes=attributes,
        resource=dict(resource or {}) | made_by,
        events=list(_events(row.get("events"))),
        failed=_failed(row),
        cut=any(row.get(f"dropped{what}Count") for what in ("Attributes", "Events")),
    )


def record_of(row: Mapping[str, JSON], resource: Mapping[str, JSON] | None = None) -> Span:
    """Read an OTLP log record, as the one event of a span that may be written elsewhere."""
    attributes = plain(row.get("attributes"))
    name = next(
        (
            value
            for value in (row.get("eventName"), attributes.get("event.name"))
            if isinstance(value, str)
        ),
        "",
    )
    return Span(
        trace=_id(row, {}, "traceId", "trace_id"),
        id=_id(row, {}, "spanId", "span_id"),
        start=_time(row, "timeUnixNano") or _time(row, "observedTimeUnixNano"),
        resource=dict(resource or {}),
        events=[Event(name, attributes, value_of(row.get("body")))],
        loose=True,
    )


def plain(attributes: JSON) -> dict[str, JSON]:
    """Attributes as a mapping: OTLP's list of keys and values, or a mapping already."""
    if isinstance(attributes, dict):
        return attributes
    if not isinstance(attributes, list):
        return {}
    found: dict[str, JSON] = {}
    for each in attributes:
        if isinstance(each, dict) and isinstance(each.get("key"), str):
            found[each["key"]] = value_of(each.get("value"))
    return found


def value_of(value: JSON) -> JSON:
    """An OTLP value as plain JSON; anything else stays what it is."""
    if not isinstance(value, dict) or len(value) != 1:
        return None if value == {} else value
    ((kind, held),) = value.items()
    match kind.replace("_v", "V"):
        case "stringValue" | "boolValue" | "doubleValue":
            return held
        case "intValue":
            # int64 is a string in OTLP's JSON.
            return int(held) if isinstance(held, str) and _is_integer(held) else held
        case "arrayValue":
            held = held.get("values") if isinstance(held, dict) else held
            return [value_of(each) for each in held] if isinstance(held, list) else []
        case "kvlistValue":
            return plain(held.get("values") if isinstance(held, dict) else held)
        case "bytesValue":
            return None
    return value


def _is_integer(text: str) -> bool:
    return len(text) <= len("-9223372036854775808") and text.removeprefix("-").isdecimal()


def nested(value: JSON) -> JSON:
    """Undo flattening: `{"a.0.b": 1}` becomes `{"a": [{"b": 1}]}`, at every depth."""
    if isinstance(value, list):
        return [nested(each) for each in value]
    if not isinstance(value, dict):
        return value
    tree: dict[str, JSON] = {}
    for name, held in value.items():
        *path, last = name.split(".", _DEEPEST)
        at = tree
        for part in path:
            inner = at.get(part)
            if isinstance(inner, list):
                inner = {str(n): each for n, each in enumerate(inner)}
            elif not isinstance(inner, dict):
                inner = {}
            at[part] = inner
            at = inner
        inner, before = nested(held), at.get(last)
        both = isinstance(inner, dict) and isinstance(before, dict)
        at[last] = inner | before if both else inner
    return _listed(tree)


def below(attributes: Mapping[str, JSON], prefix: str) -> JSON:
    """What attributes hold at a dotted name, flattened below it, as JSON in text, or as it is."""
    if (held := parsed(attributes.get(prefix))) is not None:
        return nested(held)
    start = f"{prefix}."
    found = {name[len(start) :]: v for name, v in attributes.items() if name.startswith(start)}
    return nested(found) if found else None


def parsed(value: JSON) -> JSON:
    """JSON that a text holds as an object or array; anything else stays what it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value


def _listed(tree: JSON) -> JSON:
    """Mappings whose keys are all numbers, as lists in the order of these."""
    if not isinstance(tree, dict):
        return tree
    held = {name: _listed(inner) for name, inner in tree.items()}
    if held and all(name.isdecimal() and name.isascii() for name in held):
        return [inner for _, inner in sorted(held.items(), key=lambda item: (len(item[0]), item))]
    return held


def _flat(attributes: Mapping[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """Attributes by dotted names, where an export made one mapping of a whole namespace."""
    left = deque(attributes.items())
    while left:
        name, value = left.popleft()
        if isinstance(value, dict) and name.split(".", 1)[0] in _NAMESPACES:
            left.extend((f"{name}.{inner}", held) for inner, held in value.items())
        else:
            yield name, value


def _columns(row: Mapping[str, JSON]) -> dict[str, JSON]:
    """Attributes that are columns of their own; an empty one is none."""
    return {
        name[len(_ATTRIBUTES) :]: value
        for name, value in row.items()
        if name.startswith(_ATTRIBUTES) and value is not None
    }


def _id(row: Mapping[str, JSON], around: Mapping[str, JSON], *names: str) -> str:
    places = [row.get(name) for name in names]
    places += [value for name in names for value in (around.get(name), row.get(f"context.{name}"))]
    found = next((value for value in places if isinstance(value, str) and value), "")
    return found.removeprefix("0x")


def _time(row: Mapping[str, JSON], *names: str) -> int | None:
    """The first time that is one, in nanoseconds."""
    for name in names:
        value = row.get(name)
        if isinstance(value, datetime):  # of a table's row
            value = value.isoformat()
        if isinstance(value, str) and _is_integer(value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= _NANOSECONDS_FROM:
            return value if value < 1 << 63 else None
        try:
            at = time_of(value) if isinstance(value, str | int | float) else None
        except Unreadable:
            continue
        if at is not None and at > _EPOCH and not isinstance(value, bool):
            return int((at - _EPOCH) / timedelta(microseconds=1)) * 1000
    return None


def _events(events: JSON) -> Iterator[Event]:
    events = parsed(events)
    for each in events if isinstance(events, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            yield Event(each["name"], plain(each.get("attributes")), each.get("body"))


def _failed(row: Mapping[str, JSON]) -> bool:
    status = row.get("status")
    found = [row.get("status_code"), row.get("statusCode")]
    if isinstance(status, dict):
        found += [status.get("code"), status.get("status_code")]
    return any(isinstance(code, str | int) and code in _FAILED for code in found)
