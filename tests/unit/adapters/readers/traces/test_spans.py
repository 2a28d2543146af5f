from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.traces.spans import Span, below, nested, plain, record_of, span_of
from foretaste.dialects.said import Unreadable

ROW = {"traceId": "t", "spanId": "s"}


def test_values_of_otlp_become_plain() -> None:
    inner = [{"key": "k", "value": {"int_value": 1}}]
    found = plain(
        [
            {"key": "text", "value": {"stringValue": "a"}},
            {"key": "int", "value": {"intValue": "-5"}},
            {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": True}, {}]}}},
            {"key": "map", "value": {"kvlistValue": {"values": inner}}},
            {"key": "empty", "value": {"arrayValue": {}}},
            {"key": "bytes", "value": {"bytesValue": "aGk="}},
            "no pair",
        ]
    )

    assert found == {
        "text": "a",
        "int": -5,
        "list": [True, None],
        "map": {"k": 1},
        "empty": [],
        "bytes": None,
    }


def test_flattened_names_become_lists_in_order_and_mappings() -> None:
    flat = {"a.10.b": "k", "a.2.b": "c", "x.y": 1, "x": {"z": [{"p.q": 2}]}}

    assert nested(flat) == {"a": [{"b": "c"}, {"b": "k"}], "x": {"y": 1, "z": [{"p": {"q": 2}}]}}


def test_a_name_is_found_flattened_nested_and_in_text() -> None:
    for attributes in ({"a.b.0.c": 1}, {"a.b": [{"c": 1}]}, {"a.b": '[{"c": 1}]'}):
        assert below(attributes, "a.b") == [{"c": 1}]


def test_namespaces_that_an_export_made_mappings_are_flattened() -> None:
    row = {
        "attributes": {"llm": {"a": {"b": 1}}, "metadata": {"c": 2}},
        "attributes.user": {"id": 3},
    }

    assert span_of(ROW | row).attributes == {"llm.a.b": 1, "metadata": {"c": 2}, "user.id": 3}


@pytest.mark.parametrize(
    "times",
    [
        {"startTimeUnixNano": "1795330115000000000", "endTimeUnixNano": "1795330115500000000"},
        {"start_time": "2026-11-22T06:48:35Z", "end_time": "2026-11-22T06:48:35.5Z"},
        {"start_time": 1795330115000, "end_time": 1795330115500},
        {
            "start_time": datetime(2026, 11, 22, 6, 48, 35),  # noqa: DTZ001 - as a table has it
            "end_time": datetime(2026, 11, 22, 6, 48, 35, 500_000, UTC),
        },
    ],
)
def test_times_are_read_however_they_are_written(times: dict[str, Any]) -> None:
    span = span_of(ROW | times)

    assert str(span.started_at) == "2026-11-22 06:48:35+00:00"
    assert span.seconds == 0.5


@pytest.mark.parametrize("time", [True, "x", -1, 1 << 70, "9" * 5000, None, [], 0])
def test_a_time_that_is_none_is_unknown(time: Any) -> None:
    assert span_of(ROW | {"start_time": time, "startTimeUnixNano": time}).started_at is None


@pytest.mark.parametrize(
    "row",
    [
        {"status": {"code": 2}},
        {"status": {"code": "STATUS_CODE_ERROR"}},
        {"status": {"status_code": "ERROR"}},
        {"status_code": "ERROR"},
    ],
)
def test_failure_is_told_by_any_status(row: dict[str, Any]) -> None:
    assert span_of(ROW | row).failed
    assert not span_of(ROW).failed


def test_a_span_without_the_id_of_its_trace_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="id of its trace"):
        span_of({"spanId": "s"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
NAMES = (
    *("traceId", "trace_id", "context", "start_time", "startTimeUnixNano", "status", "events"),
    *("attributes", "attributes.a.b", "resource", "name", "annotations", "body", "eventName"),
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_json_in_any_field_is_a_span(row: dict[str, Any]) -> None:
    assert isinstance(span_of(row | ROW), Span)
    assert isinstance(record_of(row), Span)


@given(st.dictionaries(st.text("a.01", max_size=8), VALUES, max_size=5))
def test_any_names_can_be_nested(flat: dict[str, Any]) -> None:
    nested(flat)
    below(flat, "a")
