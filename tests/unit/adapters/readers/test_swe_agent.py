"""SWE-agent's trajectories."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.swe_agent import SWEAgent
from foretaste.records import Conversation, Failure, Gap, Stop
from foretaste.turns import Turn, turns
from formats.swe_agent import record


def one(path: Path, **more: Any) -> Conversation | Failure:
    (path / "a.traj").write_text(json.dumps(record(0) | more, indent=2))
    (found,) = SWEAgent(path=str(path / "a.traj"))()
    return found


def good(path: Path, **more: Any) -> Conversation:
    found = one(path, **more)
    assert isinstance(found, Conversation)
    return found


def test_a_run_is_one_turn_under_its_instances_name(tmp_path: Path) -> None:
    found = good(tmp_path)

    assert found.key == "k0"
    assert (found.dialogue.model, found.dialogue.settings) == ("m", {"temperature": 0.0})
    assert found.dialogue.tags == {"exit_status": "submitted", "instance_id": "k0"}
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.TOOLS, Gap.TIME, Gap.USER)
    assert found.dialogue.stop is Stop.FINAL
    assert turns(found.dialogue) == [Turn(1, 3)]


def test_a_demonstration_step_by_step_is_context_and_the_run_counts(tmp_path: Path) -> None:
    demo = [
        {"role": "user", "content": "demo", "is_demo": True},
        {"role": "assistant", "content": "x", "is_demo": True},
        {"role": "user", "content": "seen", "is_demo": True},
        {"role": "assistant", "content": "y", "is_demo": True},
    ]

    found = good(tmp_path, history=[*demo, *record(0)["history"]])

    assert found.dialogue.own_from == 4
    assert turns(found.dialogue) == [Turn(5, 7)]


def test_a_demonstration_in_one_message_is_said_before_the_task(tmp_path: Path) -> None:
    demo = {"role": "user", "content": "demo", "is_demo": True}

    found = good(tmp_path, history=[demo, *record(0)["history"]])

    assert found.dialogue.own_from == 0
    assert turns(found.dialogue) == [Turn(2, 4)]


@pytest.mark.parametrize(
    ("query", "cut"),
    [
        ([{"role": "user", "content": "q0"}], False),
        ([{"role": "user", "content": [{"type": "text", "text": "q0"}]}], False),
        ([{"role": "user", "content": "Old output omitted"}], True),
        ([{"role": "odd", "content": "q"}], False),
        (7, False),
    ],
)
@pytest.mark.parametrize("name", ["query", "messages"])
def test_a_last_call_that_was_shown_less_is_a_gap(
    name: str, query: Any, cut: bool, tmp_path: Path
) -> None:
    found = good(tmp_path, trajectory=[{"query": 7}, {name: query}])

    assert (Gap.TRUNCATED in found.dialogue.gaps) is cut


@pytest.mark.parametrize("config", [None, 7, "{", "[1]", {"agent": 7}, '{"agent": {"model": 1}}'])
def test_without_a_readable_configuration_the_run_is_read(config: Any, tmp_path: Path) -> None:
    found = good(tmp_path, replay_config=config)

    assert (found.key, found.dialogue.model, found.dialogue.settings) == (None, None, {})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("submitted (exit_context)", Stop.LENGTH),
        ("exit_total_execution_time", Stop.TIME_LIMIT),
        ("exit_cost", Stop.UNKNOWN),
        (None, Stop.UNKNOWN),
        ([], Stop.UNKNOWN),
    ],
)
def test_how_a_run_ended_is_read(status: Any, expected: Stop, tmp_path: Path) -> None:
    assert good(tmp_path, info={"exit_status": status}).dialogue.stop is expected


@pytest.mark.parametrize("history", [None, [], record(0)["history"][:1]])
def test_a_run_without_an_answer_is_a_failure(history: Any, tmp_path: Path) -> None:
    found = one(tmp_path, history=history)

    assert isinstance(found, Failure)
    assert found.reason == "the run failed before the agent said anything"


def test_a_folder_of_runs_is_read(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"i{n}").mkdir()
        (tmp_path / f"i{n}" / f"i{n}.traj").write_text(json.dumps(record(n), indent=2))
        (tmp_path / f"i{n}" / "preds.json").write_text('{"model_patch": ""}')

    found = list(SWEAgent(path=f"{tmp_path}/**/*.traj")())

    assert [each.key for each in found if isinstance(each, Conversation)] == ["k0", "k1", "k2"]


def test_a_run_is_recognized_though_its_trajectory_is_long() -> None:
    head = (
        b'{\n  "environment": "main",\n  "trajectory": [\n    {\n      "action": "' + b"x" * 70_000
    )

    assert SWEAgent.recognizes(head)
    assert not SWEAgent.recognizes(b'{"trajectory": [{"role": "user"')
