"""Rows that Foretaste's own Parquet writer made: every field of a conversation, in types."""

from typing import Any

import msgspec

from foretaste.adapters.readers.reading import Parsed
from foretaste.records import JSON, Dialogue, Label

MARK = "foretaste_id"
"""The column that no other writer makes."""

_OF_DIALOGUE = ("messages", "model", "stop", "own_from", "gaps", "started_at")


class _Label(msgspec.Struct):
    """A label's value stands in the column of its type; as text it is there in any case."""

    name: str
    value: str
    number: float | None = None
    truth: bool | None = None
    message: int | None = None
    by: str = ""


class _Row(msgspec.Struct):
    """What of a row is not a dialogue's field by the same name and type."""

    id: str | None = None
    user: str | None = None
    tags: dict[str, str] | None = None
    settings: dict[str, str] | None = None  # each value is JSON text
    tools: list[str] | None = None  # the same
    labels: list[_Label] | None = None
    origins: dict[str, str] | None = None  # by a message's index


def own_row(row: dict[str, JSON]) -> Parsed:
    """Read one row.

    Raises:
        msgspec.MsgspecError: a column has another type than the writer gives it.
    """
    found = msgspec.convert(row, _Row)
    said: dict[str, Any] = {name: row[name] for name in _OF_DIALOGUE if row.get(name) is not None}
    said["tags"] = found.tags or {}
    said["settings"] = {n: msgspec.json.decode(v) for n, v in (found.settings or {}).items()}
    said["tools"] = [msgspec.json.decode(tool) for tool in found.tools or ()]
    said["origins"] = found.origins or {}
    said["labels"] = [_label(label) for label in found.labels or ()]
    return msgspec.convert(said, Dialogue), found.id, found.user


def _label(held: _Label) -> Label:
    value: str | float | bool = held.value
    if held.truth is not None:
        value = held.truth
    elif held.number is not None:
        value = held.number
    return Label(name=held.name, value=value, message=held.message, by=held.by)
