"""tau2-bench results: `{"info": ..., "tasks": [...], "simulations": [...]}`, one object a file.

A simulation in a file of its own is read too, without what `info` says about all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import msgspec

from foretaste.adapters.readers.agent_runs import inner, settings_of
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import (
    LONGEST,
    Broken,
    CutOff,
    Line,
    LogFile,
    beginning,
    chunks,
)
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    failed,
    read_files,
    tags_of,
    time_of,
    trial_of,
)
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import (
    JSON,
    Conversation,
    Dialogue,
    Failure,
    Gap,
    Message,
    Role,
    Stop,
    ToolCall,
)

_BEGINS = re.compile(rb'\{\s*"id"\s*:\s*"[^"]*"\s*,\s*"task_id"\s*:')
_FIRST = re.compile(rb'"simulations"\s*:\s*(?=\[)|(?=' + _BEGINS.pattern + rb")")
_INFO = re.compile(rb'"info"\s*:\s*(?=\{)')
_PARTS = re.compile(rb'"(?:user_info|agent_info|environment_info)"\s*:')
_OVERLAP = 256  # bytes looked at again, as what is looked for may straddle two pieces
_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_STOPS = {
    "user_stop": Stop.FINAL,
    "agent_stop": Stop.FINAL,
    "max_steps": Stop.TURN_LIMIT,
    "timeout": Stop.TIME_LIMIT,
}


class _Call(msgspec.Struct):
    name: str
    id: str | None = None
    arguments: dict[str, Any] | str = ""
    requestor: str | None = None


class _Said(msgspec.Struct):
    role: str
    content: str | None = None
    tool_calls: list[_Call] | None = None
    id: str | None = None
    requestor: str | None = None
    raw_data: Any = None


class _Record(msgspec.Struct):
    task_id: str | int
    messages: list[_Said] | None = None
    id: str | None = None
    trial: Any = None
    seed: Any = None
    start_time: str | None = None
    termination_reason: Any = None
    reward_info: Any = None


class _Cut(NamedTuple):
    """A file, cut before its first simulation."""

    head: bytes
    rest: Iterator[bytes]


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tau2Bench:
    """Reads the results of tau2-bench: each simulation of a task is a conversation.

    It is what the agent saw: calls of the user's own tools and their results are left out. The
    domain's policy becomes the system message; what the agent put around it is not in the results.
    Tags are `task_id`, `trial`, `reward`, `termination_reason` and `domain`. The format holds no
    tool schemas: the plan's `log: {tools: ...}` adds them.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags that a record must have to be read.
    """

    names_itself: ClassVar[bool] = True  # as good as: it holds chat messages that others know
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each simulation, or a `Failure` with its place among them.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read_files(self.path, _conversations, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        found = outline(head).keys()
        if "info" in found and (
            not found.isdisjoint({"tasks", "simulations"}) or _PARTS.search(head)
        ):
            return True
        return {"task_id", "termination_reason"} <= found


def _conversations(file: LogFile) -> Iterator[Conversation | Failure]:
    try:
        cut = _cut(file)
    except CutOff as error:
        yield failed(file.name, 1, str(error))
        return
    if cut is None:
        return
    info = _info(cut.head)
    for record in elements(cut.rest, _BEGINS, inner=True):
        if isinstance(record, Broken):
            yield failed(file.name, record.number, record.reason)
        else:
            parse = partial(_parsed, record.data, info)
            yield attempt(file.name, record.number, parse)


def _cut(file: LogFile) -> _Cut | None:
    """Find the first simulation of a file; None where the file is empty.

    Raises:
        CutOff: the file ends before it.
    """
    pieces = chunks(file)
    if "task_id" in outline(beginning(file)):  # a simulation by itself
        return _Cut(b"", pieces)
    head = bytearray()
    for piece in pieces:
        looked_at = max(0, len(head) - _OVERLAP)
        head += piece
        if found := _FIRST.search(head, looked_at):
            rest = chain([bytes(head[found.end() :])], pieces)
            return _Cut(bytes(head[: found.start()]), rest)
        if len(head) > LONGEST:
            raise CutOff(f"no simulations within {LONGEST >> 20} MiB")
    if head.strip():
        raise CutOff("file cut off before its first simulation")
    return None


def _info(head: bytes) -> dict[str, JSON]:
    """What is said about all simulations; nothing where that cannot be read."""
    found = _INFO.search(head)
    record = next(elements([head[found.end() :]], _INFO), None) if found else None
    if not isinstance(record, Line):
        return {}
    try:
        info = msgspec.json.decode(record.data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return info if isinstance(info, dict) else {}


def _parsed(data: bytes, info: dict[str, JSON]) -> Parsed:
    """Read one simulation."""
    record = _RECORD.decode(data)
    if not record.messages:
        raise Unreadable("the trial failed" if record.termination_reason else "no messages")
    agent, environment = inner(info, "agent_info"), inner(info, "environment_info")
    said = tuple(_seen(record.messages))
    policy = environment.get("policy")
    if isinstance(policy, str) and policy and not any(m.role == "system" for m in said):
        said = (Message(role="system", content=policy), *said)
    model = agent.get("llm")
    model = model if isinstance(model, str) and model else None
    settings = settings_of({"seed": record.seed} | inner(agent, "llm_args"))
    started_at = time_of(record.start_time)
    reason = record.termination_reason
    about = trial_of(record.task_id, record.trial, _reward(record.reward_info))
    tags = {"termination_reason": reason, "domain": environment.get("domain_name")}
    dialogue = Dialogue(
        messages=said,
        settings=settings,
        model=model,
        started_at=started_at,
        tags=tags_of(tags | about),
        gaps=gaps_of(
            said,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: None,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: None,
            },
            lost=[Gap.SYSTEM],  # the agent's instructions around the policy
        ),
        stop=_STOPS.get(reason, Stop.UNKNOWN) if isinstance(reason, str) else Stop.UNKNOWN,
    )
    return dialogue, record.id or None, None


def _seen(messages: list[_Said]) -> Iterator[Message]:
    """What the agent saw and said."""
    for at, said in enumerate(messages):
        role = _ROLES.get(said.role)
        if role is None:
            raise Unreadable(f"unknown role at messages[{at}]")
        if role == "tool" and said.requestor == "user":
            continue
        calls = said.tool_calls or [] if role == "assistant" else []
        if role == "user" and said.tool_calls and not said.content:
            continue
        yield Message(
            role=role,
            content=said.content or "",
            reasoning=_reasoning(said.raw_data),
            tool_calls=tuple(_call(call, f"call_{at}_{n}") for n, call in enumerate(calls)),
            tool_call_id=said.id if role == "tool" else None,
        )


def _call(call: _Call, otherwise: str) -> ToolCall:
    given = call.arguments
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return ToolCall(id=call.id or otherwise, name=call.name, arguments=text)


def _reasoning(raw: JSON) -> str | None:
    """What the model thought, where its provider's message is kept."""
    found = inner(raw, "message").get("reasoning_content")
    return found if isinstance(found, str) and found else None


def _reward(info: JSON) -> JSON:
    return info.get("reward") if isinstance(info, dict) else None
