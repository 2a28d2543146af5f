"""The index of a run's rows: which exist, and how far each segment has been indexed.

The segments are the truth. The ledger lags a little behind them: who reads it adds the rows that
follow, and a run that is opened again after a crash indexes them. It can be deleted while nobody
writes, and is then made anew.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

_VERSION = 1

_TABLES = """
CREATE TABLE rows(
    kind TEXT, parent, part TEXT, key BLOB, PRIMARY KEY(kind, parent, part, key)
) WITHOUT ROWID;
CREATE TABLE segments(name TEXT PRIMARY KEY, indexed INTEGER NOT NULL) WITHOUT ROWID;
"""


class Entry(NamedTuple):
    """What the ledger knows of one row."""

    kind: str
    parent: str | bytes  # ids of 32 hexadecimal digits take half the room as bytes
    part: str  # lane, behavior, or ""
    key: bytes  # tells the rows of one parent and part apart
    unique: bool  # a second row with the same entry is the same row


class _Sketch(msgspec.Struct):
    """The fields of any row that its entry is made of."""

    id: str | None = None
    parent: str | None = None
    item: str | None = None
    lane: str | None = None
    behavior: str | None = None
    grader: str | None = None


_sketches = msgspec.json.Decoder(_Sketch)


def entry(kind: str, row: object) -> Entry:
    """The ledger's entry for a record.

    A record is known by its id, one without id by its parent, behavior and grader. One that has
    neither id nor parent (a `Failure`) is a new row each time.
    """
    name = getattr(row, "id", None)
    parent = getattr(row, "parent", None)
    lane = getattr(row, "lane", None)
    part = lane if lane is not None else getattr(row, "behavior", None)
    key = name or getattr(row, "grader", None)
    return Entry(
        kind,
        _packed(parent or getattr(row, "item", None) or name or ""),
        "" if part is None else str(part),
        hashlib.blake2b(key.encode(), digest_size=8).digest() if key else b"",
        unique=bool(name or parent),
    )


def entries(kind: str, lines: bytes) -> list[Entry]:
    """The entries of JSON lines, read without decoding the rest of them.

    Raises:
        msgspec.MsgspecError: a line is not a row.
    """
    return [entry(kind, sketch) for sketch in _sketches.decode_lines(lines)]


class Ledger:
    """The ledger, opened by the store's only writer.

    Raises:
        sqlite3.Error: from any method; the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._database = _opened(path)
        except sqlite3.DatabaseError:
            # Not a database, or of another version: an index can be made anew.
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._database = _opened(path)

    def add(self, row: Entry) -> bool:
        """Take an entry into the open transaction; False where it exists already."""
        cursor = self._database.execute("INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?)", row[:4])
        return cursor.rowcount == 1

    def begin(self) -> None:
        """Open a transaction."""
        self._database.execute("BEGIN IMMEDIATE")

    def commit(self, indexed: Mapping[str, int]) -> None:
        """Close the transaction, and keep up to where the named segments are indexed now."""
        self._database.executemany("INSERT OR REPLACE INTO segments VALUES (?, ?)", indexed.items())
        self._database.execute("COMMIT")

    def indexed(self) -> dict[str, int]:
        """By segment's name, the offset up to which its rows are indexed."""
        return dict(self._database.execute("SELECT name, indexed FROM segments"))

    def close(self) -> None:
        """Close the file; an open transaction is rolled back."""
        self._database.close()


class Known(NamedTuple):
    """What a ledger says at one moment."""

    indexed: dict[str, int]  # by segment's name, the offset up to which its rows are indexed
    keys: set[tuple[str, str]]


def known(path: Path, kind: str | None) -> Known:
    """Read the ledger from any thread or process, with the keys of a kind.

    Nothing is known where there is no usable ledger; the segments then tell everything.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            if not _current(database):
                return Known({}, set())
            database.execute("BEGIN")  # both reads see one state
            indexed = dict(database.execute("SELECT name, indexed FROM segments"))
            rows = database.execute("SELECT parent, part FROM rows WHERE kind = ?", (kind,))
            return Known(indexed, {(unpacked(parent), part) for parent, part in rows})
    except sqlite3.Error:
        return Known({}, set())


def unpacked(parent: str | bytes) -> str:
    """A parent's id as its record holds it."""
    return parent if isinstance(parent, str) else parent.hex()


def _packed(name: str) -> str | bytes:
    if len(name) != 32:
        return name
    try:
        data = bytes.fromhex(name)
    except ValueError:
        return name
    return data if data.hex() == name else name


def _current(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA user_version").fetchone()[0] == _VERSION)


def _opened(path: Path) -> sqlite3.Connection:
    fresh = not path.exists()
    # Opened by one thread and then used by another, never by two at once.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("PRAGMA cache_size=-16384")  # KiB
        if fresh:
            database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={_VERSION}; COMMIT;")
        elif not _current(database):
            raise sqlite3.DatabaseError("another version of the ledger")
        database.execute("SELECT 1 FROM rows, segments LIMIT 1")
    except sqlite3.Error:
        database.close()
        raise
    return database
