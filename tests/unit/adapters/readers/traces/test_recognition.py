import json

import pytest

from foretaste.adapters.readers.traces.recognition import are_known, is_genai, is_openinference
from formats.openinference import otlp as openinference
from formats.otel_genai import enveloped, otlp, span


def test_each_knows_its_own_alone() -> None:
    for own, other, record in (
        (is_genai, is_openinference, otlp(1)),
        (is_openinference, is_genai, openinference(1)),
    ):
        head = json.dumps(record).encode()
        assert (own(head), other(head), are_known(head)) == (True, False, True)


def test_where_both_are_openinference_wins() -> None:
    head = json.dumps([otlp(1), openinference(2)]).encode()

    assert (is_genai(head), is_openinference(head)) == (False, True)


def test_traces_may_begin_with_what_is_no_model_call() -> None:
    assert is_genai(json.dumps(enveloped(span(1, {"http.route": "/" * 100_000}))).encode()[:65_536])


@pytest.mark.parametrize(
    "head",
    [
        b'{"messages": [{"role": "user", "content": "\\"resourceSpans\\": [ \\"gen_ai.x\\": 1"}]}',
        b'{"trace_id": "t", "id": "r", "run_type": "llm", "inputs": {}}',
        b'{"context": {"trace_id": "t"}, "attributes": {"http.route": "/"}}',
        b'{"resourceMetrics": []}',
        b"resourceSpans",
        b"",
    ],
)
def test_other_formats_are_not_taken_for_spans(head: bytes) -> None:
    assert not are_known(head)
