import json
from pathlib import Path
from typing import Any

import pytest
from openinference.instrumentation import (
    get_annotation_attributes,
    get_llm_attributes,
    get_metadata_attributes,
    get_session_attributes,
    get_span_kind_attributes,
    get_tool_attributes,
    get_user_id_attributes,
)

import tracing
from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.openinference import OpenInference
from foretaste.adapters.readers.otel_genai import OTelGenAI
from foretaste.records import Conversation, Failure, Gap, Label, Message, Stop, ToolCall
from foretaste.turns import turns

READERS = {"otel-genai": OTelGenAI, "openinference": OpenInference}
CALL = {"id": "c1", "function": {"name": "weather", "arguments": {"city": "Bern"}}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
SYSTEM = {"role": "system", "content": "Be brief."}
FIRST = [SYSTEM, {"role": "user", "content": "Sun?"}]
SECOND = [
    *FIRST,
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "content": "clear", "tool_call_id": "c1"},
]


def read(path: Path) -> list[Conversation | Failure]:
    assert detect(str(path), READERS) == "openinference"
    return list(OpenInference(path=str(path))())


def conversations(path: Path) -> list[Conversation]:
    found = read(path)
    assert all(isinstance(record, Conversation) for record in found)
    return [record for record in found if isinstance(record, Conversation)]


def llm(asked: list[Any], answered: Any, **more: Any) -> dict[str, Any]:
    return {
        **get_span_kind_attributes("llm"),
        **get_llm_attributes(input_messages=asked, output_messages=[answered], **more),
    }


def test_a_session_is_read_with_all_that_it_holds(tmp_path: Path) -> None:
    given: Any = {
        "model_name": "m",
        "invocation_parameters": {"temperature": 0.5, "max_completion_tokens": 9, "model": "m"},
        "tools": [{"json_schema": TOOL}],
    }
    thought = {"type": "reasoning", "text": "Hm."}
    about = {
        **get_session_attributes(session_id="s"),
        **get_user_id_attributes(user_id="ann"),
        **get_metadata_attributes(metadata={"variant": "b"}),
        "llm.finish_reason": "stop",
    }
    rated = [
        {"name": "tone", "label": "kind", "score": 1, "annotator_kind": "HUMAN"},
        {"name": "length", "score": 0.5, "annotator_kind": "CODE"},
    ]
    yes = {"role": "assistant", "content": "Yes."}
    last = [*SECOND, yes, {"role": "user", "content": "Rain?"}]
    answer = {"role": "assistant", "contents": [thought], "tool_calls": [CALL]}
    ran = get_tool_attributes(name="weather", parameters={})
    notes = get_annotation_attributes(annotations=rated)  # type: ignore[arg-type]
    with tracing.otlp(tmp_path) as log:
        with log.span(get_span_kind_attributes("chain") | about) as chain:
            with log.span(llm(FIRST, answer, **given), within=chain):
                pass
            with log.span(get_span_kind_attributes("tool") | ran, within=chain):
                pass
            with log.span(llm(SECOND, yes, **given) | notes, within=chain):
                pass
        with log.span(llm(last, {"role": "assistant", "content": "No."}, **given) | about):
            pass

    (found,) = conversations(tmp_path)

    said = found.dialogue
    call = ToolCall(id="c1", name="weather", arguments='{"city": "Bern"}')
    assert said.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Sun?"),
        Message(role="assistant", content="", reasoning="Hm.", tool_calls=(call,)),
        Message(role="tool", content="clear", tool_call_id="c1", seconds=0.5),
        Message(role="assistant", content="Yes."),
        Message(role="user", content="Rain?"),
        Message(role="assistant", content="No."),
    )
    assert said.settings == {"temperature": 0.5, "max_tokens": 9}
    assert (said.tools, said.model, said.stop, said.gaps) == ((TOOL,), "m", Stop.FINAL, ())
    assert said.tags == {"service": "shop", "variant": "b"}
    assert said.labels == (
        Label(name="tone", value="kind", message=4, by="human"),
        Label(name="length", value=0.5, message=4, by="code"),
    )
    assert (found.key, found.user, len(turns(said))) == ("s", "ann", 2)


def test_pictures_are_lost_attachments_and_hidden_reasoning_is_lost(tmp_path: Path) -> None:
    picture = {"type": "image", "image": {"url": "https://example.org/a.png"}}
    asked = {"role": "user", "contents": [{"type": "text", "text": "See:"}, picture]}
    hidden = {"llm.token_count.completion_details.reasoning": 7}
    with tracing.otlp(tmp_path) as log, log.span(llm([asked], FIRST[1] | {"role": "ai"}) | hidden):
        pass

    (found,) = conversations(tmp_path)

    assert found.dialogue.messages[0].content == "See:"
    assert {Gap.ATTACHMENTS, Gap.REASONING} < set(found.dialogue.gaps)


