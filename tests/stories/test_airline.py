"""An agent's real tools, made again: recorded results, and routes that nobody recorded."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.environment import Environment
from foretaste.calls import pairs
from foretaste.protocols import Reply, Request, Simulator
from foretaste.records import JSON, Lane, Message, Prefix, Rollout, Stop, ToolCall
from foretaste.stages.replay import replay
from stories.airline import AIRLINE, Trajectory, needed, trajectories
from stories.places import REPOSITORY
from unit.rows import prefix, user

TOOLS = "foretaste.environments.airline:Airline"
ENOUGH = 0.99  # share of identical results

pytestmark = needed


@pytest.fixture(scope="module")
def tools() -> Environment:
    return Environment(tools=TOOLS, state=f"{AIRLINE}/database")


async def results(tools: Simulator, played: Trajectory) -> list[tuple[str, bool]]:
    """Every recorded call, done in order from the start: its tool, and whether the result is."""
    session = tools(prefix(messages=(user(),)))
    found = []
    for call, result in pairs(played.messages):
        answer = await session(call)
        same = result is not None and answer is not None and answer.content == result.content
        found.append((call.name, same))
    return found


def test_nearly_every_recorded_result_of_every_tool_comes_out_the_same(tools: Environment) -> None:
    calls: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for played in trajectories():
        for name, right in asyncio.run(results(tools, played)):
            calls[name] += 1
            same[name] += right
    poor = {name: same[name] / calls[name] for name in calls if same[name] < ENOUGH * calls[name]}

    assert len(calls) == 14
    assert poor == {}
    page = (REPOSITORY / "docs" / "howto" / "agents.md").read_text("utf-8")
    assert [n for n in calls if f"| `{n}` | {same[n]} of {calls[n]} |" not in page] == []


def test_a_turn_cut_late_finds_the_state_of_its_cut(tools: Environment) -> None:
    for played in list(trajectories())[::10]:
        cut = max(k for k, message in enumerate(played.messages) if message.tool_calls)
        ((last, result),) = pairs(played.messages[cut:])
        answer = asyncio.run(tools(prefix(messages=played.messages[:cut]))(last))

        assert answer is not None
        assert result is not None
        assert answer.content == result.content
        assert "otherwise" not in answer.why


@dataclass(frozen=True)
class Agent:
    """A candidate that goes its own way: it does the steps that its user dictates."""

    name: str = "agent"

    async def __call__(self, request: Request) -> Reply:
        asked = next(m for m in request.messages if m.role == "user")
        steps: list[JSON] = json.loads(asked.content)
        done = sum(m.role == "tool" for m in request.messages)
        message = Message(role="assistant", content="Done.")
        if done < len(steps):
            tool, given = steps[done]
            call = ToolCall(id=str(done), name=tool, arguments=json.dumps(given))
            message = Message(role="assistant", content="", tool_calls=(call,))
        return Reply(message=message, stop=Stop.FINAL, asked_model=self.name)


def dictated(name: str, *steps: tuple[str, dict[str, JSON]]) -> Prefix:
    return prefix(name, messages=(user(json.dumps(steps)),), recorded=())


def said(tools: Simulator, *prefixes: Prefix) -> dict[str, list[str]]:
    """What the tools answered in each rollout, by the prefix that it goes on from."""
    engine = Local(concurrency=len(prefixes))
    lane = Lane.CANDIDATE
    found: dict[str, list[str]] = {}
    for rollout in replay(prefixes, lane=lane, model=Agent(), simulator=tools, engine=engine):
        assert isinstance(rollout, Rollout)
        assert {each.layer for each in rollout.answered} == {"environment"}
        found[rollout.parent] = [m.content for m in rollout.messages if m.role == "tool"]
    return found


def test_a_route_that_nobody_recorded_sees_its_own_writes_and_no_others(tools: Environment) -> None:
    read = ("get_reservation_details", {"reservation_id": "4WQ150"})
    cancel = ("cancel_reservation", {"reservation_id": "4WQ150"})
    writing = dictated("writing", read, cancel, read)
    reading = [dictated(f"reading {k}", *[read] * 3) for k in range(3)]
    found = said(tools, writing, *reading)
    before, cancelled, after = found[writing.id]

    assert "status" not in json.loads(before)
    assert json.loads(after)["status"] == "cancelled"
    assert cancelled == after
    assert all(found[other.id] == [before] * 3 for other in reading)
