"""What every simulator keeps on hostile calls and across sessions, environments included."""

import asyncio
import copy
import json
from pathlib import Path

import pytest

from foretaste.adapters.simulators.environment import Environment
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.protocols import Simulator, ToolAnswer
from foretaste.records import Prefix, ToolCall
from unit.adapters.simulators.asking import call, calling, result
from unit.adapters.simulators.shops import STOCK
from unit.rows import prefix, said, user

LOOK = call("look", item="tea")
FOUND = json.dumps(STOCK["items"]["tea"])
PREFIX = prefix(
    messages=(user(), calling(LOOK), result(LOOK, FOUND), said(), user("And now?")),
    recorded=(calling(LOOK), result(LOOK, FOUND), said()),
)
CALLS = {
    "known": LOOK,
    "other arguments": call("look", item="gold"),
    "unknown tool": call("fly", to="moon"),
    "no tool": call(""),
    "private": call("__init__", state={}),
    "broken": call("look", '{"item": '),
    "no object": call("look", "[1]"),
    "binary": call("look", "\x00\ud800"),
    "deep": call("look", "[" * 100_000),
    "large": call("look", item="x" * 1_000_000),
}


@pytest.fixture(params=["recorded", "environment"])
def simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Simulator:
    if request.param == "recorded":
        return RecordedTools()
    (tmp_path / "state.json").write_text(json.dumps(STOCK))
    tools = "unit.adapters.simulators.shops:Shop"
    return Environment(tools=tools, state=str(tmp_path / "state.json"))


def answers(simulator: Simulator, at: Prefix, *calls: ToolCall) -> list[ToolAnswer | None]:
    async def session() -> list[ToolAnswer | None]:
        opened = simulator(at)
        return [await opened(each) for each in calls]

    return asyncio.run(session())


def test_production_s_own_call_gets_production_s_answer(simulator: Simulator) -> None:
    (answer,) = answers(simulator, PREFIX, LOOK)

    assert answer is not None
    assert answer.content == FOUND


@pytest.mark.parametrize("kind", sorted(CALLS))
def test_any_call_ends_in_a_reasoned_answer_or_none(simulator: Simulator, kind: str) -> None:
    before = copy.deepcopy(PREFIX)
    (answer,) = answers(simulator, PREFIX, CALLS[kind])

    assert before == PREFIX
    if answer is not None:
        assert answer.layer
        assert answer.why
        answer.content.encode()


def test_the_same_calls_get_the_same_answers_in_every_session(simulator: Simulator) -> None:
    calls = (LOOK, call("buy", item="tea"), LOOK, LOOK)

    assert answers(simulator, PREFIX, *calls) == answers(simulator, PREFIX, *calls)
