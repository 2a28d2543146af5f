import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as gen_ai

import tracing
from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.openinference import OpenInference
from foretaste.adapters.readers.otel_genai import OTelGenAI
from foretaste.errors import LogError
from foretaste.records import Conversation, Failure, Gap, Label, Message, Stop, ToolCall
from foretaste.turns import turns
from formats import otel_genai as formats
from formats.writing import as_lines

READERS = {"otel-genai": OTelGenAI, "openinference": OpenInference}


def read(path: Path, **options: Any) -> list[Conversation | Failure]:
    assert detect(str(path), READERS) == "otel-genai"
    return list(OTelGenAI(path=str(path), **options)())


def conversations(path: Path) -> list[Conversation]:
    found = read(path)
    assert all(isinstance(record, Conversation) for record in found)
    return [record for record in found if isinstance(record, Conversation)]


def says(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    texts = [{"type": "text", "content": p} if isinstance(p, str) else p for p in parts]
    return {"role": role, "parts": texts, **more}


def chat(asked: list[Any], answered: list[Any], **more: Any) -> dict[str, Any]:
    return {
        gen_ai.GEN_AI_OPERATION_NAME: "chat",
        gen_ai.GEN_AI_INPUT_MESSAGES: json.dumps(asked),
        gen_ai.GEN_AI_OUTPUT_MESSAGES: json.dumps(answered),
        **more,
    }


CALL = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Bern"}}
RESULT = {"type": "tool_call_response", "id": "c1", "response": "clear"}
TOOL = {"type": "function", "name": "weather", "description": "d", "parameters": {"type": "object"}}
FIRST = [says("user", "Sun?")]
SECOND = [*FIRST, says("assistant", CALL), says("tool", RESULT)]
IN_CONVERSATION = {gen_ai.GEN_AI_CONVERSATION_ID: "conv"}


def test_a_conversation_over_several_traces_is_read_with_all_that_it_holds(tmp_path: Path) -> None:
    about = IN_CONVERSATION | {
        gen_ai.GEN_AI_REQUEST_MODEL: "m",
        gen_ai.GEN_AI_RESPONSE_MODEL: "m-2026",
        gen_ai.GEN_AI_REQUEST_TEMPERATURE: 0.5,
        gen_ai.GEN_AI_REQUEST_MAX_TOKENS: 100,
        gen_ai.GEN_AI_REQUEST_STOP_SEQUENCES: ["END"],
        gen_ai.GEN_AI_SYSTEM_INSTRUCTIONS: json.dumps([{"type": "text", "content": "Be brief."}]),
        gen_ai.GEN_AI_TOOL_DEFINITIONS: json.dumps([TOOL]),
        gen_ai.GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        "user.id": "ann",
        "app.variant": "b",
    }
    answer = says("assistant", {"type": "reasoning", "content": "Hm."}, CALL)
    ran = {gen_ai.GEN_AI_OPERATION_NAME: "execute_tool", gen_ai.GEN_AI_TOOL_CALL_ID: "c1"}
    third = [*SECOND, says("assistant", "Yes."), says("user", "Rain?")]
    with tracing.otlp(tmp_path) as log:
        with log.span({"http.route": "/"}) as root:
            with log.span(chat(FIRST, [answer], **about), within=root):
                pass
            with log.span(ran, within=root):
                pass
            with log.span(chat(SECOND, [says("assistant", "Yes.")], **about), within=root):
                pass
        with log.span(chat(third, [says("assistant", "No.", finish_reason="stop")], **about)):
            pass

    (found,) = conversations(tmp_path)

    call = ToolCall(id="c1", name="weather", arguments='{"city":"Bern"}')
    said = found.dialogue
    assert said.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Sun?"),
        Message(role="assistant", content="", reasoning="Hm.", tool_calls=(call,)),
        Message(role="tool", content="clear", tool_call_id="c1", seconds=0.5),
        Message(role="assistant", content="Yes."),
        Message(role="user", content="Rain?"),
        Message(role="assistant", content="No."),
    )
    assert said.settings == {"temperature": 0.5, "max_tokens": 100, "stop": ["END"]}
    schema = {"name": "weather", "description": "d", "parameters": {"type": "object"}}
    assert said.tools == ({"type": "function", "function": schema},)
    assert (said.model, said.stop, said.own_from, said.gaps) == ("m-2026", Stop.FINAL, 0, ())
    assert said.tags == {"app.variant": "b", "service": "shop"}
    assert str(said.started_at) == "2026-11-22 06:48:37+00:00"
    assert (found.key, found.user, len(turns(said))) == ("conv", "ann", 2)


