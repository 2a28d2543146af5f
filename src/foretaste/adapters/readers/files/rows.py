"""Rows of a table that was exported as JSON, one a line or in an array, as CSV or as Parquet."""

import csv
import re
from collections.abc import Iterator

import msgspec

from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.parquet import is_parquet, rows_as_lines
from foretaste.adapters.readers.files.streams import (
    BOM,
    LONGEST,
    Broken,
    Line,
    LogFile,
    beginning,
    chunks,
    filled_lines,
    lines,
)

_MOST_FIELDS = 1 << 20  # commas of one row, so that an empty text of 64 MiB is no list of as many
# The first line is an object, or it is so long that its end is not in sight.
_LINES = re.compile(rb'(?!\s*\[)[^\n]*\}[ \t\r]*\n|\s*\{[ \t]*"[^\n]*\Z')
_CSV = re.compile(rb'"?[a-z][a-zA-Z_]*"?,"?[a-z]')


def rows(file: LogFile, begins: re.Pattern[bytes]) -> Iterator[Line | Broken]:
    """Yield the rows of a file, each as a JSON object; those of CSV and Parquet are made into one.

    Args:
        file: what is read.
        begins: how a row begins, as `elements` wants it.
    """
    head = beginning(file).removeprefix(BOM)
    if is_parquet(head):
        return rows_as_lines(file)
    if is_csv(head):
        return _from_csv(file)
    return filled_lines(file) if _LINES.match(head) else elements(chunks(file), begins)


def is_csv(head: bytes) -> bool:
    """Whether a file begins with the names of columns."""
    return _CSV.match(head.removeprefix(BOM)) is not None


def columns(head: bytes) -> frozenset[str]:
    """The names of a CSV file's columns."""
    first = head.removeprefix(BOM).split(b"\n", 1)[0]
    return frozenset(name.strip().strip('"') for name in first.decode(errors="replace").split(","))


def _from_csv(file: LogFile) -> Iterator[Line | Broken]:
    """Rows numbered from 1, the one with the names not counted; empty fields are left out."""
    csv.field_size_limit(LONGEST)
    source = _Lines(lines(file))
    read = csv.reader(source, strict=True)
    names: list[str] = []
    number = 0
    while True:
        source.next_row()
        try:
            fields = next(read)
        except StopIteration:
            return
        except (csv.Error, _TooLong, _Damaged) as error:
            number += 1
            yield Broken(number, str(error) if not isinstance(error, csv.Error) else "not CSV")
            if isinstance(error, _Damaged):
                return
            continue
        if not names:
            names = fields
            continue
        if not fields:
            continue
        number += 1
        if len(fields) != len(names):
            yield Broken(number, "another number of fields than the first row has")
            continue
        row = {name: field for name, field in zip(names, fields, strict=True) if field}
        try:
            yield Line(number, msgspec.json.encode(row))
        except UnicodeError:
            yield Broken(number, "not valid UTF-8")


class _TooLong(Exception):
    """A row that would not fit into memory."""


class _Damaged(Exception):
    """The file ends too early, or a line of it cannot be read."""


class _Lines:
    """The lines that the CSV parser takes, so many at a time as one row may have."""

    def __init__(self, found: Iterator[Line | Broken]) -> None:
        self._found = found
        self._size = self._commas = 0

    def next_row(self) -> None:
        """A new row begins."""
        self._size = self._commas = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._found)
        if isinstance(line, Broken):
            raise _Damaged(line.reason)
        self._size += len(line.data)
        self._commas += line.data.count(b",")
        if self._size > LONGEST or self._commas > _MOST_FIELDS:
            raise _TooLong(f"row longer than {LONGEST >> 20} MiB, or of too many fields")
        return line.data.decode(errors="surrogateescape")
