"""ShareGPT logs."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.sharegpt import ShareGPT
from foretaste.records import Conversation, Dialogue, Failure, Gap, ToolCall
from foretaste.turns import Turn, turns


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def one(log: Path, *said: tuple[str, str], **more: Any) -> Conversation | Failure:
    conversations = [{"from": role, "value": value} for role, value in said]
    log.write_text(json.dumps([{"id": "a_0", "conversations": conversations, **more}]))
    (found,) = ShareGPT(path=str(log))()
    return found


def talk(log: Path, *said: tuple[str, str], **more: Any) -> Dialogue:
    found = one(log, *said, **more)
    assert isinstance(found, Conversation), found
    return found.dialogue


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(("human", "user"), ("user", "user"), ("gpt", "assistant"), ("chatgpt", "assistant")),
        *(("bard", "assistant"), ("bing", "assistant"), ("assistant", "assistant")),
        *(("system", "system"), ("tool", "tool"), ("observation", "tool")),
    ],
)
def test_every_known_speaker_has_a_role(name: str, role: str, log: Path) -> None:
    assert talk(log, (name, "x")).messages[0].role == role


def test_the_id_is_kept_whole_as_key(log: Path) -> None:
    found = one(log, ("human", "q"), ("gpt", "a"))

    assert isinstance(found, Conversation)
    assert found.key == "a_0"


def test_an_answer_at_the_start_is_context_only(log: Path) -> None:
    found = talk(log, ("gpt", "before"), ("human", "q"), ("gpt", "a"))

    assert [message.content for message in found.messages] == ["before", "q", "a"]
    assert turns(found) == [Turn(2, 3)]


def test_a_system_prompt_beside_the_conversation_comes_first(log: Path) -> None:
    found = talk(log, ("human", "q"), system="be kind", model="m")

    assert (found.messages[0].role, found.messages[0].content) == ("system", "be kind")
    assert found.model == "m"


def test_a_function_call_is_paired_with_its_observation(log: Path) -> None:
    called = '{"name": "f", "arguments": {"a": 1}}'
    found = talk(log, ("human", "q"), ("function_call", called), ("observation", "r"))

    assert found.messages[1].tool_calls == (ToolCall(id="call_1", name="f", arguments='{"a":1}'),)
    assert found.messages[2].tool_call_id == "call_1"
    assert Gap.TOOLS in found.gaps


def test_a_function_call_that_is_none_stays_what_was_said(log: Path) -> None:
    found = talk(log, ("human", "q"), ("function_call", "look it up"))

    assert (found.messages[1].content, found.messages[1].tool_calls) == ("look it up", ())


def test_the_format_lacks_nearly_everything(log: Path) -> None:
    found = talk(log, ("human", "q"), ("gpt", "a"))

    assert found.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.MODEL, Gap.TIME, Gap.USER)


def test_an_empty_conversation_and_an_unknown_speaker_are_failures(log: Path) -> None:
    empty, unknown = one(log), one(log, ("human", "q"), ("narrator", "x"))

    assert isinstance(empty, Failure)
    assert empty.reason == "no messages"
    assert isinstance(unknown, Failure)
    assert unknown.reason == "unknown role at conversations[1]"


def test_markup_and_words_that_look_like_structure_stay_text(log: Path) -> None:
    text = '<b>}]</b> {"id": "x", "conversations": [] \\" \x00'

    assert talk(log, ("human", text)).messages[0].content == text
