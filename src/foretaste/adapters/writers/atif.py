"""ATIF: agent trajectories, version 1.8."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import IO, Any, ClassVar

import msgspec
from msgspec import structs

from foretaste.carried import IDENTIFIES, KEY, arguments_of, beside, carried
from foretaste.records import JSON, Conversation, Dialogue, Message, ToolCall

_VERSION = "ATIF-v1.8"
_UNKNOWN = "unknown"
_SOURCES = {"system": "system", "user": "user", "assistant": "agent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ATIF:
    """Writes one trajectory, or an array of them where there are several.

    An assistant message becomes a step of the agent, the tool messages behind it what that step
    observed. Tags stand in `extra`.
    """

    endings: ClassVar[tuple[str, ...]] = (".atif", ".json")
    text: ClassVar[bool] = True

    def __call__(
        self, conversations: Iterable[Conversation], stream: IO[bytes]
    ) -> Mapping[str, int]:
        """Write them all; give what only `foretaste` holds of how many of them."""
        counted: Counter[str] = Counter()
        written = 0
        first = b""
        for each in conversations:
            record, found = _trajectory(each)
            counted.update(found)
            data = msgspec.json.encode(record)
            written += 1
            if written == 1:
                first = data  # one alone is no array
            else:
                stream.write(b"[\n" + first if written == 2 else b"")
                stream.write(b",\n" + data)
        stream.write((first if written == 1 else b"\n]" if written else b"[]") + b"\n")
        return counted


def _trajectory(whole: Conversation) -> tuple[dict[str, JSON], list[str]]:
    said = whole.dialogue
    steps = _Steps(said.messages)
    own_from = steps.copied(said.own_from)
    effort = said.settings.get("reasoning_effort")
    settings = steps.effort(effort) if isinstance(effort, str) else {}
    if said.started_at is not None and steps.made:
        steps.made[0]["timestamp"] = said.started_at.isoformat()
    agent = said.tags.get("agent", _UNKNOWN)
    tools = said.tools if all(isinstance(tool, dict) for tool in said.tools) else ()
    tags = {name: value for name, value in said.tags.items() if name not in IDENTIFIES}
    extra: dict[str, JSON] = dict(tags)
    extra.pop(KEY, None)
    held = carried(
        whole,
        dialogue=Dialogue(
            messages=tuple(steps.as_read),
            settings=settings,
            tools=tools,
            model=said.model or None,
            started_at=said.started_at and said.started_at.astimezone(UTC),
            tags=extra | {"agent": agent, "subagent": "false"},
            own_from=own_from,
        ),
        key=whole.key or None,
        user=whole.user or None,
        unsaid=tuple(steps.unsaid),
    )
    extra.pop("agent", None)
    if whole.user:
        extra["user_id"] = whole.user
    record: dict[str, JSON] = {
        "schema_version": _VERSION,
        "agent": {"name": agent, "version": _UNKNOWN},
        "steps": steps.made,
        "extra": extra | {KEY: held},
    }
    if whole.key:
        record["trajectory_id"] = whole.key
    if said.model:
        record["agent"]["model_name"] = said.model
    if tools:
        record["agent"]["tool_definitions"] = tools
    return record, [name for name in beside(held) if name != "tags"]  # `extra` shows them as well


class _Steps:
    """Messages as steps, and as a reader will read those."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.made: list[dict[str, Any]] = []
        self.as_read: list[Message] = []
        self.unsaid: list[int] = []  # indices of what stands in `as_read` and nobody said
        self._behind: list[int] = []  # messages read when each step is over, the unsaid left out
        for message in messages:
            if message.role == "tool":
                self._observed(message)
            else:
                self._said(message)
            self._behind[-1] = len(self.as_read) - len(self.unsaid)

    def _add(self, step: dict[str, Any], message: Message) -> None:
        self.made.append({"step_id": len(self.made) + 1, **step})
        self.as_read.append(message)
        self._behind.append(0)

    def _said(self, message: Message) -> None:
        step: dict[str, Any] = {"source": _SOURCES[message.role], "message": message.content}
        plain = Message(role=message.role, content=message.content)
        if message.role == "assistant":
            if message.reasoning:
                step["reasoning_content"] = message.reasoning
            if message.tool_calls:
                step["tool_calls"] = [_call(call) for call in message.tool_calls]
            calls = tuple(
                structs.replace(c, arguments=arguments_of(c)[1]) for c in message.tool_calls
            )
            plain = structs.replace(plain, reasoning=message.reasoning or None, tool_calls=calls)
        self._add(step, plain)

    def _observed(self, message: Message) -> None:
        """Put a result to the step before it; results may not stand alone."""
        if not self.made or self.made[-1]["source"] == "user":
            self.unsaid.append(len(self.as_read))
            self._add({"source": "system", "message": ""}, Message(role="system", content=""))
        step = self.made[-1]
        result: dict[str, Any] = {"content": message.content}
        answers = message.tool_call_id or None
        if answers not in [call["tool_call_id"] for call in step.get("tool_calls", ())]:
            answers = None
        if answers is not None:
            result["source_call_id"] = answers
        step.setdefault("observation", {"results": []})["results"].append(result)
        # A reader takes a result that names no call for some call's: what it answers is carried.
        known = answers is not None
        plain = Message(role="tool", content=message.content, tool_call_id=answers)
        self.as_read.append(plain if known else structs.replace(plain, tool_call_id=_ANY))

    def copied(self, own_from: int) -> int:
        """Mark the steps of context, where it ends with a step; what a reader makes of that."""
        if own_from not in self._behind[:-1]:
            return 0
        last = self._behind.index(own_from)
        for step in self.made[: last + 1]:
            step["is_copied_context"] = True
        return own_from

    def effort(self, effort: str) -> dict[str, JSON]:
        """Note how hard the agent thought; what a reader makes of that."""
        agents = [step for step in self.made if step["source"] == "agent"]
        for step in agents:
            step["reasoning_effort"] = effort
        return {"reasoning_effort": effort} if agents else {}


_ANY = "\0any"  # of no call


def _call(call: ToolCall) -> dict[str, JSON]:
    return {
        "tool_call_id": call.id,
        "function_name": call.name,
        "arguments": arguments_of(call)[0],
    }
