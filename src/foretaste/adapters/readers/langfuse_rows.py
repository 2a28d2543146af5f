"""Langfuse's observations, traces and scores, as its export, its API and its pages write them.

An export names columns in snake case, the API in camel case; CSV and Parquet hold objects as JSON
text. Columns may be absent, as an export takes those that were asked for.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from foretaste.adapters.readers.files.outline import fields, outlines
from foretaste.adapters.readers.files.rows import columns, is_csv
from foretaste.dialects.said import Unreadable
from foretaste.dialects.sniffed import loosely, name_of
from foretaste.records import JSON, Label

Data = dict[str, Any]

_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")
_TRACES_OWN = frozenset(
    [
        *("timestamp", "bookmarked", "public", "session_id", "user_id", "release", "tags"),
        *("html_path", "external_id"),
    ]
)


def recognizes(head: bytes) -> bool:
    """Whether a file begins with rows of Langfuse, a page of its API, or one trace's download."""
    if is_csv(head):
        return is_row(columns(head))
    places = ("", "data", "observations")
    return any(is_row(fields(found, place)) for found in outlines(head) for place in places)


def is_row(keys: frozenset[str]) -> bool:
    """Whether these are the names of a row's columns."""
    keys = frozenset(map(_snake, keys))
    trace = {"id", "project_id"} <= keys and len(keys & _TRACES_OWN) > 2
    observation = {"id", "trace_id", "type", "start_time"} <= keys
    score = {"id", "name", "source"} <= keys and ("data_type" in keys or "string_value" in keys)
    return trace or observation or score


@lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    return _CAPITAL.sub(r"_\1", name).lower()


def expanded(data: bytes) -> Iterator[bytes]:
    """The rows in a record: itself, those of a page, or a trace with its observations and scores.

    Raises:
        Unreadable: it is no object.
        msgspec.MsgspecError: it is not JSON.
    """
    record = msgspec.json.decode(data)
    if not isinstance(record, dict):
        raise Unreadable("a row that is no object")
    if "id" not in record and _are_rows(record.get("data")):
        yield from map(msgspec.json.encode, record["data"])
    elif _are_rows(record.get("observations")):
        inner = record.pop("observations")
        scores = record.pop("scores", None)
        yield msgspec.json.encode(record)
        for row in [*inner, *(scores if _are_rows(scores) else ())]:
            yield msgspec.json.encode({"traceId": record.get("id")} | row)
    else:
        yield data


def _are_rows(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def row_of(given: Data) -> Data:
    """A row by the names that an export gives its columns."""
    return {_snake(name): value for name, value in given.items()}


def kind_of(row: Data) -> str:
    """What a row is: `observation`, `trace` or `score`.

    Raises:
        Unreadable: it is none of these, or does not say where it belongs.
    """
    if "source" in row and ("data_type" in row or "string_value" in row):
        return "score"
    if row.get("trace_id") is not None or "start_time" in row:
        if not isinstance(row.get("trace_id"), str) or not row["trace_id"]:
            raise Unreadable("an observation that names no trace")
        if not isinstance(row.get("type"), str):
            raise Unreadable("an observation without a type")
        return "observation"
    if isinstance(row.get("id"), str) and row["id"] and row.keys() & _TRACES_OWN:
        return "trace"
    raise Unreadable("neither an observation nor a trace nor a score")


def trace_of(row: Data, kind: str) -> str:
    """The trace that a row belongs to; nothing where a score is about a session."""
    return name_of(row.get("id" if kind == "trace" else "trace_id")) or ""


def object_of(value: JSON) -> Data:
    """An object, or the JSON text of one; anything else is empty."""
    found = loosely(value)
    return found if isinstance(found, dict) else {}


def strings_of(value: JSON) -> list[str]:
    """The strings of a list, or of the JSON text of one."""
    found = loosely(value)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def tools_of(definitions: JSON) -> tuple[JSON, ...]:
    """The tools that Langfuse found in a call: schemas by their name, or a list of them."""
    found = loosely(definitions)
    tools: list[JSON] = []
    if isinstance(found, dict):
        for name, text in found.items():
            tools.append({"name": name} | object_of(text))
    elif isinstance(found, list):
        tools = [tool for each in found if (tool := object_of(each))]
    return tuple(
        tool if "function" in tool else {"type": "function", "function": tool} for tool in tools
    )


def label_of(score: Data) -> Label | None:
    """A score as a label; free texts and corrected answers are no findings, and give none."""
    name, kind = name_of(score.get("name")), name_of(score.get("data_type"))
    if name is None or kind in ("TEXT", "CORRECTION"):
        return None
    by = {"ANNOTATION": "human", "EVAL": name}.get(str(score.get("source")), "")
    value, text = score.get("value"), name_of(score.get("string_value"))
    if kind == "BOOLEAN" and text is not None:
        return Label(name=name, value=text.lower() == "true", by=by)
    if kind == "CATEGORICAL":
        text = text or name_of(value)
        return None if text is None else Label(name=name, value=text, by=by)
    number = _number(value)
    if number is not None:
        return Label(name=name, value=number == 1 if kind == "BOOLEAN" else number, by=by)
    return None if text is None else Label(name=name, value=text, by=by)


def _number(value: JSON) -> float | None:
    """A number, or the text of one as CSV has it."""
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
