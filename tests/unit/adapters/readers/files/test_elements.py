"""Cutting a long JSON array into its elements."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files import elements as module
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.streams import Broken, CutOff, Line

BEGINS = re.compile(rb'\{\s*"id"\s*:')


def cut(raw: bytes, size: int = 7) -> list[Line | Broken]:
    pieces = (raw[at : at + size] for at in range(0, len(raw), size))
    return list(elements(pieces, BEGINS))


def values(found: list[Line | Broken]) -> list[Any]:
    return [json.loads(line.data) for line in found if isinstance(line, Line)]


def broken(found: list[Line | Broken]) -> list[int]:
    return [line.number for line in found if isinstance(line, Broken)]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(array=st.lists(ANY), size=st.integers(1, 40), indent=st.sampled_from([None, 2]))
def test_any_array_in_pieces_of_any_size_is_cut_as_a_parser_would(
    array: list[Any], size: int, indent: int | None
) -> None:
    found = cut(json.dumps(array, indent=indent, ensure_ascii=False).encode(), size)

    assert values(found) == array
    assert [line.number for line in found] == list(range(1, len(array) + 1))


@pytest.mark.parametrize(
    "broken_element",
    [
        b'{"id": "a}',
        b'{"id": 2',
        b'{"id": 2}}',
        b'{"id": 2]',
        b'{"id": x}',
        b'{"id" 2}',
        b"{",
        b'"',
    ],
)
def test_an_element_that_is_broken_costs_itself_and_no_other(broken_element: bytes) -> None:
    found = cut(b'[{"id": 1},\n' + broken_element + b',\n{"id": 3}, {"id": 4}]')

    assert [value["id"] for value in values(found)][:1] == [1]
    assert [value["id"] for value in values(found)][-2:] == [3, 4]


def test_a_file_that_ends_inside_an_element_says_where_it_begins() -> None:
    found = cut(b'[{"id": 1}, {"id": "un')

    assert found[1:] == [Broken(2, "file cut off inside a record (record at byte 12)")]


def test_a_file_that_ends_between_elements_is_cut_off_too() -> None:
    assert cut(b'[{"id": 1},')[1:] == [Broken(2, "file cut off after record 1")]


def test_values_without_an_array_around_them_are_read() -> None:
    assert values(cut(b'{"id": 1}\n{"id": 2}\n')) == [{"id": 1}, {"id": 2}]


def test_data_behind_the_end_is_told() -> None:
    assert cut(b'[{"id": 1}] x')[1:] == [Broken(2, "data after the end of the array")]


def test_records_behind_an_array_that_ended_too_early_are_read() -> None:
    found = cut(b'[{"id": 1}] x {"id": 2}, {"id": 3}]')

    assert [one.number for one in found] == [1, 2, 3, 4]
    assert [one.data for one in found if isinstance(one, Line)][1:] == [b'{"id": 2}', b'{"id": 3}']


def test_of_an_array_inside_an_object_the_rest_is_not_looked_at() -> None:
    pieces = [b'[{"id": 1}, {"id": 2}', b'], "more": [']

    assert [one.number for one in elements(pieces, BEGINS, inner=True)] == [1, 2]


@pytest.mark.parametrize("stray", [b"]", b"],", b"] x"])
def test_a_bracket_too_many_between_elements_does_not_end_the_log(stray: bytes) -> None:
    found = cut(b'[{"id": 1},' + stray + b'{"id": 3}, {"id": 4}]')

    assert values(found) == [{"id": 1}, {"id": 3}, {"id": 4}]
    assert found[1] == Broken(2, "data after the end of the array")


def test_an_array_behind_another_is_read_too() -> None:
    assert values(cut(b'[{"id": 1}]\n[{"id": 2}, {"id": 3}]')) == [{"id": n} for n in (1, 2, 3)]


def test_the_reason_of_a_damaged_file_is_passed_on() -> None:
    def pieces() -> Iterator[bytes]:
        yield b'[{"id": 1}, {"i'
        raise CutOff("the file is damaged")

    found = list(elements(pieces(), BEGINS))

    assert values(found) == [{"id": 1}]
    assert found[1:] == [Broken(2, "the file is damaged inside a record (record at byte 12)")]


def test_an_element_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 1 << 20)
    long = b'{"id": "' + b"x" * (3 << 20) + b'"}'

    found = cut(b'[{"id": 1},' + long + b',{"id": 3}]', size=1 << 16)

    assert values(found) == [{"id": 1}, {"id": 3}]
    assert broken(found) == [2]


def test_an_element_that_is_nested_too_deeply_is_left_out() -> None:
    found = cut(b'[{"a": ' + b"[" * 100 + b"]" * 100 + b'},{"id": 3}]')

    assert values(found) == [{"id": 3}]
    assert found[0] == Broken(1, "nested too deeply (record at byte 1)")


def test_unclosed_beginnings_without_end_take_no_time_that_grows_with_their_square() -> None:
    found = cut(b'{"id":[' * 5_000, size=1 << 16)

    assert values(found) == []
    assert len(found) == 5_000


def test_a_bracket_too_many_costs_no_element_behind_it() -> None:
    assert values(cut(b'][{"id": 1}]')) == [{"id": 1}]
    assert values(cut(b'[{"id": 1}], {"id": 2}]')) == [{"id": 1}, {"id": 2}]
