import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.readers.files import rows as module
from foretaste.adapters.readers.files.rows import columns, is_csv, rows
from foretaste.adapters.readers.files.streams import Broken, Line, LogFile

BEGINS = re.compile(rb'\{\s*"id"\s*:')


def read(path: Path, data: bytes) -> list[tuple[int, str]]:
    path.write_bytes(data)
    return [
        (row.number, row.data.decode() if isinstance(row, Line) else f"broken: {row.reason}")
        for row in rows(LogFile("log", path), BEGINS)
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'{"id":1}\n{"id":2}\n',
        b'\xef\xbb\xbf{"id":1}\r\n{"id":2}',
        b'[{"id":1},{"id":2}]',
        b'[\n{"id":1},\n{"id":2}\n]',
    ],
)
def test_lines_and_arrays_are_told_apart(data: bytes, tmp_path: Path) -> None:
    assert [(n, text.strip()) for n, text in read(tmp_path / "log", data)] == [
        (1, '{"id":1}'),
        (2, '{"id":2}'),
    ]


def test_an_object_over_several_lines_is_one_row(tmp_path: Path) -> None:
    found = read(tmp_path / "log", b'{\n "id": 1,\n "data": {\n  "a": 1}\n}\n')

    assert [n for n, _ in found] == [1]


def test_a_table_gives_objects_without_its_empty_fields(tmp_path: Path) -> None:
    table = b'id,input,output\r\n1,"a ""b"",\r\nc",\r\n\r\n2,,d\r\n'

    assert read(tmp_path / "log", table) == [
        (1, '{"id":"1","input":"a \\"b\\",\\r\\nc"}'),
        (2, '{"id":"2","output":"d"}'),
    ]
    assert is_csv(table)
    assert columns(table) == {"id", "input", "output"}


def test_bad_rows_of_a_table_cost_no_others(tmp_path: Path) -> None:
    table = b'id,a\n1,x\n2\n3,\xff\n"4"x,y\n5,z\n6,"cut off'

    found = read(tmp_path / "log", table)

    assert [n for n, text in found if not text.startswith("broken")] == [1, 5]
    assert [text for n, text in found if n in (2, 3, 4, 6)] == [
        "broken: another number of fields than the first row has",
        "broken: not valid UTF-8",
        "broken: not CSV",
        "broken: not CSV",
    ]


def test_a_row_of_too_many_fields_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_FIELDS", 10)

    found = read(tmp_path / "log", b"id,a\n" + b"," * 11 + b"\n2,b\n")

    assert found[0][1].startswith("broken: row longer")
    assert found[1] == (2, '{"id":"2","a":"b"}')


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_behind_the_columns_are_rows_or_broken(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "log"
    path.write_bytes(b"id,a\n" + data)

    for row in rows(LogFile("log", path), BEGINS):
        assert isinstance(row, Line | Broken)
