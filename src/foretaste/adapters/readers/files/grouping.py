"""Brings together records that belong together and lie anywhere in a log, with bounded memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import NamedTuple

_BATCH = 1000
_BATCH_BYTES = 512 << 10  # records may be long
_CACHE = 64 << 10  # KiB of pages that SQLite keeps in memory
_SETTINGS = (
    "PRAGMA journal_mode = OFF",  # after a crash nobody wants this file
    "PRAGMA synchronous = OFF",
    f"PRAGMA cache_size = -{_CACHE}",
)


class Piece(NamedTuple):
    """One record of a log, and what it belongs to."""

    group: str
    order: str  # place within its group, compared as text: an ISO time, a zero-padded number
    number: int  # line or record number in its file, from 1
    source: str  # file name
    data: bytes


def grouped(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield each group whole, in order of the groups' first appearance.

    Within a group records are sorted by `order`, equal ones as they came. The records wait in a
    file of the machine's temporary folder, which goes when this ends; one group at a time is in
    memory.
    """
    with (
        TemporaryDirectory(prefix="foretaste-", ignore_cleanup_errors=True) as folder,
        closing(sqlite3.connect(f"{folder}/pieces.db", isolation_level=None)) as rows,
    ):
        for setting in _SETTINGS:
            rows.execute(setting)
        rows.execute("CREATE TABLE groups (place INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        rows.execute(
            "CREATE TABLE pieces (name TEXT, sort TEXT, number INTEGER, source TEXT, data BLOB)"
        )
        _fill(rows, pieces)
        rows.execute("CREATE INDEX by_group ON pieces (name, sort)")
        # Group by group along the index: nothing has to be sorted again.
        found = rows.execute(
            "SELECT name, sort, number, source, data FROM groups CROSS JOIN pieces USING (name)"
            " ORDER BY place, sort, pieces.rowid"
        )
        group: list[Piece] = []
        for row in found:
            piece = Piece(*row)
            if group and group[0].group != piece.group:
                yield group
                group = []
            group.append(piece)
        if group:
            yield group


def _fill(rows: sqlite3.Connection, pieces: Iterable[Piece]) -> None:
    batch: list[Piece] = []

    def flush() -> None:
        names = [(piece.group,) for piece in batch]
        rows.executemany("INSERT OR IGNORE INTO groups (name) VALUES (?)", names)
        rows.executemany("INSERT INTO pieces VALUES (?, ?, ?, ?, ?)", batch)
        batch.clear()

    rows.execute("BEGIN")
    held = 0
    for piece in pieces:
        batch.append(piece)
        held += len(piece.data)
        if len(batch) == _BATCH or held > _BATCH_BYTES:
            flush()
            held = 0
    flush()
    rows.execute("COMMIT")
