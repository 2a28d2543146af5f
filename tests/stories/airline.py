"""Where the airline's trajectories and their database are, if they are here."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from foretaste.records import JSON, Message, ToolCall
from stories.places import data

AIRLINE = data("agents/airline")
needed = pytest.mark.skipif(AIRLINE is None, reason="the shared airline data are not here")


class Trajectory(NamedTuple):
    """One trial of one task."""

    id: str
    messages: tuple[Message, ...]


def trajectories() -> Iterator[Trajectory]:
    """All trajectories; read once for each test that asks."""
    assert AIRLINE is not None
    for line in (AIRLINE / "trajectories.jsonl").read_text("utf-8").splitlines():
        parsed = json.loads(line)
        yield Trajectory(parsed["id"], tuple(map(_message, parsed["messages"])))


def _message(parsed: JSON) -> Message:
    return Message(
        role=parsed["role"],
        content=parsed["content"] or "",
        tool_calls=tuple(
            ToolCall(id=call["id"], **call["function"]) for call in parsed.get("tool_calls") or ()
        ),
        tool_call_id=parsed.get("tool_call_id"),
    )
