"""The first record of a log, by its first bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files.outline import outline


def test_keys_come_with_their_values_as_written() -> None:
    found = outline(b'{"a": "x:{", "b": {"c": [1, "d"]}, "e": 7}')

    assert found == {"a": b'"x:{"', "b": b'{"c": [1, "d"]}', "e": b"7"}


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b" [\n "])
def test_the_first_of_several_is_looked_at(before: bytes) -> None:
    assert outline(before + b'{"a": 1}, {"b": 2}') == {"a": b"1"}


@pytest.mark.parametrize("other", [b"", b"7", b'"a"', b"[]", b"[[{}]]", b"\x00"])
def test_what_is_no_object_has_no_keys(other: bytes) -> None:
    assert outline(other) == {}


def test_a_value_that_is_cut_off_is_there_as_far_as_it_goes() -> None:
    assert outline(b'{"a": 1, "b": "lon') == {"a": b"1", "b": b'"lon'}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()), max_size=4))
def test_it_agrees_with_a_parser(value: dict[str, object]) -> None:
    raw = json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")

    assert [json.loads(each) for each in outline(raw).values()] == list(value.values())


@given(st.binary())
def test_any_bytes_have_some_outline(raw: bytes) -> None:
    assert isinstance(outline(b"{" + raw), dict)
