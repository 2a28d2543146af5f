import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import LogError, PlanError
from foretaste.runs.retracing import Count, score_simulator
from unit.adapters.simulators import shops

SHOP = f"{shops.__name__}:Shop"


def trial(task: int, *steps: tuple[str, dict[str, Any], str]) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"Task {task}, please."}]
    for place, (name, given, said) in enumerate(steps):
        function = {"name": name, "arguments": json.dumps(given)}
        call = {"id": str(place), "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "content": said, "tool_call_id": str(place)})
    messages.append({"role": "assistant", "content": "Done."})
    return {"messages": messages, "metadata": {"task": task}}


LOOK = ("look", {"item": "tea"}, "3 tea")
MILK = ("look", {"item": "milk"}, "5 milk")
BUY = ("buy", {"item": "tea", "count": 2}, "2 tea bought")
AFTER = ("look", {"item": "tea"}, "1 tea")
TRIALS = (trial(1, LOOK, BUY, AFTER), trial(1, MILK, LOOK, BUY, AFTER), trial(2, LOOK))


def logged(folder: Path, *records: dict[str, Any]) -> str:
    (folder / "log.jsonl").write_text("\n".join(map(json.dumps, records)))
    return str(folder / "log.jsonl")


def test_what_another_trial_and_other_tasks_know_is_counted_by_layer_and_tool(
    tmp_path: Path,
) -> None:
    found = score_simulator(logged(tmp_path, *TRIALS), leave_out="task")

    assert (found.trajectories, found.groups, found.truth) == (3, 2, "recorded")
    assert found.layers["recorded"].tools == {"buy": Count(2, 2, 2), "look": Count(6, 4, 4)}
    # Task 2 knows one look; task 1 knows that look too, once before and once after a write.
    assert found.layers["database"].tools["buy"] == Count(2, 0, 0)
    assert found.layers["database"].tools["look"].answered == 3
    # What the database says to task 2 was true after task 1's purchase only.
    assert found.layers["layered"].calls == Count(8, 7, 6)
    assert all(own.states is None for own in found.layers.values())


def test_an_environment_is_held_to_the_record_and_the_others_to_it(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps(shops.STOCK))
    log = logged(tmp_path, *TRIALS)
    found = score_simulator(
        log, leave_out="task", environment=SHOP, state=str(tmp_path / "state.json")
    )

    assert found.truth == "environment"
    assert found.layers["environment"].calls.n == 8
    assert found.layers["recorded"].states is not None


def test_a_field_that_no_record_has_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"no record has the field 'taks'; there are: task"):
        score_simulator(logged(tmp_path, *TRIALS), leave_out="taks")


def test_a_log_without_tool_calls_has_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no tool call with an answer"):
        score_simulator(logged(tmp_path, trial(1)), leave_out="task")


def test_records_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    log = logged(tmp_path, *TRIALS)
    Path(log).write_text(Path(log).read_text() + '\n{"messages": 3}')

    assert sum(score_simulator(log, leave_out="task").failures.values()) == 1
