"""LangSmith: runs and feedback, as JSON of its API, its SDK or its bulk export."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import msgspec

from foretaste.adapters.readers import langsmith_runs as runs
from foretaste.adapters.readers.calls import Call, Finding, Ran, answer, conversations
from foretaste.adapters.readers.langsmith_runs import Data, metadata_of, object_of
from foretaste.adapters.readers.reading import (
    FAULTS,
    Parsed,
    attempt,
    failed,
    moment,
    reason_of,
    tags_of,
)
from foretaste.adapters.readers.sessions import (
    Record,
    Row,
    Tracer,
    above,
    read_traces,
)
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.dialects.sniffed import answered, asked, name_of, tools_of
from foretaste.records import Conversation, Dialogue, Failure, Gap

_BEGINS = re.compile(
    rb'\{\s*"id"\s*:\s*"[^"]{1,200}"\s*,\s*"(?:name|trace_id|run_type|start_time|run_id|key)"\s*:'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LangSmith:
    """Reads runs and feedback that LangSmith's API, SDK or bulk export wrote as JSON.

    The model calls of a thread, or of a trace without one, are brought together wherever they lie.
    One that goes on from another is the same conversation; one that does not is a conversation of
    its own. Feedback becomes labels, `human` where it was given in LangSmith's own pages.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`project`, a run's tags, scalars of its metadata) that a conversation must
            have to be read.
    """

    # Type of run and trace stand in every row, whatever an SDK put into its inputs.
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
        return runs.recognizes(head)

    @staticmethod
    def recognizes_columns(names: frozenset[str]) -> bool:
        """Whether the columns of a Parquet file are those of this format."""
        return runs.is_row(names)


def _record(data: bytes, number: int, source: str) -> Record:
    row = msgspec.json.decode(data)
    match runs.kind_of(row):
        case "thread":
            session = name_of(row.get("thread_id"), row.get("trace_id"))
            if session is None:
                raise Unreadable("a thread without an id")
            return Record("", session, "", number, source, data)
        case "run":
            session = runs.thread_of(row)
            order = name_of(row.get("dotted_order"), row.get("start_time"))
        case _:
            session = order = None
    return Record(runs.trace_of(row) or "", session or "", order or "", number, source, data)


def _conversations(name: str, found: list[Row]) -> Iterator[Conversation | Failure]:
    """What one thread comes to."""
    every = [(row, row.data) for row in found]
    kinds = [runs.kind_of(data) for _, data in every]
    for (row, data), kind in zip(every, kinds, strict=True):
        if kind == "thread":
            yield attempt(row.source, row.number, partial(_whole, data, name))
    feedback = [data for (_, data), kind in zip(every, kinds, strict=True) if kind == "feedback"]
    of_runs = [pair for pair, kind in zip(every, kinds, strict=True) if kind == "run"]
    latest = {name_of(data.get("id")) or n: n for n, (_, data) in enumerate(of_runs)}
    each = [of_runs[n] for n in sorted(latest.values())]
    by_id = {id_: data for _, data in each if (id_ := name_of(data.get("id")))}
    around = {parent for _, data in each if _is_call(data) and (parent := _parent(data))}
    calls: list[Call] = []
    ran: list[Ran] = []
    for row, data in each:
        if data["run_type"] == "tool":
            ran += _ran(data)
        # Two libraries may both write down one call; the inner one knows what was really sent.
        if not _is_call(data) or name_of(data.get("id")) in around:
            continue
        try:
            calls.append(_call(row, data, above(data, by_id, "parent_run_id"), name))
        except FAULTS as error:
            yield failed(row.source, row.number, reason_of(error))
    yield from conversations(name, calls, _findings(feedback, (data for _, data in each)), ran)


def _is_call(data: Data) -> bool:
    return bool(data["run_type"] == "llm")


def _parent(data: Data) -> str | None:
    return name_of(data.get("parent_run_id"))


def _call(row: Row, data: Data, within: list[Data], thread: str) -> Call:
    if data.get("error") or data.get("status") == "error" or not data.get("outputs"):
        raise Unreadable("the call failed, or its output is not in the log")
    if not data.get("inputs"):
        raise Unreadable("the call's input is not in the log")
    went_in = asked(data["inputs"])
    came_out = answer(went_in, answered(data["outputs"]))
    sent, metadata = runs.invocation_of(data), metadata_of(data)
    details = object_of(data.get("completion_token_details"))
    if details.get("reasoning") and not any(message.reasoning for message in came_out.messages):
        came_out = came_out._replace(lost=came_out.lost | {Gap.REASONING})
    tags: Data = {}
    for run in (*reversed(within), data):
        tags |= runs.tags_of_run(run)
    agent = name_of(metadata.get("lc_agent_name"))
    ids = [id_ for run in within if (id_ := name_of(run.get("id")))]
    return Call(
        id=name_of(data.get("id")) or "",
        above=(*ids, row.trace, thread),
        asked=went_in,
        answered=came_out,
        settings=runs.sampling_of(data),
        tools=tools_of(sent),
        model=name_of(metadata.get("ls_model_name"), sent.get("model"), sent.get("model_name")),
        started_at=moment(data.get("start_time")),
        tags=tags | ({"agent": agent} if agent else {}),
        user=_user(metadata, *map(metadata_of, within)),
        source=row.source,
        number=row.number,
        is_within_tool=metadata.get("ls_agent_type") == "subagent"
        or any(run["run_type"] == "tool" for run in within),
    )


def _user(*every: Data) -> str | None:
    return name_of(*(runs.as_text(each.get(of)) for each in every for of in ("user_id", "user")))


def _whole(data: Data, name: str) -> Parsed:
    """A thread whose messages lie together."""
    found = asked(data["messages"])
    metadata = object_of(data.get("metadata"))
    user = _user(metadata)
    missing = dict.fromkeys((Gap.SETTINGS, Gap.TOOLS, Gap.MODEL, Gap.TIME))
    return (
        Dialogue(
            messages=found.messages,
            tags=tags_of(runs.tags_of_run({"metadata": metadata})),
            gaps=gaps_of(found.messages, has={**missing, Gap.USER: user}, lost=found.lost),
        ),
        name,
        user,
    )


def _ran(data: Data) -> Iterator[Ran]:
    """How long a tool took, and for which call where the run says so."""
    start, end = moment(data.get("start_time")), moment(data.get("end_time"))
    name = name_of(data.get("name"))
    if name is None or start is None or end is None or end < start:
        return
    output = object_of(object_of(data.get("outputs")).get("output"))
    inner = object_of(output.get("kwargs")) or output
    call = name_of(object_of(data.get("extra")).get("tool_call_id"), inner.get("tool_call_id"))
    yield Ran(name, call, (end - start).total_seconds())


def _findings(feedback: Iterable[Data], of_runs: Iterable[Data]) -> Iterator[Finding]:
    """Feedback, and of what LangSmith only counted that of which no record is there."""
    told = set()
    for each in feedback:
        label = runs.label_of(each)
        about = name_of(each.get("run_id"), each.get("trace_id"))
        if label is not None and about is not None:
            told.add((about, label.name))
            yield Finding(about, label)
    for run in of_runs:
        about = name_of(run.get("id"))
        for label in runs.labels_of(run):
            if about is not None and (about, label.name) not in told:
                yield Finding(about, label)


_TRACER = Tracer(runs.recognizes, runs.is_row, _BEGINS, runs.expanded, _record, _conversations)
