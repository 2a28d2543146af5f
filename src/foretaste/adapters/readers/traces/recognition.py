"""Tells spans by the first bytes of a file, and whose attributes they hold."""

import re

from foretaste.adapters.readers.files.streams import BOM

# A bare quotation mark cannot stand inside a JSON string, so these match keys alone.
_OTLP = re.compile(rb'\s*(?:\[\s*)?\{\s*"(?:resourceSpans|resourceLogs|batches)"\s*:\s*\[')
_ROW = re.compile(
    rb'"context"\s*:\s*\{\s*"(?:trace_id|span_id|trace_state)"\s*:'
    rb'|"context\.(?:trace|span)_id"\s*:\s*"'
)
_OBJECT = re.compile(rb"\s*(?:\[\s*)?\{")
_GENAI = re.compile(rb'"key"\s*:\s*"(?:gen_ai|traceloop)\.|"(?:gen_ai|traceloop)\.[a-z_.0-9]+"\s*:')
_OPENINFERENCE = re.compile(
    rb'"key"\s*:\s*"openinference\.span\.kind"|"openinference\.span\.kind"\s*:'
    rb'|"span_kind"\s*:\s*"(?:LLM|CHAIN|AGENT|TOOL|RETRIEVER|EMBEDDING|RERANKER|GUARDRAIL'
    rb'|EVALUATOR|PROMPT|DECISION|UNKNOWN)"'
    rb'|"attributes\.(?:llm|openinference)\.[a-z_.0-9]+"\s*:'
)


def is_openinference(head: bytes) -> bool:
    """Whether the first bytes of a file hold spans with OpenInference's attributes."""
    return _are_spans(head) and _OPENINFERENCE.search(head) is not None


def is_genai(head: bytes) -> bool:
    """Whether the first bytes of a file hold other spans, in OTLP or of model calls."""
    if not _are_spans(head) or _OPENINFERENCE.search(head):
        return False
    # Traces may begin with what is no model call; rows of a table are told by their attributes.
    return _OTLP.match(head.removeprefix(BOM)) is not None or _GENAI.search(head) is not None


def are_known(head: bytes) -> bool:
    """Whether one reader or the other knows the file; both read each other's spans."""
    return is_openinference(head) or is_genai(head)


def _are_spans(head: bytes) -> bool:
    head = head.removeprefix(BOM)
    if _OTLP.match(head):
        return True
    return _OBJECT.match(head) is not None and _ROW.search(head) is not None
