"""Langfuse: observations, traces and scores of its export, its API and a trace's download."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import msgspec

from foretaste.adapters.readers import langfuse_rows
from foretaste.adapters.readers.calls import Call, Finding, Ran, answer, conversations
from foretaste.adapters.readers.langfuse_rows import Data, kind_of, object_of, row_of, trace_of
from foretaste.adapters.readers.reading import FAULTS, failed, moment, reason_of
from foretaste.adapters.readers.sessions import (
    Record,
    Row,
    Tracer,
    above,
    read_traces,
)
from foretaste.dialects.said import Unreadable
from foretaste.dialects.settings import settings_of
from foretaste.dialects.sniffed import answered, asked, name_of
from foretaste.records import JSON, Conversation, Failure, Gap

_BEGINS = re.compile(
    rb'\{\s*"id"\s*:\s*"[^"]{1,200}"\s*,\s*"(?:trace_?id|project_?id|timestamp|name)"\s*:',
    re.IGNORECASE,
)
_ABOUT = ("environment", "release", "version", "trace_name", "prompt_name", "prompt_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Langfuse:
    """Reads what Langfuse exports, gives over its API or lets one download.

    The generations of a session, or of a trace without one, are brought together wherever they
    lie. One that goes on from another is the same conversation; one that does not, such as a
    subagent's or one whose context was cut, is a conversation of its own. Scores become labels:
    `human` for annotations, the score's name for evaluators.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`environment`, `release`, `version`, `trace_name`, a trace's tags, scalars of
            the metadata) that a conversation must have to be read.
    """

    # Ids of trace and project stand in every row, whatever an SDK put into its input.
    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its row.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read_traces(self.path, _TRACER, self.where)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return langfuse_rows.recognizes(head)

    @staticmethod
    def recognizes_columns(names: frozenset[str]) -> bool:
        """Whether the columns of a Parquet file are those of this format."""
        return langfuse_rows.is_row(names)


def _record(data: bytes, number: int, source: str) -> Record:
    row = row_of(msgspec.json.decode(data))
    kind = kind_of(row)
    trace, session = trace_of(row, kind), name_of(row.get("session_id")) or ""
    if not trace and not session:
        raise Unreadable(f"a {kind} that names neither a trace nor a session")
    time = name_of(row.get("start_time"), row.get("timestamp")) or ""
    return Record(trace, session, "" if kind == "score" else time, number, source, data)


def _conversations(name: str, found: list[Row]) -> Iterator[Conversation | Failure]:
    """What one session comes to."""
    every = [(row, row_of(row.data)) for row in found]
    # An export writes a row again that has changed since.
    latest = {name_of(data.get("id")) or n: n for n, (_, data) in enumerate(every)}
    each = [every[n] for n in sorted(latest.values())]
    kinds = [kind_of(data) for _, data in each]
    traces = {d["id"]: d for (_, d), kind in zip(each, kinds, strict=True) if kind == "trace"}
    spans = [pair for pair, kind in zip(each, kinds, strict=True) if kind == "observation"]
    scores = [d for (_, d), kind in zip(each, kinds, strict=True) if kind == "score"]
    by_id = {id_: data for _, data in spans if (id_ := name_of(data.get("id")))}
    around = {name_of(d.get("parent_observation_id")) for _, d in spans if _is_call(d)}
    calls: list[Call] = []
    ran: list[Ran] = []
    for row, data in spans:
        kind = str(data.get("type")).upper()
        if kind == "TOOL":
            ran += _ran(data)
        # Two libraries may both write down one call; the inner one knows what was really sent.
        if not _is_call(data) or name_of(data.get("id")) in around - {None}:
            continue
        try:
            within = above(data, by_id, "parent_observation_id")
            calls.append(_call(row, data, within, traces.get(row.trace, {}), name))
        except FAULTS as error:
            yield failed(row.source, row.number, reason_of(error))
    yield from conversations(name, calls, _findings(scores), ran)


def _is_call(data: Data) -> bool:
    return str(data.get("type")).upper() == "GENERATION"


def _call(row: Row, data: Data, within: list[Data], trace: Data, session: str) -> Call:
    if data.get("level") == "ERROR" or data.get("output") in (None, ""):
        raise Unreadable("the call failed, or its output is not in the log")
    if data.get("input") in (None, ""):
        raise Unreadable("the call's input is not in the log")
    went_in = asked(data["input"])
    came_out = answer(went_in, answered(data["output"]))
    if _reasoned(data) and not any(message.reasoning for message in came_out.messages):
        came_out = came_out._replace(lost=came_out.lost | {Gap.REASONING})
    kinds = [str(each.get("type")).upper() for each in within]
    agent = next((e.get("name") for e, k in zip(within, kinds, strict=True) if k == "AGENT"), None)
    metadata = object_of(trace.get("metadata")) | object_of(data.get("metadata"))
    own = {name: data.get(name) or trace.get(name) for name in _ABOUT}
    own["trace_name"] = own["trace_name"] or trace.get("name")
    labels = [
        *langfuse_rows.strings_of(trace.get("tags")),
        *langfuse_rows.strings_of(data.get("tags")),
    ]
    tags: dict[str, JSON] = {**dict.fromkeys(labels, "true"), **metadata}
    tags |= {name: value for name, value in own.items() if value}
    ids = [id_ for each in within if (id_ := name_of(each.get("id")))]
    return Call(
        id=name_of(data.get("id")) or "",
        above=(*ids, row.trace, session),
        asked=went_in,
        answered=came_out,
        settings=settings_of(object_of(data.get("model_parameters"))),
        tools=langfuse_rows.tools_of(data.get("tool_definitions")),
        model=name_of(data.get("provided_model_name"), data.get("model")),
        started_at=moment(data.get("start_time")),
        tags=tags | ({"agent": agent} if agent else {}),
        user=name_of(data.get("user_id"), trace.get("user_id"), metadata.get("user_id")),
        source=row.source,
        number=row.number,
        is_within_tool="TOOL" in kinds or kinds.count("AGENT") > 1,
        trace=row.trace,
    )


def _reasoned(data: Data) -> bool:
    usage = object_of(data.get("usage_details"))
    return any("reasoning" in name and count for name, count in usage.items())


def _ran(data: Data) -> Iterator[Ran]:
    """How long a tool took, and for which call where its output says so."""
    start, end = moment(data.get("start_time")), moment(data.get("end_time"))
    name = name_of(data.get("name"))
    if name is None or start is None or end is None or end < start:
        return
    inner = object_of(data.get("output"))
    call = name_of(inner.get("tool_call_id"), object_of(data.get("metadata")).get("tool_call_id"))
    yield Ran(name, call, (end - start).total_seconds())


def _findings(scores: Iterable[Data]) -> Iterator[Finding]:
    for score in scores:
        label = langfuse_rows.label_of(score)
        about = name_of(*(score.get(f"{of}_id") for of in ("observation", "trace", "session")))
        if label is not None and about is not None:
            yield Finding(about, label)


_TRACER = Tracer(
    langfuse_rows.recognizes,
    langfuse_rows.is_row,
    _BEGINS,
    langfuse_rows.expanded,
    _record,
    _conversations,
)
