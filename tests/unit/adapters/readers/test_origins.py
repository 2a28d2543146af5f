import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.langfuse import Langfuse
from foretaste.adapters.readers.openinference import OpenInference
from foretaste.adapters.readers.origins import origin_of
from foretaste.records import Conversation, ScrubbedConversation
from foretaste.stages.sample import prefix_at
from foretaste.turns import turns

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UUID = "0190a8c5-1b1c-7c3e-9f55-2f1f0a7cbe01"


@pytest.mark.parametrize("trace", [TRACE, TRACE.upper(), UUID, "c" + "k3" * 12])
def test_ids_that_a_program_drew_are_kept(trace: str) -> None:
    assert origin_of(3, trace, SPAN) == {"3": f"{trace.lower()}/{SPAN}"}


@pytest.mark.parametrize("trace", ["", "jane.doe@example.com", "order-4711", TRACE + "0", "trace"])
def test_ids_that_somebody_may_have_chosen_are_not(trace: str) -> None:
    assert origin_of(3, trace, SPAN) == {}
    assert origin_of(3, TRACE, trace) == {}


def attributes(**more: Any) -> dict[str, Any]:
    return {"openinference.span.kind": "LLM", "llm.model_name": "m"} | more


def span(number: int, said: list[tuple[str, str]]) -> dict[str, Any]:
    """A call of a model: all that was said before, and its answer last."""
    *asked, (_, answer) = said
    found = attributes(**{"session.id": "s"})
    for n, (role, text) in enumerate(asked):
        found[f"llm.input_messages.{n}.message.role"] = role
        found[f"llm.input_messages.{n}.message.content"] = text
    found["llm.output_messages.0.message.role"] = "assistant"
    found["llm.output_messages.0.message.content"] = answer
    return {
        "name": "call",
        "span_kind": "LLM",
        "context": {"trace_id": f"{number:032x}", "span_id": f"{number:016x}"},
        "start_time": f"2026-01-01T00:00:0{number}Z",
        "end_time": f"2026-01-01T00:00:0{number}Z",
        "attributes": found,
    }


def test_every_answer_of_a_trace_leads_back_to_its_span(tmp_path: Path) -> None:
    said = [("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2")]
    log = tmp_path / "spans.jsonl"
    log.write_text("".join(json.dumps(span(n, said[: 2 * n])) + "\n" for n in (1, 2)))

    (found,) = OpenInference(path=str(log))()

    assert isinstance(found, Conversation)
    clean = ScrubbedConversation(parent=found.id, dialogue=found.dialogue)
    cut = [prefix_at(clean, turns(found.dialogue), n) for n in (0, 1)]
    assert [each.origin for each in cut] == [f"{n:032x}/{n:016x}" for n in (1, 2)]


def observation(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:016x}",
        "traceId": TRACE,
        "type": "GENERATION",
        "startTime": "2026-01-01T00:00:00Z",
        "model": "m",
        "input": [{"role": "user", "content": "One?"}],
        "output": {"role": "assistant", "content": "1"},
    }


def test_an_answer_in_langfuse_leads_back_to_its_observation(tmp_path: Path) -> None:
    log = tmp_path / "rows.jsonl"
    log.write_text(json.dumps(observation(7)) + "\n")

    (found,) = Langfuse(path=str(log))()

    assert isinstance(found, Conversation)
    assert found.dialogue.origins == {"1": f"{TRACE}/{7:016x}"}


def test_where_it_was_traced_is_no_part_of_a_conversation_s_id(tmp_path: Path) -> None:
    log = tmp_path / "rows.jsonl"
    log.write_text(json.dumps(observation(7)) + "\n")
    (first,) = Langfuse(path=str(log))()
    log.write_text(json.dumps(observation(8)) + "\n")
    (second,) = Langfuse(path=str(log))()

    assert isinstance(first, Conversation)
    assert isinstance(second, Conversation)
    assert first.dialogue.origins != second.dialogue.origins
    assert first.id == second.id
