import json
from pathlib import Path

import pytest

from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.simulators.callbase import StoredCall
from foretaste.adapters.simulators.database import answered
from foretaste.adapters.simulators.leaveout import ToolScore, leave_one_group_out
from foretaste.records import Conversation
from unit.adapters.simulators.stored import stored

PAGE = Path(__file__).parents[4] / "docs" / "howto" / "call-database.md"


def test_a_call_is_scored_against_the_other_groups_only() -> None:
    calls = [
        stored("look", "dark", "a", at="cellar"),
        stored("look", "dark", "a", at="cellar"),
        stored("look", "dark", "b", at="cellar"),
        stored("look", "bright", "c", at="cellar"),
        stored("look", "books", "c", at="attic"),
        stored("go", "done", "a", at="cellar"),
    ]

    go, look = leave_one_group_out(calls)

    assert go == ToolScore("go", calls=1, answered=0, exact=0, near=0, near_exact=0)
    # b's and c's say "dark"; each of a's hears "bright", the later of two answers.
    assert look == ToolScore("look", calls=5, answered=4, exact=1, near=5, near_exact=1)


def test_without_fuzzy_the_near_columns_repeat_the_exact_ones() -> None:
    calls = [stored("look", "dark", "a", at="cellar"), stored("look", "dark", "b", at="attic")]

    assert leave_one_group_out(calls, fuzzy=False) == [ToolScore("look", 2, 0, 0, 0, 0)]
    assert leave_one_group_out(calls) == [ToolScore("look", 2, 0, 0, 2, 2)]


def shared(name: str) -> Path:
    for parent in Path(__file__).parents:
        if (found := parent / "shared" / "data" / name).exists():
            return found
    pytest.skip(f"the shared data ({name}) is not here")


def test_other_tasks_of_the_airline_answer_what_the_page_says() -> None:
    path = shared("agents/airline/trajectories.jsonl")
    task = [str(json.loads(line)["task_id"]) for line in path.read_text().splitlines()]
    calls: list[StoredCall] = []
    for record in OpenAIChat(path=str(path))():
        assert isinstance(record, Conversation)
        calls += answered(record.dialogue.messages, task[record.line - 1])

    page = PAGE.read_text()
    rows = leave_one_group_out(calls)
    for row in (*rows, ToolScore("**all**", *map(sum, list(zip(*rows, strict=True))[1:]))):
        name = row.tool if row.tool == "**all**" else f"`{row.tool}`"
        assert f"| {name} | {' | '.join(map(str, row[1:]))} |" in page
