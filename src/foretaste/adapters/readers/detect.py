"""Tells a log's format by its content."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from foretaste.adapters.readers.files.parquet import MAGIC, columns, is_parquet
from foretaste.adapters.readers.files.streams import LogFile, beginning, files, unpacked
from foretaste.errors import LogError

_LOOKED_AT = 200  # files, of a folder or an archive
_MARKS = {
    b"PK\x03\x04": "a zip archive without a log in it",
    MAGIC: "a Parquet file with none of the expected columns",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"%PDF": "a PDF file",
}


def detect(path: str, readers: Mapping[str, type[Any]]) -> str:
    """Name the format of a log by its first bytes, whatever the file is called.

    Of several files, and of those in an archive, the first decides that is in a known format.
    Standard input keeps what was looked at. A reader takes part if it has a static method
    `recognizes(head: bytes) -> bool`, and is asked about a Parquet file if it has another,
    `recognizes_columns(names: frozenset[str]) -> bool`. One whose format holds its own name in
    every record may say so by a true `names_itself`, and goes before others that only know their
    keys in it.

    Args:
        path: a file, folder, glob, or `-` for standard input.
        readers: the known formats by name.

    Raises:
        LogError: the log cannot be opened, is empty, or is in none of the formats, or in several.
    """
    seen = b""
    for file in islice(_files(path), _LOOKED_AT):
        start = beginning(file)
        found = _known(file, start, readers) if start.strip() else []
        if len(found) == 1:
            return found[0]
        if found:
            raise LogError(f"log {path!r} could be {' or '.join(found)}; name its format")
        seen = seen or start
    if not seen.strip():
        raise LogError(f"log {path!r} is empty")
    known = ", ".join(sorted(readers))
    raise LogError(f"log {path!r} is in no known format; it holds {_seen(seen)}; known: {known}")


def _files(path: str) -> Iterator[LogFile]:
    """Every file, and behind an archive those inside it."""
    for file in files(path):
        yield file
        yield from (each for each in unpacked(file) if each.member is not None)


def _known(file: LogFile, start: bytes, readers: Mapping[str, type[Any]]) -> list[str]:
    """The readers that recognize a file."""
    asked = "recognizes_columns" if is_parquet(start) else "recognizes"
    able = {name: getattr(reader, asked, None) for name, reader in sorted(readers.items())}
    seen = columns(file) if is_parquet(start) and any(able.values()) else start
    found = [name for name, recognizes in able.items() if recognizes and recognizes(seen)]
    return [name for name in found if getattr(readers[name], "names_itself", False)] or found


def _seen(start: bytes) -> str:
    """Say what kind of data it is, without quoting any of it."""
    for mark, kind in _MARKS.items():
        if start.startswith(mark):
            return kind
    text = start.lstrip()
    if text.startswith(b"{"):
        return "JSON objects with none of the expected keys"
    if text.startswith(b"["):
        return "a JSON array with none of the expected keys"
    return "binary data" if b"\x00" in start else "text that is not JSON"