def test_structured_attributes_and_those_in_text_say_the_same(tmp_path: Path) -> None:
    given = {
        gen_ai.GEN_AI_INPUT_MESSAGES: FIRST,
        gen_ai.GEN_AI_OUTPUT_MESSAGES: [says("assistant", CALL)],
        gen_ai.GEN_AI_TOOL_DEFINITIONS: [TOOL],
    }
    texts = {name: json.dumps(value) for name, value in given.items()}
    with tracing.otlp(tmp_path) as log:
        for attributes in (given, texts):
            with log.span(attributes | {gen_ai.GEN_AI_OPERATION_NAME: "chat"}):
                pass

    one, other = conversations(tmp_path)

    assert one.dialogue.messages == other.dialogue.messages
    assert one.dialogue.messages[1].tool_calls[0].arguments == '{"city":"Bern"}'
    assert one.dialogue.tools == other.dialogue.tools != ()


def test_an_input_that_does_not_repeat_the_last_one_begins_a_new_conversation(
    tmp_path: Path,
) -> None:
    cut = [says("user", {"type": "compaction", "content": "They met."}), says("user", "Rain?")]
    cut.insert(1, says("assistant", "Hi again."))
    with tracing.otlp(tmp_path) as log:
        with log.span(chat(FIRST, [says("assistant", "Yes.")], **IN_CONVERSATION)):
            pass
        with log.span(chat(cut, [says("assistant", "No.")], **IN_CONVERSATION)):
            pass

    before, after = conversations(tmp_path)

    assert (before.key, after.key) == ("conv", "conv#2")
    assert [m.content for m in after.dialogue.messages] == [
        "They met.",
        "Hi again.",
        "Rain?",
        "No.",
    ]
    assert (before.dialogue.own_from, after.dialogue.own_from) == (0, 3)
    assert Gap.TRUNCATED in after.dialogue.gaps


def test_subagents_are_conversations_of_their_own(tmp_path: Path) -> None:
    def agent(name: str) -> dict[str, Any]:
        return {gen_ai.GEN_AI_OPERATION_NAME: "invoke_agent", gen_ai.GEN_AI_AGENT_NAME: name}

    with tracing.otlp(tmp_path) as log, log.span(agent("desk") | IN_CONVERSATION) as desk:
        with log.span(chat(FIRST, [says("assistant", "Wait.")]), within=desk):
            pass
        with (
            log.span(agent("clerk"), within=desk) as clerk,
            log.span(chat(FIRST, [says("assistant", "Clear.")]), within=clerk),
        ):
            pass
        more = [*FIRST, says("assistant", "Wait."), says("user", "And?")]
        with log.span(chat(more, [says("assistant", "Sun.")]), within=desk):
            pass

    main, sub = conversations(tmp_path)

    assert (main.dialogue.tags["agent"], main.dialogue.messages[-1].content) == ("desk", "Sun.")
    assert "subagent" not in main.dialogue.tags
    assert sub.dialogue.tags | {"service": ""} == {
        "agent": "clerk",
        "subagent": "true",
        "service": "",
    }


def test_a_call_seen_by_two_tracers_is_told_once(tmp_path: Path) -> None:
    attributes = chat(FIRST, [says("assistant", "Yes.")])
    with (
        tracing.otlp(tmp_path) as log,
        log.span(attributes) as outer,
        log.span(attributes, within=outer),
    ):
        pass

    assert len(conversations(tmp_path)) == 1


def test_a_failed_call_is_a_failure_unless_it_was_tried_again(tmp_path: Path) -> None:
    failing = chat(FIRST, [])
    with tracing.otlp(tmp_path) as log:
        with log.span(failing | {"gen_ai.conversation.id": "a"}, failed=True):
            pass
        with log.span(chat(FIRST, [says("assistant", "Yes.")], **{"gen_ai.conversation.id": "a"})):
            pass
        with log.span(failing | {"gen_ai.conversation.id": "b"}, failed=True):
            pass

    good, bad = read(tmp_path)

    assert isinstance(good, Conversation)
    assert good.key == "a"
    assert isinstance(bad, Failure)
    assert (bad.reason, bad.line) == ("the call failed", 3)


def test_a_call_without_content_is_a_failure_and_embeddings_are_nothing(tmp_path: Path) -> None:
    with tracing.otlp(tmp_path) as log:
        with log.span({gen_ai.GEN_AI_OPERATION_NAME: "embeddings"}):
            pass
        with log.span({gen_ai.GEN_AI_OPERATION_NAME: "chat"}):
            pass

    (found,) = read(tmp_path)

    assert isinstance(found, Failure)
    assert "not told to capture content" in found.reason


def test_messages_that_a_limit_cut_are_a_failure(tmp_path: Path) -> None:
    cut = chat(FIRST, []) | {gen_ai.GEN_AI_INPUT_MESSAGES: '[{"role": "secret'}
    with tracing.otlp(tmp_path) as log, log.span(cut):
        pass

    (found,) = read(tmp_path)

    assert isinstance(found, Failure)
    assert "a limit for attributes" in found.reason
    assert "secret" not in found.reason