def row(n: int, **columns: Any) -> dict[str, Any]:
    return {
        "context.trace_id": f"t{n}",
        "context.span_id": f"s{n}",
        "parent_id": None,
        "name": "ChatCompletion",
        "span_kind": "LLM",
        "start_time": 1_795_330_115_000 + n,
        "attributes.llm.model_name": "m",
        "attributes.llm.invocation_parameters": '{"temperature": 0}',
        **columns,
    }


ASKED = {"message.role": "user", "message.content": "Sun?"}
ANSWERED = {"message.role": "assistant", "message.content": "Yes."}
TOOLS = [{"tool": {"json_schema": json.dumps(TOOL)}}]


@pytest.mark.parametrize(
    "columns",
    [
        {
            "attributes.llm.input_messages": [ASKED],
            "attributes.llm.output_messages": [ANSWERED],
            "attributes.llm.tools": TOOLS,
        },
        {
            "attributes.llm.input_messages": [{"message": {"role": "user", "content": "Sun?"}}],
            "attributes.llm.output_messages": json.dumps([ANSWERED]),
            "attributes.llm.tools": TOOLS,
        },
        {
            "attributes": {
                "llm": {
                    "input_messages": [{"message": {"role": "user", "content": "Sun?"}}],
                    "output_messages": [ANSWERED],
                    "tools": TOOLS,
                }
            }
        },
        {
            "attributes": {
                **{f"llm.input_messages.0.{name}": value for name, value in ASKED.items()},
                **{f"llm.output_messages.0.{name}": value for name, value in ANSWERED.items()},
                "llm.tools.0.tool.json_schema": json.dumps(TOOL),
            }
        },
    ],
    ids=["dotted", "nested", "whole", "flat"],
)
def test_a_table_s_columns_are_read_however_far_they_are_nested(
    columns: dict[str, Any], tmp_path: Path
) -> None:
    log = tmp_path / "rows.jsonl"
    log.write_text(json.dumps(row(1, **columns)) + "\n")

    (found,) = conversations(log)

    assert [m.content for m in found.dialogue.messages] == ["Sun?", "Yes."]
    assert found.dialogue.model == "m"
    assert found.dialogue.settings == {"temperature": 0}
    assert found.dialogue.tools == (TOOL,)
    assert str(found.dialogue.started_at) == "2026-11-22 06:48:35.001000+00:00"


def test_what_the_server_gives_back_is_read_with_its_annotations(tmp_path: Path) -> None:
    noted = {"name": "tone", "annotator_kind": "HUMAN", "result": {"label": "rude", "score": 0}}
    span = {
        "id": "U3Bhbjox",
        "name": "ChatCompletion",
        "context": {"trace_id": "t", "span_id": "s"},
        "span_kind": "LLM",
        "start_time": "2026-11-22T06:48:35+00:00",
        "attributes": {
            **{f"llm.input_messages.0.{name}": value for name, value in ASKED.items()},
            **{f"llm.output_messages.0.{name}": value for name, value in ANSWERED.items()},
        },
        "annotations": [noted],
    }
    log = tmp_path / "spans.json"
    log.write_text(json.dumps({"data": [span], "next_cursor": None}, indent=2))

    (found,) = conversations(log)

    assert found.dialogue.labels == (Label(name="tone", value="rude", message=1, by="human"),)


def test_a_completion_s_texts_are_read(tmp_path: Path) -> None:
    prompts = {"llm.prompts.0.prompt.text": "Sun?", "llm.choices.0.completion.text": "Yes."}
    plain = {"input.value": "Rain?", "output.value": "No."}
    with tracing.otlp(tmp_path) as log:
        for attributes in (prompts, plain):
            with log.span(get_span_kind_attributes("llm") | attributes):
                pass

    found = conversations(tmp_path)

    assert [[m.content for m in each.dialogue.messages] for each in found] == [
        ["Sun?", "Yes."],
        ["Rain?", "No."],
    ]


def test_in_a_file_of_both_kinds_each_span_is_read_by_its_own_attributes(tmp_path: Path) -> None:
    plain = {
        "gen_ai.operation.name": "chat",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Rain?",
        "gen_ai.completion.0.content": "No.",
    }
    with tracing.otlp(tmp_path) as log:
        with log.span(plain):
            pass
        with log.span(llm(FIRST, {"role": "assistant", "content": "Yes."}) | plain):
            pass

    assert [r.dialogue.messages[-1].content for r in conversations(tmp_path)] == ["No.", "Yes."]
