import json

from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files.constants import without_constants


def test_numbers_that_are_none_become_null() -> None:
    data = b'{"a": NaN, "b": [Infinity, -Infinity], "c": 1}'

    assert json.loads(without_constants(data)) == {"a": None, "b": [None, None], "c": 1}


@given(st.dictionaries(st.text(), st.text() | st.just('NaN, "\\NaN" -Infinity')))
def test_words_inside_strings_stay(value: dict[str, str]) -> None:
    value |= {"NaN": "NaN"}

    for escaped in (True, False):
        data = json.dumps(value, ensure_ascii=escaped).encode()
        assert without_constants(data) == data
