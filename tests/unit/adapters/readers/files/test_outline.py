"""Keys seen from the first bytes."""

from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files.outline import fields, outline, outlines


def test_paths_hold_the_strings_found_there() -> None:
    found = outline(b'[{"a": {"b": [{"c": "x"}, {"c": "y"}]}, "n": 1}, {"z": 2}]')

    assert found["a.b[].c"] == {b"x", b"y"}
    assert found.keys() == {"a", "a.b", "a.b[]", "a.b[].c", "n"}


def test_a_record_that_is_cut_off_shows_what_came_before() -> None:
    assert outline(b'{"a": {"b": "tex') == {"a": set(), "a.b": {b"tex"}}


def test_a_text_that_holds_json_is_a_text() -> None:
    assert outline(rb'{"a": "{\"b\": 1}"}').keys() == {"a"}


def test_each_of_the_first_lines_has_its_outline() -> None:
    assert [set(found) for found in outlines(b'{"a": 1}\n\n{"b": 1}\n')] == [{"a"}, {"b"}]


@given(st.text(alphabet='{}[]:,"\\ab\n ', max_size=60))
def test_any_bytes_have_an_outline(head: str) -> None:
    assert all(isinstance(found, dict) for found in outlines(head.encode()))


def test_fields_are_those_of_one_place_through_lists() -> None:
    found = outline(b'{"data": [{"x": 1, "y": {"z": 2}}], "n": 1}')

    assert fields(found, "") == {"data", "n"}
    assert fields(found, "data") == {"x", "y"}
    assert fields(found, "nowhere") == frozenset()
