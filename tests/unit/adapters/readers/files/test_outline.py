"""The outermost keys of a first record."""

import pytest

from foretaste.adapters.readers.files.outline import keys


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"a": 1, "b": {"c": 2}, "d": ["e", {"f": 1}]}', {"a", "b", "d"}),
        (b'\xef\xbb\xbf [\n {"a": {}}, {"b": 1}]', {"a"}),
        (b'{"a": "\\"b\\": 1, {", "c": null}\n{"d": 1}', {"a", "c"}),
        (b'{"a": 1, "b": "a text without an end', {"a", "b"}),
        (b'{"a": 1, "b', {"a"}),
        (b'{"a": ["x", "y"], "\xff": 1}', {"a", "\ufffd"}),
        (b"[[", set()),
        (b'"a": 1', set()),
        (b"", set()),
    ],
)
def test_the_keys_of_the_first_object_are_seen_as_far_as_the_bytes_go(
    head: bytes, expected: set[str]
) -> None:
    assert keys(head) == expected
