import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files.keys import keys_of
from foretaste.records import JSON


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b'{"a": 1, "b": {"c": [{"d": 2}]}}', {"": {"a", "b"}, "b": {"c"}, "c": {"d"}}),
        (b'[{"a": 1}, {"b": 2}]', {"": {"a", "b"}}),
        (b'{"a": 1}\n{"b": 2}', {"": {"a", "b"}}),
        (b'{"a": "{\\"b\\": 1", "c": 1}', {"": {"a", "c"}}),
        (b'{"a": "no end, \\"b\\": {', {"": {"a"}}),
        (b'{"a": "' + b'\\"' * 30_000 + b"\\", {"": {"a"}}),
        (b'{"a": ["b", {"c": 1}], "d": 1}', {"": {"a", "d"}, "a": {"c"}}),
        (b"]]}}", {}),
        (b"\xff{", {}),
        (b"", {}),
    ],
)
def test_fields_are_told_from_what_texts_quote(head: bytes, found: dict[str, set[str]]) -> None:
    assert keys_of(head) == found


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_the_fields_of_any_object_are_found(value: dict[str, JSON]) -> None:
    head = json.dumps(value, ensure_ascii=True).encode()

    assert len(keys_of(head).get("", ())) == len(value)
