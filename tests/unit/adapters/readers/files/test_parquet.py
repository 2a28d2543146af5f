"""Rows of Parquet files."""

import decimal
import gzip
import io
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from foretaste.adapters.readers.files.parquet import Row, columns, lines_or_rows, rows
from foretaste.adapters.readers.files.streams import Broken, Line, LogFile, unpacked
from foretaste.errors import LogError
from formats.columns import as_parquet


@pytest.fixture
def log(tmp_path: Path) -> LogFile:
    return LogFile("log", tmp_path / "log")


def written(log: LogFile, table: pa.Table, **options: Any) -> LogFile:
    assert log.path is not None
    parquet.write_table(table, log.path, **options)
    return log


def test_rows_come_in_order_from_every_row_group(log: LogFile) -> None:
    table = pa.table({"n": range(100)})

    found = list(rows(written(log, table, row_group_size=30)))

    assert found == [Row(n + 1, {"n": n}) for n in range(100)]


def test_values_are_such_as_json_has(log: LogFile) -> None:
    at = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    table = pa.table(
        {
            "at": pa.array([at], pa.timestamp("us", "UTC")),
            "bytes": pa.array(["é".encode()], pa.binary()),
            "cost": pa.array([decimal.Decimal("1.50")]),
            "map": pa.array([[("a", "1")]], pa.map_(pa.string(), pa.string())),
            "said": [[{"role": "user", "content": None}]],
            "none": [None],
        }
    )

    (found,) = rows(written(log, table))

    assert isinstance(found, Row)
    assert found.values == {
        "at": "2024-05-06T07:08:09Z",
        "bytes": "é",
        "cost": "1.50",
        "map": {"a": "1"},
        "said": [{"role": "user", "content": None}],
        "none": None,
    }


def test_a_row_with_a_value_that_json_lacks_is_broken_and_no_other(log: LogFile) -> None:
    # Neither is UTF-8; pyarrow takes the second column's word that it is text.
    raw = pa.array([b"a", b"\xff", b"c"])
    text = pa.Array.from_buffers(pa.string(), 3, pa.array([b"a", b"b", b"\xff"]).buffers())

    found = list(rows(written(log, pa.table({"raw": raw, "text": text}))))

    assert found == [
        Row(1, {"raw": "a", "text": "a"}),
        Broken(2, "a row with a value that no JSON can hold"),
        Broken(3, "a row with a value that no JSON can hold"),
    ]


def test_a_damaged_row_group_costs_no_other(log: LogFile) -> None:
    table = pa.table({"text": [f"{n}" * 1000 for n in range(30)]})
    written(log, table, row_group_size=10, compression="gzip", use_dictionary=False)
    assert log.path is not None
    raw = bytearray(log.path.read_bytes())
    second = parquet.ParquetFile(io.BytesIO(bytes(raw))).metadata.row_group(1).column(0)
    end = second.data_page_offset + second.total_compressed_size
    raw[end - 30 : end] = bytes(30)
    log.path.write_bytes(raw)

    found = list(rows(log))

    assert [one.number for one in found] == [*range(1, 12), *range(21, 31)]
    assert found[10] == Broken(11, "a Parquet file that is damaged or cut off, in row group 2")


@pytest.mark.parametrize("size", [4, 100, -1])
def test_a_file_that_is_cut_off_is_broken(size: int, log: LogFile) -> None:
    assert log.path is not None
    log.path.write_bytes(as_parquet([{"a": 1}])[:size])

    assert list(rows(log)) == [Broken(1, "a Parquet file that is damaged or cut off")]
    with pytest.raises(LogError, match="damaged or cut off"):
        columns(log)


def test_a_packed_file_and_one_in_an_archive_are_read(log: LogFile, tmp_path: Path) -> None:
    raw = as_parquet([{"a": 1}])
    (tmp_path / "packed").write_bytes(gzip.compress(raw))
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("inner.parquet", raw)
    (member,) = unpacked(LogFile("z.zip", tmp_path / "z.zip"))

    for file in (LogFile("packed", tmp_path / "packed"), member):
        assert columns(file) == {"a"}
        assert list(rows(file)) == [Row(1, {"a": 1})]


def test_a_packed_file_that_is_cut_off_is_broken(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(gzip.compress(as_parquet([{"a": 1}]))[:-20])

    found = list(rows(LogFile("packed", tmp_path / "packed")))

    assert found == [Broken(1, "a Parquet file that is damaged or cut off")]


def test_records_are_json_whether_they_lie_in_rows_or_lines(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(as_parquet([{"a": 1}]))
    (tmp_path / "lines").write_bytes(b'{"a":1}')

    for name in ("rows", "lines"):
        assert list(lines_or_rows(LogFile(name, tmp_path / name))) == [Line(1, b'{"a":1}')]


def test_standard_input_has_no_end_to_look_at() -> None:
    with pytest.raises(LogError, match="schema at its end"):
        columns(LogFile("-", None))


def test_a_file_that_is_gone_is_an_error(log: LogFile) -> None:
    with pytest.raises(LogError, match="cannot be opened"):
        list(rows(log))


def test_without_pyarrow_the_error_says_what_to_install(
    log: LogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(LogError, match=r"pip install foretaste\[parquet\]"):
        next(rows(log))
    with pytest.raises(LogError, match=r"pip install foretaste\[parquet\]"):
        columns(log)
