"""Anthropic's messages, from blocks to records."""

from typing import Any

import pytest

from foretaste.dialects.anthropic import said, system_of, tools_of
from foretaste.dialects.said import Unreadable
from foretaste.records import Gap, Message, ToolCall


def by(role: str, *blocks: Any) -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


def text(what: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": what, **more}


def result(content: Any, named: str = "t1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": named, "content": content, **more}


USE = {"type": "tool_use", "id": "t1", "name": "find", "input": {"q": "é"}}


def test_an_answer_s_blocks_are_one_message() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}

    (message,) = said([by("assistant", thought, text("a"), text("b"), USE)]).messages

    call = ToolCall(id="t1", name="find", arguments='{"q":"é"}')
    assert message == Message(role="assistant", content="a\nb", reasoning="hm", tool_calls=(call,))


def test_results_come_before_the_user_s_own_words() -> None:
    found = said([by("user", text("and?"), result([text("x"), text("y")]))])

    assert [(m.role, m.content, m.tool_call_id) for m in found.messages] == [
        ("tool", "x\ny", "t1"),
        ("user", "and?", None),
    ]
    assert found.lost == frozenset()


@pytest.mark.parametrize(
    ("content", "told"),
    [("Exit code 1", "Exit code 1"), ("no rows", "Error: no rows"), (None, "Error")],
)
def test_a_failed_result_says_so(content: Any, told: str) -> None:
    (message,) = said([by("user", result(content, is_error=True))]).messages

    assert message.content == told


def test_a_server_s_tool_cuts_the_answer_at_its_result() -> None:
    use = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}}
    page = {"type": "web_search_result", "title": "T", "url": "u", "encrypted_content": "x"}
    got = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [page]}

    found = said([by("assistant", text("Look."), use, got, text("Found."))])

    assert [m.role for m in found.messages] == ["assistant", "tool", "assistant"]
    assert found.messages[0].tool_calls[0].name == "web_search"
    assert found.messages[1].content == '{"type":"web_search_result","title":"T","url":"u"}'
    assert found.lost == {Gap.TRUNCATED}


def test_an_mcp_server_s_tool_is_a_call_with_a_result() -> None:
    use = {"type": "mcp_tool_use", "id": "m1", "name": "f", "server_name": "s", "input": {}}
    got = {"type": "mcp_tool_result", "tool_use_id": "m1", "is_error": False, "content": "r"}

    found = said([by("assistant", use, got)]).messages

    assert [(m.role, m.content) for m in found] == [("assistant", ""), ("tool", "r")]


def test_text_that_citations_cut_is_one_text() -> None:
    cited = text("green", citations=[{"type": "char_location", "cited_text": "g"}])

    (message,) = said([by("assistant", text("It is "), cited, text("."))]).messages

    assert message.content == "It is green."


def test_a_document_in_text_is_kept_and_one_in_bytes_is_lost() -> None:
    plain = {"type": "document", "title": "A", "source": {"type": "text", "data": "words"}}
    packed = {"type": "document", "source": {"type": "base64", "data": "JVBE"}}
    image = {"type": "image", "source": {"type": "url", "url": "u"}}

    kept, gone = said([by("user", plain, text("q"))]), said([by("user", packed, text("q"))])

    assert kept.messages[0].content == "A\nwords\nq"
    assert kept.lost == frozenset()
    assert gone.messages[0].content == "q"
    assert gone.lost == said([by("user", result([image]))]).lost == {Gap.ATTACHMENTS}


@pytest.mark.parametrize(
    "block", [{"type": "redacted_thinking", "data": "x"}, {"type": "thinking", "thinking": ""}]
)
def test_reasoning_that_cannot_be_read_is_a_gap(block: dict[str, Any]) -> None:
    assert said([by("assistant", block, text("a"))]).lost == {Gap.REASONING}


def test_a_summary_takes_the_place_of_what_it_sums_up() -> None:
    summary = {"type": "compaction", "content": "They spoke of tea."}

    found = said([by("user", text("long")), by("assistant", summary, text("Go on?"))])

    assert [m.content for m in found.messages] == ["They spoke of tea.", "Go on?"]
    assert found.lost == {Gap.TRUNCATED}


def test_a_system_prompt_is_a_string_or_blocks() -> None:
    (message,) = system_of([text("a"), text("b")]).messages

    assert (message.role, message.content) == ("system", "a\nb")
    assert system_of("a").messages[0].content == "a"
    assert system_of(None).messages == ()


def test_tools_take_openai_s_form_and_a_server_s_own_stay() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    own = {"name": "f", "description": "d", "input_schema": {"type": "object"}}

    function = {"name": "f", "description": "d", "parameters": {"type": "object"}}
    assert tools_of([own, search]) == ({"type": "function", "function": function}, search)


@pytest.mark.parametrize(
    "wrong",
    [
        by("robot", text("x")),
        by("assistant", {"type": "tool_use", "id": "t"}),
        by("user", {"type": "tool_result", "content": "x"}),
    ],
)
def test_what_has_no_meaning_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        said([wrong])
