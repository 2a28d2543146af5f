"""OpenTelemetry's spans of model calls: OTLP JSON, spans of a console, and older attributes."""

import json
from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines

TIME = 1_795_330_115_000_000_000


def value(given: Any) -> dict[str, Any]:
    """A plain value as OTLP's JSON writes it."""
    match given:
        case bool():
            return {"boolValue": given}
        case int():
            return {"intValue": str(given)}
        case float():
            return {"doubleValue": given}
        case dict():
            return {"kvlistValue": {"values": pairs(given)}}
        case list():
            return {"arrayValue": {"values": [value(each) for each in given]}}
    return {"stringValue": given}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP's JSON writes them."""
    return [{"key": key, "value": value(given)} for key, given in attributes.items()]


def message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def span(n: int, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "traceId": f"{n + 1:032x}",
        "spanId": f"{n + 1:016x}",
        "name": "chat m",
        "startTimeUnixNano": str(TIME + n * 10**9),
        "endTimeUnixNano": str(TIME + (n + 1) * 10**9),
        "attributes": pairs(attributes),
    }


def enveloped(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def about(n: int) -> dict[str, Any]:
    return {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": f"k{n}", "draw": n % 2}


def structured(n: int) -> dict[str, Any]:
    return about(n) | {
        "gen_ai.input.messages": [message("user", f"q{n}")],
        "gen_ai.output.messages": [message("assistant", f"é{n}")],
    }


def otlp(n: int) -> dict[str, Any]:
    return enveloped(span(n, structured(n)))


def in_text(n: int) -> dict[str, Any]:
    said = structured(n)
    texts = {k: json.dumps(v, ensure_ascii=False) for k, v in said.items() if isinstance(v, list)}
    return enveloped(span(n, said | texts))


def openllmetry(n: int) -> dict[str, Any]:
    said = {
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": f"q{n}",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": f"é{n}",
        "llm.request.type": "chat",
        "traceloop.association.properties.session_id": f"k{n}",
        "draw": n % 2,
    }
    return enveloped(span(n, said))


def console(n: int) -> dict[str, Any]:
    return {
        "name": "chat m",
        "context": {"trace_id": f"0x{n + 1:032x}", "span_id": f"0x{n + 1:016x}"},
        "parent_id": None,
        "start_time": f"2026-11-22T06:48:{n:02}.135974Z",
        "end_time": f"2026-11-22T06:48:{n:02}.136382Z",
        "status": {"status_code": "UNSET"},
        "attributes": structured(n),
        "events": [],
    }


ENVELOPE = ("resourceSpans", "resourceLogs", "resourceMetrics", "batches", "data", "context")
SPAN = ("name", "context", "parent_id", "start_time", "end_time", "status", "attributes", "events")
# A record whose spans are replaced may hold no call at all, which is no failure.
APART = ("schemaUrl", "scope")
CASES = {
    "otel-genai": Case("otel-genai", otlp, as_lines, APART),
    "otel-genai array": Case("otel-genai", otlp, as_array, APART),
    "otel-genai in text": Case("otel-genai", in_text, as_lines, APART, apart=False),
    "openllmetry": Case("otel-genai", openllmetry, as_lines, APART),
    "otel-genai console": Case("otel-genai", console, as_lines, APART),
    "otel-genai any envelope": Case("otel-genai", otlp, as_lines, ENVELOPE, apart=False),
    "otel-genai any span": Case("otel-genai", console, as_lines, SPAN, apart=False),
}
