"""ATIF: agent trajectories as Harbor and other tools write them, version 1.0 to 1.8.

A file holds one trajectory, an array of them, or one a line. Field names and their meaning are
those of Harbor's RFC 0001.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Literal

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.streams import BOM, Broken, Line, LogFile
from foretaste.adapters.readers.reading import Parsed, read, tags_of, time_of
from foretaste.carried import KEY, restored
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap, Message, Role, ToolCall

_NAMED = rb'"schema_version"\s*:\s*"ATIF-'
_LOOKS = re.compile(rb"\s*(?:\[\s*)?\{.*?" + _NAMED, re.DOTALL)
_LINE = re.compile(rb"\s*\{[^\n]*?" + _NAMED)
_BEGINS = re.compile(rb"\{\s*" + _NAMED)
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "agent": "assistant"}
_USERS = ("user_id", "user")
# What tools that write ATIF call a step at which the model's context was replaced or cut.
_CUT_CONTEXT = ("context_management", "compaction", "context_compaction")


class _Part(msgspec.Struct):
    type: str = "text"
    text: str | None = None


_Content = str | list[_Part] | None


class _Call(msgspec.Struct):
    tool_call_id: str
    function_name: str
    arguments: dict[str, Any] | str = ""


class _Result(msgspec.Struct):
    source_call_id: str | None = None
    content: _Content = None
    subagent_trajectory_ref: Any = None


class _Observation(msgspec.Struct):
    results: list[_Result] = []


class _Metrics(msgspec.Struct):
    extra: dict[str, Any] | None = None


class _Step(msgspec.Struct):
    source: Literal["system", "user", "agent"]
    message: _Content = None
    timestamp: str | None = None
    model_name: str | None = None
    reasoning_effort: str | float | None = None
    reasoning_content: str | None = None
    tool_calls: list[_Call] | None = None
    observation: _Observation | None = None
    metrics: _Metrics | None = None
    is_copied_context: bool | None = None
    llm_call_count: int | None = None
    extra: dict[str, Any] | None = None


class _Agent(msgspec.Struct):
    name: str = ""
    version: str = ""
    model_name: str | None = None
    tool_definitions: list[dict[str, Any]] | None = None


class _Record(msgspec.Struct):
    schema_version: str
    steps: list[_Step]
    agent: _Agent = msgspec.field(default_factory=_Agent)
    session_id: str | None = None
    trajectory_id: str | None = None
    extra: dict[str, Any] | None = None
    subagent: bool = False  # put in by `_records`


class _Family(msgspec.Struct):
    subagent_trajectories: list[dict[str, msgspec.Raw]] | None = None


_RECORD = msgspec.json.Decoder(_Record)
_FAMILY = msgspec.json.Decoder(_Family)


@dataclass(frozen=True, slots=True, kw_only=True)
class ATIF:
    """Reads agent trajectories in the Agent Trajectory Interchange Format.

    A step of the agent becomes an assistant message, its observations the tool messages behind
    it. Results that name no call belong to the last calls of their step that have none, in
    order. Embedded trajectories of subagents are conversations of their own, with the tag
    `subagent`; steps copied from an earlier trajectory are context and are not counted again.

    A result's time is known only where the next step came without a model: otherwise the time
    between two steps is the model's as well.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`agent`, `subagent`, scalars of a trajectory's `extra`) that a record must
            have to be read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each trajectory, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, _records, _parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return _LOOKS.match(head.removeprefix(BOM)) is not None


def _records(file: LogFile) -> Iterator[Line | Broken]:
    """Every trajectory of a file, each followed by those embedded in it, under one number."""
    for record in lines_or_elements(file, _LINE, _BEGINS):
        yield record
        left = [record.data] if isinstance(record, Line) else []
        while left:
            for inner in _embedded(left.pop()):
                left.append(inner)
                yield Line(record.number, inner)


def _embedded(data: bytes) -> list[bytes]:
    """The subagents' trajectories in one; none where it cannot be read, which `_parsed` tells."""
    if b'"subagent_trajectories"' not in data:
        return []
    try:
        found = _FAMILY.decode(data).subagent_trajectories or []
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return []
    return [msgspec.json.encode(inner | {"subagent": msgspec.Raw(b"true")}) for inner in found]


