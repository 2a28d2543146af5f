"""A candidate that takes another route than the record, and what each layer of tools says then."""

import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.errors import InsufficientData
from foretaste.protocols import Reply, Request
from foretaste.records import Failure, Lane, Message, Rollout, Stop, ToolCall
from foretaste.registry import build
from stories.planted import behavior, write_log
from unit.adapters.simulators import shops

Step = tuple[str, dict[str, Any]]

LOOK: Step = ("look", {"item": "tea"})
MILK: Step = ("look", {"item": "milk"})
BUY: Step = ("buy", {"item": "tea", "count": 2})
MORE: Step = ("buy", {"item": "tea", "count": 1})
FULL, LESS, ONE_OFF = (json.dumps({"left": left, "price": 4}) for left in (3, 1, 2))
RECORD: tuple[tuple[Step, str], ...] = ((LOOK, FULL), (BUY, "2 tea bought"), (LOOK, LESS))


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Makes its steps in order, whatever it is told; then it ends its turn."""

    steps: list[Any]

    async def __call__(self, request: Request) -> Reply:
        done = sum(message.role == "tool" for message in request.messages)
        message = Message(role="assistant", content="Done.")
        if done < len(self.steps):
            name, given = self.steps[done]
            call = ToolCall(id=f"n{done}", name=name, arguments=json.dumps(given))
            message = Message(role="assistant", content="", tool_calls=(call,))
        return Reply(message=message, stop=Stop.FINAL, asked_model="agent")


def trajectory(name: str, record: Sequence[tuple[Step, str]]) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Buy me tea."}]
    for place, ((tool, given), said) in enumerate(record):
        function = {"name": tool, "arguments": json.dumps(given)}
        call = {"id": f"c{place}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": "", "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": said})
    messages.append({"role": "assistant", "content": "Bought."})
    return {"id": name, "model": "old", "messages": messages}


def replayed(folder: Path, tools: dict[str, Any], *steps: Step) -> Rollout | Failure:
    """What a whole run makes of a candidate that goes these steps."""
    log = write_log(folder / "log.jsonl", [trajectory("t", RECORD)])
    part = {"use": "files", "path": str(folder / "run")}
    plan = {
        "log": {"path": log},
        "store": part,
        "candidate": {"use": f"{__name__}:Agent", "steps": [list(step) for step in steps]},
        "tools": tools,
        "sample": {"size": None},
        "behaviors": [behavior(folder, "alpha")],
        "forecast": {"turns": 100},
    }
    with suppress(InsufficientData):  # one rollout is too little for a forecast, and enough here
        foretaste.run(plan)
    with build("stores", part) as store:
        kind = (
            Rollout if any(lane == Lane.CANDIDATE for _, lane in store.keys(Rollout)) else Failure
        )
        (found,) = [each for each in store.read(kind) if each.lane is Lane.CANDIDATE]
    assert isinstance(found, Rollout | Failure)
    return found


def environment(folder: Path) -> dict[str, Any]:
    (folder / "stock.json").write_text(json.dumps(shops.STOCK))
    tools = f"{shops.__name__}:Shop"
    return {"use": "environment", "tools": tools, "state": str(folder / "stock.json")}


def database(folder: Path, *record: tuple[Step, str]) -> dict[str, Any]:
    path = write_log(folder / "earlier.jsonl", [trajectory("e", record or ((MILK, "1 milk"),))])
    return {"use": "database", "path": path}


def told(found: Rollout | Failure) -> list[tuple[str, str]]:
    """Each answer, and the layer it came from."""
    assert isinstance(found, Rollout)
    said = [message.content for message in found.messages if message.role == "tool"]
    return list(zip(said, (each.layer for each in found.answered), strict=True))


def layered(*layers: Any, **more: Any) -> dict[str, Any]:
    return {"use": "layered", "layers": list(layers), **more}


def test_layers_answer_in_order_and_those_with_state_know_what_others_answered(
    tmp_path: Path,
) -> None:
    tools = layered("recorded", database(tmp_path), environment(tmp_path))
    found = replayed(tmp_path, tools, MILK, LOOK, BUY, LOOK, MORE, LOOK)

    assert told(found) == [
        ("1 milk", "database"),  # nobody recorded it in this turn
        (FULL, "recorded"),
        ("2 tea bought", "recorded"),
        (LESS, "recorded"),  # after the recorded write
        ("1 tea bought", "environment"),  # another write: it must have seen the first
        (json.dumps({"left": 0, "price": 4}), "environment"),
    ]
    assert isinstance(found, Rollout)
    assert found.diverged is not None
    assert (found.diverged.step, found.diverged.kind) == (0, "other arguments")


def test_after_a_write_of_its_own_no_stateless_layer_gives_an_old_answer(tmp_path: Path) -> None:
    earlier = database(tmp_path, (LOOK, FULL), (MORE, "1 tea bought"))
    found = replayed(tmp_path, layered("recorded", earlier, miss="stop"), MORE, LOOK)

    assert told(found) == [("1 tea bought", "database")]
    assert isinstance(found, Rollout)
    assert found.stop is Stop.TOOL_MISS


def test_after_a_write_of_its_own_an_environment_gives_the_new_state(tmp_path: Path) -> None:
    earlier = database(tmp_path, (LOOK, FULL), (MORE, "1 tea bought"))
    tools = layered("recorded", earlier, environment(tmp_path))
    found = replayed(tmp_path, tools, MORE, LOOK)

    assert told(found) == [("1 tea bought", "database"), (ONE_OFF, "environment")]


def test_a_miss_that_must_not_be_is_a_failure_of_its_rollout(tmp_path: Path) -> None:
    found = replayed(tmp_path, layered("recorded", miss="fail"), MORE)

    assert isinstance(found, Failure)
    assert found.reason == "no layer of recorded answers 'buy'"


# Live tools of the kind that a candidate might know; no plan below names them.
def write_file(path: str) -> str:
    Path(path).write_text("live")
    return "written"


def open_socket(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        return "connected"


@pytest.mark.parametrize("use", ["recorded", "database", "environment", "layered"])
def test_no_simulator_ever_falls_through_to_a_live_tool(tmp_path: Path, use: str) -> None:
    parts = {
        "recorded": {"use": "recorded"},
        "database": database(tmp_path),
        "environment": environment(tmp_path),
    }
    tools = parts.get(use, layered(*parts.values()))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        for number, step in enumerate(
            [
                ("write_file", {"path": str(tmp_path / "live.txt")}),
                ("open_socket", {"port": port}),
                (f"{__name__}:write_file", {"path": str(tmp_path / "live.txt")}),
                ("os.system", {"command": f"touch {tmp_path}/live.txt"}),
                ("__init__", {"state": {}}),
            ]
        ):
            folder = tmp_path / str(number)
            folder.mkdir()
            found = replayed(folder, tools, step)
            assert isinstance(found, Rollout)
            assert (found.stop, told(found)) == (Stop.TOOL_MISS, [])
        with pytest.raises(TimeoutError):
            server.accept()

    assert not (tmp_path / "live.txt").exists()
    assert write_file(str(tmp_path / "live.txt")) == "written"  # live, it would have worked
