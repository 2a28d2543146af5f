"""Rows of Parquet files, a few at a time. Needs pyarrow, which the extra `parquet` brings.

A file is read where it lies: its schema is at its end, so that one from standard input, in a zip
archive or packed once more is written to the machine's temporary folder first.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

import msgspec

from foretaste.adapters.readers.files.compression import why
from foretaste.adapters.readers.files.streams import (
    Broken,
    CutOff,
    Line,
    LogFile,
    beginning,
    chunks,
    filled_lines,
)
from foretaste.errors import LogError
from foretaste.records import JSON

MAGIC = b"PAR1"

_BUFFER = 1 << 20  # of a column; without one a whole column of a row group is taken in
_AT_ONCE = 4 << 20  # bytes of rows, as the file counts them
_MOST_ROWS = 16  # a text that many rows share counts once in the file, and in each row here
_DAMAGED = "a Parquet file that is damaged or cut off"


class Row(NamedTuple):
    """One row, as JSON would hold it: times are ISO 8601, bytes are text where they can be."""

    number: int  # in its file, from 1
    values: dict[str, JSON]


def is_parquet(head: bytes) -> bool:
    """Whether a file begins as Parquet does."""
    return head.startswith(MAGIC)


def columns(file: LogFile) -> frozenset[str]:
    """The names of a file's columns; of nested ones the outermost.

    Raises:
        LogError: it cannot be read, or pyarrow is not there.
    """
    if file.path is None:
        raise LogError("a Parquet file has its schema at its end: save it to a file")
    try:
        with _opened(file) as opened:
            return frozenset(opened.schema_arrow.names)
    except _damage() as error:
        raise LogError(f"log file {file.name!r} is {_DAMAGED}") from error


def rows(file: LogFile) -> Iterator[Row | Broken]:
    """Yield the rows of a file; a row, or a group of them, that cannot be read is `Broken`.

    Raises:
        LogError: the file cannot be opened, or pyarrow is not there.
    """
    damage = _damage()
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(_opened(file))
            maps = _maps(opened.schema_arrow)
            groups = [opened.metadata.row_group(n) for n in range(opened.num_row_groups)]
        except damage:
            yield Broken(1, _DAMAGED)
            return
        first = 1
        for place, group in enumerate(groups):
            number = first
            try:
                for batch in opened.iter_batches(_size(group), [place], use_threads=False):
                    yield from _each(batch, number, maps)
                    number += batch.num_rows
            except damage:
                yield Broken(number, f"{_DAMAGED}, in row group {place + 1}")
            first += max(0, group.num_rows)


def lines_or_rows(file: LogFile) -> Iterator[Line | Broken]:
    """Yield the records of a file, one a line or, in Parquet, one a row, as JSON.

    Raises:
        LogError: as `rows` does.
    """
    return rows_as_lines(file) if is_parquet(beginning(file)) else filled_lines(file)


def rows_as_lines(file: LogFile) -> Iterator[Line | Broken]:
    """Yield the rows of a file as JSON objects, as though the log were JSON Lines.

    Raises:
        LogError: as `rows` does.
    """
    for row in rows(file):
        if isinstance(row, Broken):
            yield row
        else:
            yield Line(row.number, msgspec.json.encode(row.values))


def _each(batch: Any, number: int, maps: frozenset[str]) -> Iterator[Row | Broken]:
    """The rows of a batch; where one of them is bad, one by one."""
    try:
        found = batch.to_pylist()
    except _UNFIT:
        if batch.num_rows == 1:
            yield Broken(number, "a row with a value that no JSON can hold")
            return
        for at in range(batch.num_rows):
            yield from _each(batch.slice(at, 1), number + at, maps)
        return
    for at, values in enumerate(found):
        try:
            yield Row(number + at, _plain(values, maps))
        except _UNFIT:
            yield Broken(number + at, "a row with a value that no JSON can hold")


def _plain(values: dict[str, Any], maps: frozenset[str]) -> dict[str, JSON]:
    for name, value in values.items():
        if isinstance(value, bytes):  # how some databases write their texts
            values[name] = value.decode()
        elif name in maps and value is not None:
            values[name] = {str(key): inner for key, inner in value}
    plain: dict[str, JSON] = msgspec.to_builtins(values)
    return plain


# What pyarrow raises for a value that Python does not have: broken UTF-8, a year 300000, a zone
# that nobody knows. Its own exceptions are ValueError and KeyError too.
_UNFIT = (ValueError, OverflowError, KeyError, TypeError, RecursionError, msgspec.MsgspecError)


def _maps(schema: Any) -> frozenset[str]:
    types = import_module("pyarrow").types
    return frozenset(field.name for field in schema if types.is_map(field.type))


def _size(group: Any) -> int:
    """How many rows of a group are read at once."""
    each: int = group.total_byte_size // max(1, group.num_rows)
    return max(1, min(_MOST_ROWS, _AT_ONCE // max(1, each)))


def _damage() -> tuple[type[Exception], ...]:
    """What pyarrow raises for a damaged file.

    Raises:
        LogError: pyarrow is not there.
    """
    try:
        arrow = import_module("pyarrow")
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise LogError("logs in Parquet need pyarrow: pip install foretaste[parquet]") from error
    return (arrow.ArrowException, OSError, ValueError, MemoryError, OverflowError)


@contextmanager
def _opened(file: LogFile) -> Iterator[Any]:
    parquet = import_module("pyarrow.parquet")
    with ExitStack() as stack:
        place = file.path if file.path and _lies_there(file) else None
        if place is None:
            copy = stack.enter_context(NamedTemporaryFile(prefix="foretaste-"))
            try:
                for piece in chunks(file):
                    copy.write(piece)
            except CutOff as error:
                raise ValueError(str(error)) from error
            copy.flush()
            place = Path(copy.name)
        yield stack.enter_context(
            parquet.ParquetFile(str(place), buffer_size=_BUFFER, pre_buffer=False)
        )


def _lies_there(file: LogFile) -> bool:
    """Whether pyarrow can read a file as it is."""
    if file.path is None or file.member is not None:
        return False
    try:
        with file.path.open("rb") as stream:
            return is_parquet(stream.read(len(MAGIC)))
    except OSError as error:
        raise LogError(f"log file {file.name!r} cannot be opened: {why(error)}") from error