def _parsed(data: bytes) -> Parsed:
    """Read one trajectory."""
    record = _RECORD.decode(data)
    if not record.schema_version.startswith("ATIF-"):
        raise Unreadable("the schema version is not one of ATIF's")
    if not record.steps:
        raise Unreadable("no steps")
    messages: list[Message] = []
    own_from = 0
    context = True  # still in the steps copied from an earlier trajectory
    for step, seconds in zip(record.steps, _seconds(record.steps), strict=True):
        messages += _messages(step, seconds)
        context &= step.is_copied_context is True or step.source == "system"
        if context and step.is_copied_context:
            own_from = len(messages)
    if own_from == len(messages):
        raise Unreadable("all steps are copied from another trajectory")

    by_agent = [step for step in record.steps if step.source == "agent"]
    models = [step.model_name for step in by_agent if step.model_name]
    efforts = [s.reasoning_effort for s in by_agent if isinstance(s.reasoning_effort, str)]
    model = models[-1] if models else record.agent.model_name or None
    tools = tuple(record.agent.tool_definitions or ())
    extra = record.extra or {}
    user = next((v for v in map(extra.get, _USERS) if isinstance(v, str) and v), None)
    started_at = time_of(next((s.timestamp for s in record.steps if s.timestamp), None))
    about = {"agent": record.agent.name, "subagent": record.subagent}
    dialogue = Dialogue(
        messages=tuple(messages),
        settings={"reasoning_effort": efforts[-1]} if efforts else {},
        tools=tools,
        model=model,
        started_at=started_at,
        tags=tags_of(extra | about),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: None,
                Gap.TOOLS: tools,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=_lost(record.steps),
        ),
        own_from=own_from,
    )
    key = record.trajectory_id or record.session_id or None
    return restored(dialogue, key, user, extra.get(KEY))


def _messages(step: _Step, seconds: float | None) -> Iterator[Message]:
    """One step: what was said, and what came back."""
    calls = tuple(_call(call) for call in step.tool_calls or ())
    if calls and step.source != "agent":
        raise Unreadable("tool calls in a step that is not the agent's")
    yield Message(
        role=_ROLES[step.source],
        content=_text(step.message),
        reasoning=step.reasoning_content or None,
        tool_calls=calls,
    )
    results = step.observation.results if step.observation else []
    named = [result.source_call_id for result in results if result.source_call_id]
    still_open = [call.id for call in calls if call.id not in named]
    unnamed = len(results) - len(named)
    left = iter(still_open[max(0, len(still_open) - unnamed) :])
    for result in results:
        answers = result.source_call_id or next(left, None)
        yield Message(
            role="tool",
            content=_text(result.content),
            tool_call_id=answers,
            seconds=seconds if len(results) == 1 else None,
        )


def _call(call: _Call) -> ToolCall:
    given = call.arguments
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return ToolCall(id=call.tool_call_id, name=call.function_name, arguments=text)


def _text(content: _Content) -> str:
    if isinstance(content, list):
        return "\n".join(part.text for part in content if part.text)
    return content or ""


def _seconds(steps: list[_Step]) -> list[float | None]:
    """How long the tools of each step took, where nothing but tools ran until the next one."""
    times = [time_of(step.timestamp) for step in steps]
    found: list[float | None] = []
    for (step, at), (following, then) in pairwise(zip(steps, times, strict=True)):
        by_tools = step.source == "agent" and following.llm_call_count == 0
        known = by_tools and at is not None and then is not None and then >= at
        found.append((then - at).total_seconds() if known else None)  # type: ignore[operator]
    return [*found, None]


def _lost(steps: list[_Step]) -> Iterator[Gap]:
    for step in steps:
        results = step.observation.results if step.observation else []
        contents = [step.message, *(result.content for result in results)]
        parts = [part for content in contents if isinstance(content, list) for part in content]
        if any(part.text is None for part in parts):
            yield Gap.ATTACHMENTS
        # What the model was shown of a subagent's work, or after its context was cut, is not told.
        hidden = (r.content is None and r.subagent_trajectory_ref for r in results)
        if any(hidden) or any(mark in (step.extra or {}) for mark in _CUT_CONTEXT):
            yield Gap.TRUNCATED
        thought = (step.metrics.extra or {}).get("reasoning_tokens") if step.metrics else None
        if thought and not step.reasoning_content:
            yield Gap.REASONING
