import json
from typing import Any

import pytest

from foretaste.adapters.readers.traces.genai import exchange, kind
from foretaste.adapters.readers.traces.spans import Event, Span
from foretaste.dialects.said import Unreadable
from foretaste.records import Gap, Message, Stop, ToolCall

ASKED = [{"role": "user", "content": "Sun?"}]
ANSWERED = [{"role": "assistant", "content": "Yes."}]
PARTS = [{"type": "text", "text": "Sun?"}, {"type": "image_url"}]
SAID = ("Sun?", "Yes.")


def texts(span: Span) -> tuple[str, ...]:
    found = exchange(span)
    return tuple(message.content for message in (*found.asked, *found.answered))


@pytest.mark.parametrize(
    "span",
    [
        Span(
            attributes={
                "gen_ai.prompt": json.dumps(ASKED),
                "gen_ai.completion": json.dumps(ANSWERED),
            }
        ),
        Span(attributes={"gen_ai.prompt": "Sun?", "gen_ai.completion": "Yes."}),
        Span(
            events=[
                Event("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps(ASKED)}),
                Event("gen_ai.content.completion", {"gen_ai.completion": json.dumps(ANSWERED)}),
            ]
        ),
        Span(
            events=[
                Event("gen_ai.user.message", {"content": "Sun?"}),
                Event("gen_ai.choice", {"index": 0, "message": json.dumps(ANSWERED[0])}),
            ]
        ),
        Span(
            events=[
                Event("gen_ai.user.message", {"gen_ai.event.content": json.dumps(ASKED[0])}),
                Event(
                    "gen_ai.choice", {"gen_ai.event.content": '{"message": {"content": "Yes."}}'}
                ),
            ]
        ),
        Span(
            attributes={
                "events": json.dumps(
                    [
                        ASKED[0] | {"event.name": "gen_ai.user.message"},
                        {"event.name": "gen_ai.choice", "message": ANSWERED[0]},
                    ]
                )
            }
        ),
        Span(attributes={"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}),
    ],
    ids=["attributes", "texts", "two events", "events", "azure", "attribute of events", "openai's"],
)
def test_every_older_spelling_is_read(span: Span) -> None:
    assert texts(span) == SAID
    assert kind(span) == "call"


def test_openllmetry_s_flat_attributes_are_read() -> None:
    found = exchange(
        Span(
            attributes={
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be brief.",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": json.dumps(PARTS),
                "gen_ai.prompt.2.role": "assistant",
                "gen_ai.prompt.2.tool_calls.0.id": "c1",
                "gen_ai.prompt.2.tool_calls.0.name": "weather",
                "gen_ai.prompt.2.tool_calls.0.arguments": "{bad",
                "gen_ai.prompt.3.role": "tool",
                "gen_ai.prompt.3.content": "clear",
                "gen_ai.prompt.3.tool_call_id": "c1",
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.content": "Yes.",
                "gen_ai.completion.0.finish_reason": "length",
                "llm.request.functions.0.name": "weather",
                "llm.request.functions.0.parameters": '{"type": "object"}',
                "llm.frequency_penalty": 0.1,
                "gen_ai.request.top_p": 0.9,
                "gen_ai.request.temperature": "warm",
            }
        )
    )

    assert found.asked == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Sun?"),
        Message(
            role="assistant",
            content="",
            tool_calls=(ToolCall(id="c1", name="weather", arguments="{bad"),),
        ),
        Message(role="tool", content="clear", tool_call_id="c1"),
    )
    assert found.answered == (Message(role="assistant", content="Yes."),)
    assert found.lost == {Gap.ATTACHMENTS}
    schema = {"name": "weather", "parameters": {"type": "object"}}
    assert found.tools == ({"type": "function", "function": schema},)
    assert found.settings == {"frequency_penalty": 0.1, "top_p": 0.9}
    assert found.stop is Stop.LENGTH


def test_more_than_ten_messages_stay_in_order() -> None:
    flat: dict[str, Any] = {}
    for n in reversed(range(12)):
        flat |= {f"gen_ai.prompt.{n}.role": "user", f"gen_ai.prompt.{n}.content": str(n)}

    assert texts(Span(attributes=flat)) == tuple(map(str, range(12)))


def test_of_several_answers_the_first_counts() -> None:
    flat = {"gen_ai.prompt": "Sun?", "gen_ai.completion.0.content": "Yes."}

    assert texts(Span(attributes=flat | {"gen_ai.completion.1.content": "No."})) == SAID


def test_reasoning_that_was_paid_and_attributes_that_were_dropped_are_gaps() -> None:
    attributes = {
        "gen_ai.prompt": "Sun?",
        "gen_ai.completion": "Yes.",
        "gen_ai.usage.reasoning.output_tokens": 5,
    }

    assert exchange(Span(attributes=attributes, cut=True)).lost == {Gap.REASONING, Gap.TRUNCATED}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"gen_ai.operation.name": "embeddings", "gen_ai.prompt": "x"}, "other"),
        ({"traceloop.span.kind": "workflow"}, "agent"),
        ({"http.route": "/"}, "other"),
    ],
)
def test_spans_of_other_kinds_are_no_calls(attributes: dict[str, Any], expected: str) -> None:
    assert kind(Span(attributes=attributes)) == expected


def test_a_call_without_messages_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no messages"):
        exchange(Span(attributes={"gen_ai.operation.name": "chat"}))
