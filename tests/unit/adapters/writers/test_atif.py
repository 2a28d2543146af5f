import io
import json
from typing import Any

from atif import Trajectory
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.test_writers import conversations
from foretaste.adapters.writers.atif import ATIF
from foretaste.records import Conversation, Dialogue, Message, ToolCall


def written(*records: Conversation) -> tuple[Any, dict[str, int]]:
    stream = io.BytesIO()
    carried = ATIF()(records, stream)
    return json.loads(stream.getvalue()), dict(carried)


def agent(arguments: str = '{"a":1}', **more: Any) -> Conversation:
    call = ToolCall(id="c", name="get", arguments=arguments)
    messages = (
        Message(role="user", content="q"),
        Message(role="assistant", content="", tool_calls=(call,), reasoning="hm"),
        Message(role="tool", content="r", tool_call_id="c"),
        Message(role="assistant", content="done"),
    )
    dialogue = Dialogue(messages=messages, tags={"agent": "a", "subagent": "false"}, **more)
    return Conversation(dialogue=dialogue, source="log", line=1, key="k")


@settings(max_examples=100, deadline=None)
@given(records=st.lists(conversations(), min_size=1, max_size=2))
def test_whatever_is_written_is_valid_for_the_format_s_own_models(
    records: list[Conversation],
) -> None:
    found, _ = written(*records)

    for each in found if isinstance(found, list) else [found]:
        assert Trajectory.model_validate(each).steps


def test_one_conversation_is_no_array_and_several_are() -> None:
    assert written(agent())[0]["trajectory_id"] == "k"
    assert [each["trajectory_id"] for each in written(agent(), agent())[0]] == ["k", "k"]


def test_a_result_stands_with_the_step_whose_call_it_answers() -> None:
    record, carried = written(agent())

    assert [step["source"] for step in record["steps"]] == ["user", "agent", "agent"]
    assert record["steps"][1]["observation"] == {
        "results": [{"content": "r", "source_call_id": "c"}]
    }
    assert carried == {}
    assert record["extra"]["foretaste"] == {"gaps": []}


def test_context_that_ends_with_a_step_is_marked_as_copied() -> None:
    record, carried = written(agent(own_from=3))

    assert [step.get("is_copied_context") for step in record["steps"]] == [True, True, None]
    assert carried == {}


def test_arguments_that_another_program_would_write_otherwise_are_carried_as_they_were() -> None:
    record, carried = written(agent('{"a": 1}'))

    assert record["steps"][1]["tool_calls"][0]["arguments"] == {"a": 1}
    assert carried == {"messages' tool_calls": 1}


def test_what_the_format_has_no_field_for_is_told() -> None:
    _, carried = written(agent(settings={"temperature": 0.5}), agent())

    assert carried == {"settings": 1}
