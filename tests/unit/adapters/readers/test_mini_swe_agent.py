"""mini-SWE-agent's trajectories."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from foretaste.adapters.readers.mini_swe_agent import MiniSWEAgent
from foretaste.records import Conversation, Failure, Gap, Stop, ToolCall
from foretaste.turns import Turn, turns
from formats.mini_swe_agent import record


def one(path: Path, **more: Any) -> Conversation | Failure:
    (path / "a.traj.json").write_text(json.dumps(record(0) | more, indent=2))
    (found,) = MiniSWEAgent(path=str(path / "a.traj.json"))()
    return found


def test_a_run_in_text_is_one_turn_of_a_shell(tmp_path: Path) -> None:
    found = one(tmp_path)

    assert isinstance(found, Conversation)
    assert (found.key, found.dialogue.model) == ("k0", "m")
    assert found.dialogue.settings == {"temperature": 0.0}
    assert found.dialogue.tags == {
        "exit_status": "Submitted",
        "instance_id": "k0",
        "mini_version": "1.14.0",
    }
    assert found.dialogue.messages[1].tool_calls == (
        ToolCall(id="call_1", name="bash", arguments='{"command":"ls -a"}'),
    )
    assert turns(found.dialogue) == [Turn(1, 3)]
    assert found.dialogue.stop is Stop.FINAL
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.TOOLS, Gap.TIME, Gap.USER)


def test_version_two_calls_tools_and_says_last_how_it_ended(tmp_path: Path) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    said = [
        {"role": "system", "content": "Mend."},
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "", "tool_calls": [call], "extra": {"timestamp": 1.7e9}},
        {"role": "tool", "tool_call_id": "c", "content": "ok", "extra": {"returncode": 0}},
        {"role": "exit", "content": "diff", "extra": {"exit_status": "Submitted"}},
    ]

    found = one(tmp_path, messages=said, trajectory_format="mini-swe-agent-1.1")

    assert isinstance(found, Conversation)
    assert [each.role for each in found.dialogue.messages] == [
        "system",
        "user",
        "assistant",
        "tool",
    ]
    assert found.dialogue.messages[3].tool_call_id == "c"
    assert found.dialogue.started_at == datetime.fromtimestamp(1.7e9, UTC)


def test_a_run_without_an_answer_is_a_failure(tmp_path: Path) -> None:
    found = one(tmp_path, messages=[{"role": "user", "content": "q"}])

    assert isinstance(found, Failure)
    assert found.reason == "the run failed before the agent said anything"


def test_odd_values_beside_the_messages_cost_nothing(tmp_path: Path) -> None:
    assert isinstance(one(tmp_path, info=7, instance_id=7), Conversation)
    assert isinstance(one(tmp_path, info={"config": {"model": 7}}), Conversation)
