"""Results of tau-bench."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.tau_bench import TauBench
from foretaste.adapters.readers.toolfile import WithTools, tool_schemas
from foretaste.records import Conversation, Failure, Gap, ToolCall
from stories.places import data

# As the runner writes it: `model_dump` of the completion's message, and the task in `info`.
CALLED = {
    "content": None,
    "role": "assistant",
    "tool_calls": [
        {"function": {"arguments": '{"id": 7}', "name": "get"}, "id": "c1", "type": "function"}
    ],
    "function_call": None,
    "provider_specific_fields": {"refusal": None},
}
TRIAL: dict[str, Any] = {
    "task_id": 3,
    "reward": 1.0,
    "info": {"task": {"user_id": "mia_1", "actions": [], "outputs": []}, "source": "user"},
    "traj": [
        {"role": "system", "content": "policy"},
        {"role": "user", "content": "what is 7?"},
        CALLED,
        {"role": "tool", "tool_call_id": "c1", "name": "get", "content": "seven"},
        {"content": "Seven.", "role": "assistant", "tool_calls": None, "function_call": None},
    ],
    "trial": 1,
}
TOOLS = [{"type": "function", "function": {"name": "get"}}]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def every(log: Path, *trials: dict[str, Any], **options: Any) -> list[Conversation | Failure]:
    log.write_text(json.dumps(list(trials), indent=2))
    return list(TauBench(path=str(log), **options)())


def test_a_trial_is_a_conversation_with_its_task_trial_and_reward_as_tags(log: Path) -> None:
    (found,) = every(log, TRIAL)

    assert isinstance(found, Conversation)
    assert (found.key, found.user) == ("3-1", "mia_1")
    assert found.dialogue.tags == {"reward": "1", "source": "user", "task_id": "3", "trial": "1"}
    assert found.dialogue.messages[2].tool_calls == (
        ToolCall(id="c1", name="get", arguments='{"id": 7}'),
    )
    assert found.dialogue.messages[3].tool_call_id == "c1"
    assert found.dialogue.gaps == (Gap.TOOLS, Gap.SETTINGS, Gap.MODEL, Gap.TIME)


def test_a_reward_between_none_and_whole_is_no_tag(log: Path) -> None:
    (found,) = every(log, TRIAL | {"reward": 0.5})

    assert isinstance(found, Conversation)
    assert "reward" not in found.dialogue.tags


def test_a_trial_that_failed_before_it_was_written_down_is_a_failure(log: Path) -> None:
    failed = TRIAL | {"traj": [], "info": {"error": "timeout of secret", "traceback": "..."}}
    found = every(log, failed, TRIAL | {"traj": [], "info": None}, TRIAL)

    assert [one.reason for one in found if isinstance(one, Failure)] == [
        "the trial failed",
        "no messages",
    ]


def test_the_shared_airline_trials_are_read_as_chat_with_tags_and_tools() -> None:
    airline = data("agents/airline")
    if airline is None:
        pytest.skip("the shared airline data are not here")
    reader = WithTools(
        reader=OpenAIChat(path=f"{airline}/trajectories.jsonl"),
        tools=tool_schemas(f"{airline}/tools.json"),
    )

    found = list(reader())

    assert len(found) == 120
    for one in found:
        assert isinstance(one, Conversation)
        assert one.dialogue.tags.keys() == {"task_id", "trial", "reward"}
        assert len(one.dialogue.tools) == 14
        assert one.dialogue.gaps == (Gap.SETTINGS, Gap.TIME, Gap.USER)
