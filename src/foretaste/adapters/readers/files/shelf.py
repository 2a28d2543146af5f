"""Records that wait on disk until others refer to them by name."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import NamedTuple

_SETTINGS = (
    "PRAGMA journal_mode = OFF",  # after a crash nobody wants this file
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -65536",  # KiB of pages in memory
)


class Shelved(NamedTuple):
    """One record of a log."""

    place: int  # on the shelf, from 1
    number: int  # line or record number in its file, from 1
    source: str  # file name
    data: bytes


@contextmanager
def shelf() -> Iterator["Shelf"]:
    """An empty shelf, in a file of the machine's temporary folder that goes with it."""
    with (
        TemporaryDirectory(prefix="foretaste-", ignore_cleanup_errors=True) as folder,
        closing(sqlite3.connect(f"{folder}/shelf.db", isolation_level=None)) as rows,
    ):
        for setting in _SETTINGS:
            rows.execute(setting)
        rows.execute(
            "CREATE TABLE records (place INTEGER PRIMARY KEY, number INTEGER, source TEXT,"
            " thread TEXT, time REAL, data BLOB)"
        )
        rows.execute("CREATE TABLE names (name TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID")
        rows.execute("CREATE INDEX by_thread ON records (thread, time) WHERE thread IS NOT NULL")
        rows.execute("BEGIN")
        yield Shelf(rows)


class Shelf:
    """Records by place, by name, and by thread."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows

    def put(
        self,
        data: bytes,
        *,
        number: int,
        source: str,
        names: Iterable[str] = (),
        thread: str | None = None,
        time: float = 0.0,
    ) -> None:
        """Put one record on the shelf; of several that have one name the first keeps it.

        Args:
            data: the record.
            number: line or record number in its file, from 1.
            source: file name.
            names: by which it can be found.
            thread: what it is one step of.
            time: when it was that step, by any clock.
        """
        place = self._rows.execute(
            "INSERT INTO records (number, source, thread, time, data) VALUES (?, ?, ?, ?, ?)",
            (number, source, thread, time, data),
        ).lastrowid
        self._rows.executemany(
            "INSERT OR IGNORE INTO names VALUES (?, ?)", [(name, place) for name in names]
        )

    def __iter__(self) -> Iterator[Shelved]:
        """Every record, in the order in which they came."""
        rows = self._rows.execute("SELECT place, number, source, data FROM records ORDER BY place")
        return (Shelved(*row) for row in rows)

    def find(self, name: str) -> Shelved | None:
        """The record of this name."""
        return self._one("JOIN names USING (place) WHERE name = ?", name)

    def before(self, place: int) -> Shelved | None:
        """The step before a record in its thread."""
        return self._one(
            "JOIN records AS own ON own.place = ? AND own.thread = records.thread"
            " AND (records.time, records.place) < (own.time, own.place)"
            " ORDER BY records.time DESC, records.place DESC LIMIT 1",
            place,
        )

    def _one(self, which: str, value: str | int) -> Shelved | None:
        # `which` is one of the two above, never anything of a log.
        asked = "SELECT records.place, records.number, records.source, records.data FROM records "
        row = self._rows.execute(asked + which, (value,)).fetchone()
        return row and Shelved(*row)
