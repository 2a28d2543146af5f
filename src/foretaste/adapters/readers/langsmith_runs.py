"""LangSmith's runs and feedback, as its API, its SDK and its bulk export write them."""

from collections.abc import Iterator
from typing import Any, TypeGuard

import msgspec

from foretaste.adapters.readers.files.outline import fields, outlines
from foretaste.dialects.said import Unreadable
from foretaste.dialects.settings import settings_of
from foretaste.dialects.sniffed import loosely, name_of
from foretaste.records import JSON, Label

Data = dict[str, Any]

_THREADS = ("thread_id", "session_id", "conversation_id")  # in metadata; a run's own is a project
_THREAD_FILE = frozenset({"thread_id", "trace_id", "messages", "metadata", "feedback"})
_INTERNAL = ("ls_", "lc_", "_", "langgraph_", "__")
_LS_SETTINGS = {"ls_temperature": "temperature", "ls_max_tokens": "max_tokens", "ls_stop": "stop"}


def recognizes(head: bytes) -> bool:
    """Whether a file begins with runs, feedback, a page of runs, or a thread's messages.

    A thread's are taken for LangSmith's only where they are in LangChain's form.
    """
    for found in outlines(head):
        own = fields(found, "")
        if is_row(own) or is_row(fields(found, "runs")):
            return True
        if is_thread(dict.fromkeys(own)) and fields(found, "messages") & {"type", "lc"}:
            return True
    return False


def is_row(keys: frozenset[str]) -> bool:
    """Whether these are the names of a run's or a feedback's columns."""
    run = {"id", "run_type"} <= keys and bool(keys & {"dotted_order", "trace_id", "start_time"})
    return run or ({"key", "run_id"} <= keys and bool(keys & {"score", "value"}))


def is_thread(record: Data) -> bool:
    """Whether it is a whole thread's messages, as `langsmith-fetch` writes them."""
    named = "thread_id" in record or "trace_id" in record
    return named and "messages" in record and record.keys() <= _THREAD_FILE


def expanded(data: bytes) -> Iterator[bytes]:
    """The rows in a record: itself with the runs inside it, or those of a page.

    Raises:
        Unreadable: it is no object.
        msgspec.MsgspecError: it is not JSON.
    """
    record = msgspec.json.decode(data)
    if not isinstance(record, dict):
        raise Unreadable("a row that is no object")
    page = record.get("runs")
    if not isinstance(page, list) and not record.get("child_runs"):
        yield data
        return
    left = list(reversed(page)) if isinstance(page, list) and "id" not in record else [record]
    while left:
        run = left.pop()
        if not isinstance(run, dict):
            raise Unreadable("a row that is no object")
        inner = run.pop("child_runs", None)
        if isinstance(inner, list):
            left += [each for each in reversed(inner) if isinstance(each, dict)]
        yield msgspec.json.encode(run)


def kind_of(row: Data) -> str:
    """What a row is: `run`, `feedback` or `thread`.

    Raises:
        Unreadable: it is none of these, or does not say where it belongs.
    """
    if is_thread(row):
        return "thread"
    if isinstance(row.get("run_type"), str):
        kind = "run"
    elif isinstance(row.get("key"), str) and "run_id" in row:
        kind = "feedback"
    else:
        raise Unreadable("neither a run nor feedback")
    if trace_of(row) is None:
        raise Unreadable(f"{kind} that names no trace")
    return kind


def trace_of(row: Data) -> str | None:
    """The trace that a row belongs to; a run without one, or without a parent, is its own."""
    own = row.get("id") if "run_type" in row and not row.get("parent_run_id") else None
    return name_of(row.get("trace_id"), own)


def metadata_of(run: Data) -> Data:
    """A run's metadata, where the SDK and the export put it."""
    inner = object_of(object_of(run.get("extra")).get("metadata"))
    return object_of(run.get("metadata")) | inner


def thread_of(row: Data) -> str | None:
    """The thread that a run names."""
    metadata = metadata_of(row)
    return name_of(row.get("thread_id"), *(as_text(metadata.get(name)) for name in _THREADS))


def as_text(value: JSON) -> str | None:
    """A name that may be a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def invocation_of(run: Data) -> Data:
    """The parameters that a call was made with."""
    return object_of(object_of(run.get("extra")).get("invocation_params"))


def sampling_of(run: Data) -> Data:
    """The sampling settings of a call: those it was made with, then those that LangSmith found."""
    metadata = metadata_of(run)
    found = {to: metadata[name] for name, to in _LS_SETTINGS.items() if name in metadata}
    return settings_of(found) | settings_of(invocation_of(run))


def tags_of_run(run: Data) -> Data:
    """The tags of a run, its project, and what people put into its metadata."""
    tags = loosely(run.get("tags"))
    named = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    sent = invocation_of(run)
    found: Data = dict.fromkeys(
        (tag for tag in named if not tag.startswith("seq:step")), "true"
    )  # LangChain numbers the steps of a chain
    found |= {
        name: value
        for name, value in metadata_of(run).items()
        if not name.startswith(_INTERNAL) and name not in _THREADS and name not in sent
    }
    project = name_of(run.get("session_name"))
    return found | ({"project": project} if project else {})


def labels_of(run: Data) -> Iterator[Label]:
    """What LangSmith counted of a run's feedback; the mean, where there is more than one."""
    for name, stats in object_of(run.get("feedback_stats")).items():
        if not isinstance(stats, dict):
            continue
        values = stats.get("values")
        mean = stats.get("avg")
        if is_number(mean):
            yield Label(name=name, value=float(mean))
        elif isinstance(values, dict) and len(values) == 1:
            yield Label(name=name, value=next(iter(values)))


def label_of(feedback: Data) -> Label | None:
    """A feedback record as a label; a comment or a correction alone is no finding."""
    name = str(feedback["key"])
    source = object_of(feedback.get("feedback_source")).get("type")
    by = {"app": "human", "model": name, "auto_eval": name}.get(str(source), name_of(source) or "")
    for value in (feedback.get("score"), feedback.get("value")):
        if isinstance(value, bool):
            return Label(name=name, value=value, by=by)
        if is_number(value):
            return Label(name=name, value=float(value), by=by)
        if isinstance(value, str) and value:
            return Label(name=name, value=value, by=by)
    return None


def is_number(value: JSON) -> TypeGuard[float]:
    """Whether it is a number that a label can hold."""
    return isinstance(value, float) or (type(value) is int and abs(value) < 1 << 1000)


def object_of(value: JSON) -> Data:
    """An object, or the JSON text of one; anything else is empty."""
    found = loosely(value)
    return found if isinstance(found, dict) else {}