def test_evaluations_are_labels(tmp_path: Path) -> None:
    result: dict[str, Any] = {
        "gen_ai.evaluation.name": "fit",
        "gen_ai.evaluation.score.value": 0.5,
    }
    verdict = {"gen_ai.evaluation.name": "tone", "gen_ai.evaluation.score.label": "kind"}
    with (
        tracing.otlp(tmp_path) as log,
        log.span({gen_ai.GEN_AI_OPERATION_NAME: "invoke_agent"}) as around,
        log.span(chat(FIRST, [says("assistant", "Yes.")]), within=around) as span,
    ):
        span.add_event("gen_ai.evaluation.result", result)
        log.record(around, "gen_ai.evaluation.result", None, verdict)

    (found,) = conversations(tmp_path)

    assert found.dialogue.labels == (
        Label(name="tone", value="kind"),
        Label(name="fit", value=0.5, message=1),
    )


@pytest.mark.parametrize("indent", [4, None])
def test_what_a_console_exporter_writes_is_read(indent: int | None, tmp_path: Path) -> None:
    with tracing.console(tmp_path, indent) as log:
        for n in range(3):
            with log.span(chat(FIRST, [says("assistant", "Yes.")], **{"user.id": str(n)})):
                pass

    found = conversations(tmp_path)

    assert [(record.line, record.user) for record in found] == [(1, "0"), (2, "1"), (3, "2")]
    assert found[0].dialogue.messages[1].content == "Yes."
    assert str(found[0].dialogue.started_at) == "2026-11-22 06:48:36+00:00"


def test_content_in_log_records_is_joined_to_its_span(tmp_path: Path) -> None:
    with (
        tracing.otlp(tmp_path) as log,
        log.span({gen_ai.GEN_AI_OPERATION_NAME: "chat", "gen_ai.system": "openai"}) as span,
    ):
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        log.record(span, "gen_ai.system.message", {"content": "Be brief."}, {})
        log.record(span, "gen_ai.user.message", {"content": "Sun?"}, {})
        log.record(span, "gen_ai.assistant.message", {"tool_calls": [call]}, {})
        log.record(span, "gen_ai.tool.message", {"id": "c", "content": "clear"}, {})
        choice = {"index": 0, "finish_reason": "length", "message": {"content": "Ye"}}
        log.record(span, "gen_ai.choice", choice, {})

    (found,) = conversations(tmp_path)

    assert [m.role for m in found.dialogue.messages] == [
        *("system", "user", "assistant", "tool", "assistant")
    ]
    assert found.dialogue.messages[3].tool_call_id == "c"
    assert found.dialogue.stop is Stop.LENGTH
    assert found.source == "spans.jsonl"


def test_a_log_record_may_hold_a_whole_call(tmp_path: Path) -> None:
    with tracing.otlp(tmp_path) as log, log.span({"http.route": "/"}) as span:
        attributes = chat(FIRST, [says("assistant", "Yes.")])
        log.record(span, "gen_ai.client.inference.operation.details", None, attributes)

    (found,) = conversations(tmp_path)

    assert found.dialogue.messages[-1].content == "Yes."


def test_a_log_without_calls_says_so(tmp_path: Path) -> None:
    with tracing.otlp(tmp_path) as log, log.span({"http.route": "/"}):
        pass

    with pytest.raises(LogError, match="holds spans, but no call of a model"):
        read(tmp_path)


def test_spans_that_refer_to_each_other_in_a_circle_are_read(tmp_path: Path) -> None:
    around = {"traceId": "a", "parentSpanId": "b"}
    spans = [formats.span(n, formats.structured(n)) | around for n in range(2)]
    spans[0]["spanId"], spans[1]["spanId"] = "b", "c"
    (tmp_path / "log").write_text(json.dumps(formats.enveloped(*spans)))

    assert [record.key for record in conversations(tmp_path / "log")] == ["k0"]


KEYS = st.sampled_from(("role", "parts", "type", "content", "tool_calls"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("role", "parts", "type", "content", "tool_calls")), inner
        )
    ),
    max_leaves=10,
)
NAMES = (
    *("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "events"),
    *("gen_ai.tool.definitions", "gen_ai.prompt", "gen_ai.prompt.0.content", "gen_ai.completion"),
    *("gen_ai.completion.0", "llm.request.functions", "gen_ai.operation.name", "user.id"),
    *("openinference.span.kind", "llm.input_messages", "llm.output_messages.0.message", "llm"),
    *("llm.tools", "llm.invocation_parameters", "llm.prompts", "metadata", "annotations"),
)


@settings(max_examples=150, deadline=None)
@given(attributes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_any_json_in_any_attribute_costs_no_other_conversation(
    attributes: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = tmp_path_factory.mktemp("fuzz") / "log"
    rows = [formats.console(n) for n in range(2)]
    rows[0]["attributes"] |= attributes
    log.write_bytes(as_lines(rows))

    found = list(OTelGenAI(path=str(log))())

    assert all(isinstance(record, Conversation | Failure) for record in found)
    assert "k1" in [record.key for record in found if isinstance(record, Conversation)]
