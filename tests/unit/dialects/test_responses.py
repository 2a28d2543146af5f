"""Items of the Responses API; those with a type are made by OpenAI's own library."""

import asyncio
from typing import Any

import pytest
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageTool,
    messages_from_openai_responses,
)
from openai.types.responses import (
    ResponseCodeInterpreterToolCall,
    ResponseCompactionItem,
    ResponseCustomToolCall,
    ResponseFunctionToolCall,
    ResponseFunctionWebSearch,
    ResponseInputText,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseReasoningItem,
)
from openai.types.responses.response_code_interpreter_tool_call import OutputLogs
from openai.types.responses.response_function_web_search import ActionSearch
from openai.types.responses.response_output_item import McpCall
from openai.types.responses.response_reasoning_item import Summary

from foretaste.dialects.responses import said
from foretaste.dialects.said import Unreadable
from foretaste.records import Gap, Message, ToolCall

ASKED = {"role": "user", "content": "hi"}


def dumped(*items: Any) -> list[Any]:
    return [i if isinstance(i, dict) else i.model_dump(mode="json") for i in items]


def answer(text: str) -> ResponseOutputMessage:
    part = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(
        id="msg_1", type="message", role="assistant", status="completed", content=[part]
    )


def thought(text: str = "hm", **more: Any) -> ResponseReasoningItem:
    summary = [Summary(type="summary_text", text=text)] if text else []
    return ResponseReasoningItem(id="rs_1", type="reasoning", summary=summary, **more)


def call(n: int = 1, name: str = "look") -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        id=f"fc_{n}", call_id=f"c{n}", type="function_call", name=name, arguments='{"a": 1'
    )


def result(n: int = 1, output: Any = "found") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": f"c{n}", "output": output}


def test_a_text_alone_is_what_the_user_said() -> None:
    assert said("hi").messages == (Message(role="user", content="hi"),)


def test_reasoning_text_and_calls_next_to_each_other_are_one_message() -> None:
    found = said(dumped(ASKED, thought(), answer("I look"), call(1), call(2), result(1), result(2)))

    assert found.messages == (
        Message(role="user", content="hi"),
        Message(
            role="assistant",
            content="I look",
            reasoning="hm",
            tool_calls=(
                ToolCall(id="c1", name="look", arguments='{"a": 1'),
                ToolCall(id="c2", name="look", arguments='{"a": 1'),
            ),
        ),
        Message(role="tool", content="found", tool_call_id="c1"),
        Message(role="tool", content="found", tool_call_id="c2"),
    )
    assert found.lost == frozenset()


def test_two_texts_are_two_messages() -> None:
    messages = said(dumped(ASKED, answer("a"), answer("b"))).messages

    assert [m.content for m in messages] == ["hi", "a", "b"]


def test_developers_speak_as_the_system_and_a_refusal_is_text() -> None:
    refusal = ResponseOutputRefusal(type="refusal", refusal="no")
    refused = answer("").model_copy(update={"content": [refusal]})
    told = {"role": "developer", "content": [ResponseInputText(type="input_text", text="be")]}
    told["content"] = dumped(*told["content"])

    messages = said(dumped(told, refused)).messages

    assert [(m.role, m.content) for m in messages] == [("system", "be"), ("assistant", "no")]


def test_encrypted_reasoning_is_lost() -> None:
    assert said(dumped(thought("", encrypted_content="x"), answer("a"))).lost == {Gap.REASONING}


def test_pictures_in_an_input_or_a_result_are_lost() -> None:
    picture = {"type": "input_image", "image_url": "data:", "detail": "auto"}
    shown = said([{"role": "user", "content": [picture]}])
    returned = said(dumped(call(), result(1, [picture, {"type": "input_text", "text": "seen"}])))

    assert shown.lost == returned.lost == {Gap.ATTACHMENTS}
    assert returned.messages[-1].content == "seen"


def test_a_custom_tool_is_called_with_the_text_as_written() -> None:
    item = ResponseCustomToolCall(
        type="custom_tool_call", call_id="c1", name="apply_patch", input="*** Begin"
    )
    out = {"type": "custom_tool_call_output", "call_id": "c1", "output": "Done"}
    messages = said(dumped(item, out)).messages

    assert messages[0].tool_calls == (ToolCall(id="c1", name="apply_patch", arguments="*** Begin"),)
    assert messages[1] == Message(role="tool", content="Done", tool_call_id="c1")


