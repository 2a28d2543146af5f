import io
import json
from datetime import UTC, datetime
from typing import Any

from foretaste.adapters.writers.openai_chat import OpenAIChat
from foretaste.records import Conversation, Dialogue, Label, Message, ToolCall


def written(record: Conversation) -> tuple[Any, dict[str, int]]:
    stream = io.BytesIO()
    carried = OpenAIChat()([record], stream)
    return json.loads(stream.getvalue()), dict(carried)


def test_all_that_openai_has_a_field_for_stands_there() -> None:
    call = ToolCall(id="c", name="get", arguments='{"a": 1}')
    tool = {"type": "function", "function": {"name": "get"}}
    dialogue = Dialogue(
        messages=(
            Message(role="user", content="q"),
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="r", tool_call_id="c"),
        ),
        settings={"temperature": 0.5},
        tools=(tool,),
        model="m",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        tags={"surface": "web"},
    )
    record, carried = written(
        Conversation(dialogue=dialogue, source="log", line=1, key="k", user="u")
    )

    function = {"name": "get", "arguments": '{"a": 1}'}
    assert record == {
        "id": "k",
        "model": "m",
        "created": 1767225600,
        "user": "u",
        "tools": [tool],
        "metadata": {"surface": "web"},
        "messages": [
            {"role": "user", "content": "q"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": function}],
            },
            {"role": "tool", "content": "r", "tool_call_id": "c"},
        ],
        "temperature": 0.5,
        "foretaste": {"gaps": []},
    }
    assert carried == {}


def test_labels_and_odd_settings_stand_under_our_own_key_and_are_told() -> None:
    dialogue = Dialogue(
        messages=(Message(role="user", content="q"),),
        settings={"temperature": "hot"},
        labels=(Label(name="good", value=True, by="human"),),
    )
    record, carried = written(Conversation(dialogue=dialogue, source="log", line=1, key="k"))

    assert "temperature" not in record
    assert record["foretaste"] == {
        "settings": {"temperature": "hot"},
        "gaps": [],
        "labels": [{"name": "good", "value": True, "message": None, "by": "human"}],
    }
    assert carried == {"settings": 1, "labels": 1}
