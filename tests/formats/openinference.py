"""OpenInference's spans in OTLP JSON, and as rows of Phoenix's data frame."""

from typing import Any

from formats.case import Case
from formats.otel_genai import APART, enveloped, span
from formats.writing import as_array, as_lines


def flat(n: int) -> dict[str, Any]:
    return {
        "openinference.span.kind": "LLM",
        "session.id": f"k{n}",
        "metadata": f'{{"draw": {n % 2}}}',
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": f"q{n}",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": f"é{n}",
    }


def otlp(n: int) -> dict[str, Any]:
    return enveloped(span(n, flat(n)))


def row(n: int) -> dict[str, Any]:
    asked = {"message.role": "user", "message.content": f"q{n}"}
    answered = {"message.role": "assistant", "message.content": f"é{n}"}
    return {
        "name": "ChatCompletion",
        "span_kind": "LLM",
        "parent_id": None,
        "start_time": "2026-11-22T06:48:35.135974+00:00",
        "end_time": "2026-11-22T06:48:36.135974+00:00",
        "status_code": "OK",
        "events": [],
        "context.span_id": f"{n + 1:016x}",
        "context.trace_id": f"{n + 1:032x}",
        "attributes.session.id": f"k{n}",
        "attributes.metadata": {"draw": n % 2},
        "attributes.llm.input_messages": [asked],
        "attributes.llm.output_messages": [answered],
    }


ROW = tuple(row(0))
CASES = {
    "openinference": Case("openinference", otlp, as_lines, APART),
    "openinference rows": Case("openinference", row, as_lines, APART),
    "openinference array of rows": Case("openinference", row, as_array, APART),
    "openinference any row": Case("openinference", row, as_lines, ROW, apart=False),
}