def test_what_a_hosted_tool_found_is_a_result_where_the_item_holds_it() -> None:
    code = ResponseCodeInterpreterToolCall(
        id="ci_1",
        type="code_interpreter_call",
        status="completed",
        container_id="x",
        code="1+1",
        outputs=[OutputLogs(type="logs", logs="2")],
    )
    mcp = McpCall(
        id="m1", type="mcp_call", name="ask", server_label="s", arguments="{}", output="42"
    )
    found = said(dumped(ASKED, code, mcp, answer("so")))

    assert [(m.role, m.content) for m in found.messages[1:]] == [
        *(("assistant", ""), ("tool", "2")),
        *(("assistant", ""), ("tool", "42"), ("assistant", "so")),
    ]
    assert [c for m in found.messages for c in m.tool_calls] == [
        ToolCall(id="ci_1", name="code_interpreter", arguments='{"code":"1+1"}'),
        ToolCall(id="m1", name="ask", arguments="{}"),
    ]


def test_a_web_search_without_its_results_is_a_call_that_lost_them() -> None:
    search = ResponseFunctionWebSearch(
        id="ws_1",
        type="web_search_call",
        status="completed",
        action=ActionSearch(type="search", query="q"),
    ).model_dump(mode="json", exclude_none=True)
    found = said([search, *dumped(answer("a"))])

    assert [(m.role, len(m.tool_calls)) for m in found.messages] == [
        ("assistant", 1),
        ("assistant", 0),
    ]
    assert found.messages[0].tool_calls[0].arguments == '{"type":"search","query":"q"}'
    assert found.lost == {Gap.TRUNCATED}


def test_shell_calls_and_approvals_keep_what_they_ask_and_get() -> None:
    shell = {"type": "shell_call", "call_id": "c1", "action": {"commands": ["ls"]}}
    out = [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]
    asked = {"type": "mcp_approval_request", "id": "p1", "server_label": "s", "name": "n"}
    given = {"type": "mcp_approval_response", "approval_request_id": "p1", "approve": True}
    output = {"type": "shell_call_output", "call_id": "c1", "output": out}

    first, shown, second, allowed = said([shell, output, asked, given]).messages

    assert (first.tool_calls[0].name, first.tool_calls[0].arguments) == (
        "shell",
        '{"commands":["ls"]}',
    )
    assert '"stdout":"a"' in shown.content
    assert second.tool_calls[0].arguments == '{"server_label":"s","name":"n"}'
    assert (allowed.content, allowed.tool_call_id) == ('{"approve":true}', "p1")


def test_nothing_said_before_a_compaction_is_left_but_the_system_prompt() -> None:
    cut = ResponseCompactionItem(id="cmp_1", type="compaction", encrypted_content="x")
    told = {"role": "system", "content": "be kind"}
    found = said(dumped(told, ASKED, answer("a"), cut, {"role": "user", "content": "go on"}))

    assert [m.content for m in found.messages] == ["be kind", "go on"]
    assert found.lost == {Gap.TRUNCATED}


def test_what_an_item_elsewhere_says_is_lost() -> None:
    assert said([ASKED, {"type": "item_reference", "id": "msg_9"}]).lost == {Gap.TRUNCATED}


@pytest.mark.parametrize(
    "wrong",
    [{"a": 1}, [7], [{"role": "secret"}], [{"type": "function_call", "call_id": "secret"}]],
)
def test_items_of_the_wrong_shape_are_unreadable_and_quoted_nowhere(wrong: Any) -> None:
    with pytest.raises(Unreadable) as error:
        said(wrong)
    assert "secret" not in str(error.value)


def test_inspect_reads_the_same_out_of_items() -> None:
    items = dumped(
        ASKED, thought(), call(1), result(1), thought(), call(2), result(2), answer("done")
    )
    theirs = asyncio.run(messages_from_openai_responses(items))
    ours = said(items).messages

    assert [(m.role, m.text) for m in theirs] == [(m.role, m.content) for m in ours]
    called = [m.tool_calls or [] for m in theirs if isinstance(m, ChatMessageAssistant)]
    assert [[(c.id, c.function) for c in calls] for calls in called] == [
        [(c.id, c.name) for c in m.tool_calls] for m in ours if m.role == "assistant"
    ]
    assert [m.tool_call_id for m in theirs if isinstance(m, ChatMessageTool)] == [
        m.tool_call_id for m in ours if m.role == "tool"
    ]
