import json
from pathlib import Path

import pytest

from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.toolfile import WithTools, tool_schemas
from foretaste.errors import PlanError
from foretaste.records import Conversation, Failure, Gap

LOOK = {"type": "function", "function": {"name": "look"}}
BUY = {"type": "function", "function": {"name": "buy"}}
CALL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
SAID = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "42", "tool_call_id": "1"},
    {"role": "assistant", "content": "Hi."},
]


def test_a_record_without_tools_gets_those_of_the_file_and_stays_the_same_record(
    tmp_path: Path,
) -> None:
    log, tools = tmp_path / "log.jsonl", tmp_path / "tools.json"
    lines = [{"messages": SAID}, {"messages": SAID, "tools": [BUY]}, {"messages": 3}]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tools.write_text(json.dumps([LOOK]))
    plain = OpenAIChat(path=str(log))
    bare, own, broken = WithTools(reader=plain, tools=tool_schemas(str(tools)))()

    assert isinstance(bare, Conversation)
    assert isinstance(own, Conversation)
    assert isinstance(broken, Failure)
    assert (bare.dialogue.tools, own.dialogue.tools) == ((LOOK,), (BUY,))
    assert Gap.TOOLS not in bare.dialogue.gaps
    before = next(iter(plain()))
    assert isinstance(before, Conversation)
    assert Gap.TOOLS in before.dialogue.gaps
    assert bare.id == before.id


@pytest.mark.parametrize("text", ["", "{}", "[3]", '{"tools": []}', "\xff"])
def test_a_file_that_is_no_list_of_schemas_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tools.json"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(PlanError, match=r"log\.tools: .*no list of tool schemas"):
        tool_schemas(str(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"log\.tools: .*cannot be read"):
        tool_schemas(str(tmp_path / "none.json"))
