"""Chat records in Parquet."""

from pathlib import Path
from typing import Any

from foretaste.adapters.readers.parquet_chat import ParquetChat
from foretaste.records import Conversation, Failure, ToolCall
from formats.columns import as_parquet

CALL = {"id": "c1", "type": "function", "function": {"name": "get", "arguments": '{"id": 7}'}}
TOOL = {"type": "function", "function": {"name": "get"}}
SAID: list[dict[str, Any]] = [
    {"role": "user", "content": "what is 7?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "seven", "tool_call_id": "c1"},
    {"role": "assistant", "content": "Seven.", "tool_calls": []},
]


def every(path: Path, *records: dict[str, Any]) -> list[Conversation | Failure]:
    (path / "log").write_bytes(as_parquet(list(records)))
    return list(ParquetChat(path=str(path / "log"))())


def test_nested_columns_are_read_with_their_calls(tmp_path: Path) -> None:
    row = {"id": "a", "messages": SAID, "model": "m", "tools": [TOOL], "settings": {"seed": 1}}

    (found,) = every(tmp_path, row)

    assert isinstance(found, Conversation)
    assert (found.key, found.dialogue.model) == ("a", "m")
    assert [message.role for message in found.dialogue.messages] == [m["role"] for m in SAID]
    assert found.dialogue.messages[1].tool_calls == (
        ToolCall(id="c1", name="get", arguments='{"id": 7}'),
    )
    assert found.dialogue.messages[2].tool_call_id == "c1"
    assert found.dialogue.tools == (TOOL,)
    assert found.dialogue.settings == {"seed": 1}


def test_a_field_that_only_other_rows_have_is_absent(tmp_path: Path) -> None:
    both = {"id": "c1", "function": {"name": "get", "arguments": {"id": 7}}}
    other = {"id": "c2", "function": {"name": "put", "arguments": {"value": "x"}}}
    rows = [
        {"messages": [SAID[0], {"role": "assistant", "content": "", "tool_calls": [call]}]}
        for call in (both, other)
    ]

    found = every(tmp_path, *rows)

    assert [
        one.dialogue.messages[1].tool_calls[0].arguments
        for one in found
        if isinstance(one, Conversation)
    ] == ['{"id":7}', '{"value":"x"}']


def test_columns_may_hold_json_text(tmp_path: Path) -> None:
    texts = {"messages": '[{"role": "user", "content": "[1]"}]', "tools": ['{"type": "function"}']}

    (found,) = every(tmp_path, texts | {"metadata": '{"team": "a"}'})

    assert isinstance(found, Conversation)
    assert found.dialogue.messages[0].content == "[1]"
    assert found.dialogue.tools == ({"type": "function"},)
    assert found.dialogue.tags == {"team": "a"}


def test_sharegpts_column_is_read(tmp_path: Path) -> None:
    said = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]

    (found,) = every(tmp_path, {"conversations": said})

    assert isinstance(found, Conversation)
    assert [message.role for message in found.dialogue.messages] == ["user", "assistant"]


def test_a_row_that_is_no_chat_is_a_failure_that_quotes_nothing(tmp_path: Path) -> None:
    found = every(tmp_path, {"messages": "{secret"}, {"messages": '[{"role": "secret"}]'})

    assert [one.line for one in found if isinstance(one, Failure)] == [1, 2]
    assert not any("secret" in one.reason for one in found if isinstance(one, Failure))


def test_the_first_bytes_say_nothing() -> None:
    assert not ParquetChat.recognizes(as_parquet([{"messages": "[]"}]))
