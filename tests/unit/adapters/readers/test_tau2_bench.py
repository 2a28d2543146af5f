"""Results of tau2-bench."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.tau2_bench import Tau2Bench
from foretaste.errors import LogError
from foretaste.records import Conversation, Failure, Gap, Message, Stop, ToolCall
from formats.tau2_bench import INFO, as_results, record

CALL = {"id": "c1", "name": "get", "arguments": {"id": 7}, "requestor": "assistant"}
OWN = {"id": "u1", "name": "look_at_phone", "arguments": {}, "requestor": "user"}


def every(path: Path, *simulations: dict[str, Any]) -> list[Conversation | Failure]:
    (path / "results.json").write_bytes(as_results(list(simulations)))
    return list(Tau2Bench(path=str(path / "results.json"))())


def one(path: Path, **more: Any) -> Conversation:
    (found,) = every(path, record(0) | more)
    assert isinstance(found, Conversation)
    return found


def test_a_simulation_is_a_conversation_with_what_info_says_about_all(tmp_path: Path) -> None:
    found = one(tmp_path)

    assert found.key == "k0"
    assert found.dialogue.messages == (
        Message(role="system", content="Be kind."),
        Message(role="user", content="q0"),
        Message(role="assistant", content="é0"),
    )
    assert found.dialogue.model == "m"
    assert found.dialogue.settings == {"seed": 7, "temperature": 0.0}
    assert found.dialogue.tags == {
        "domain": "airline",
        "reward": "1",
        "task_id": "0",
        "termination_reason": "user_stop",
        "trial": "0",
    }
    assert found.dialogue.stop is Stop.FINAL
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.USER)


def test_the_agents_calls_are_kept_and_the_users_own_tools_are_not_the_agents(
    tmp_path: Path,
) -> None:
    said = [
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": None, "tool_calls": [OWN]},
        {"role": "tool", "id": "u1", "content": "no signal", "requestor": "user"},
        {"role": "user", "content": "No signal."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [CALL],
            "raw_data": {"message": {"reasoning_content": "Look it up."}},
        },
        {"role": "tool", "id": "c1", "content": "Error: none", "requestor": "assistant"},
    ]

    found = one(tmp_path, messages=said)

    assert found.dialogue.messages[1:] == (
        Message(role="assistant", content="Hi!"),
        Message(role="user", content="No signal."),
        Message(
            role="assistant",
            content="",
            reasoning="Look it up.",
            tool_calls=(ToolCall(id="c1", name="get", arguments='{"id":7}'),),
        ),
        Message(role="tool", content="Error: none", tool_call_id="c1"),
    )
    assert Gap.TOOLS in found.dialogue.gaps


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("agent_stop", Stop.FINAL),
        ("max_steps", Stop.TURN_LIMIT),
        ("too_many_errors", Stop.UNKNOWN),
        ([], Stop.UNKNOWN),
    ],
)
def test_how_a_simulation_ended_is_read(reason: Any, expected: Stop, tmp_path: Path) -> None:
    assert one(tmp_path, termination_reason=reason).dialogue.stop is expected


def test_a_simulation_that_failed_is_a_failure(tmp_path: Path) -> None:
    ended = {"messages": [], "termination_reason": "infrastructure_error"}
    found = every(
        tmp_path,
        record(0) | ended,
        record(1) | {"messages": None, "termination_reason": None},
        record(2) | {"messages": [{"role": "secret"}]},
    )

    assert [each.reason for each in found if isinstance(each, Failure)] == [
        "the trial failed",
        "no messages",
        "unknown role at messages[0]",
    ]


@pytest.mark.parametrize("info", [None, 7, {"agent_info": 7}, {"environment_info": {"policy": 7}}])
def test_without_a_readable_info_its_facts_are_gaps(info: Any, tmp_path: Path) -> None:
    results = {"info": info, "tasks": [], "simulations": [record(0)]}
    (tmp_path / "log").write_text(json.dumps(results))

    (found,) = Tau2Bench(path=str(tmp_path / "log"))()

    assert isinstance(found, Conversation)
    assert (found.dialogue.model, found.dialogue.messages[0].role) == (None, "user")
    assert Gap.MODEL in found.dialogue.gaps


def test_a_simulation_in_a_file_of_its_own_is_read_without_info(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_bytes(as_results([]))
    (tmp_path / "sim.json").write_text(json.dumps(record(0), indent=2))

    (found,) = Tau2Bench(path=str(tmp_path))()

    assert isinstance(found, Conversation)
    assert (found.source, found.dialogue.model) == ("sim.json", None)


def test_what_a_policy_quotes_is_not_taken_for_the_simulations(tmp_path: Path) -> None:
    info = INFO | {
        "environment_info": {"policy": 'See "simulations": [ and {"id": "a", "task_id": 1'}
    }
    results = {"info": info, "tasks": [], "simulations": [record(0)], "more": [1]}
    (tmp_path / "log").write_text(json.dumps(results))

    (found,) = Tau2Bench(path=str(tmp_path / "log"))()

    assert isinstance(found, Conversation)
    assert found.key == "k0"


def test_a_file_cut_off_before_its_simulations_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(as_results([record(0)])[:200])

    (found,) = Tau2Bench(path=str(tmp_path / "log"))()

    assert isinstance(found, Failure)
    assert found.reason == "file cut off before its first simulation"


def test_results_without_simulations_are_empty(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is empty"):
        every(tmp_path)


def test_results_are_recognized_though_the_policy_is_long() -> None:
    info = {"num_trials": 1, "environment_info": {"policy": "x" * 100_000}}
    head = json.dumps({"timestamp": None, "info": info})[: 64 << 10].encode()

    assert Tau2Bench.recognizes(head)
    assert not Tau2Bench.recognizes(b'{"info": {"exit_status": ""}, "messages": [')
