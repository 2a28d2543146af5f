"""A run's records in a folder: `foretaste.stores` entry `files`.

The folder holds `manifest.json` (the format), `segments/` (the rows), `ledger.sqlite` (an index
of them that can be made anew), `lock`, and documents such as `forecast.json`.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self

import msgspec

from foretaste.adapters.stores import documents
from foretaste.adapters.stores.folder import LOCK, MANIFEST, create, holds_run, locked
from foretaste.adapters.stores.ledger import Ledger, entry, known, unpacked
from foretaste.adapters.stores.recovery import entries_between, recovered, require, unreadable
from foretaste.adapters.stores.segments import (
    Appender,
    Segment,
    bodies,
    segments,
    sync_folder,
    whole_end,
)
from foretaste.adapters.stores.writer import Row, Writer
from foretaste.errors import StoreUnavailable
from foretaste.protocols import Record

_LEDGER = "ledger.sqlite"
_SEGMENTS = "segments"
_OWN = {MANIFEST, LOCK, _SEGMENTS}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    """What a store holds while it is open."""

    folder: Path
    writer: Writer | None = None  # None: opened for reading
    appender: Appender | None = None
    parts: ExitStack = field(default_factory=ExitStack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Keeps a run in a folder. A context manager: `with Files(path="runs/1") as store`.

    One process writes at a time; any number may read beside it with `reading=True`. Rows are
    durable some ten milliseconds after `append`. A row that exists already is not written again
    (see `ledger.entry`). Any dataclass can be kept; its kind is its class's name in lower case.

    Every method raises `StoreUnavailable` where the folder cannot be used.
    """

    path: str
    reading: bool = False
    _open: _Open | None = field(init=False, default=None, repr=False, compare=False)

    def __enter__(self) -> Self:
        if self._open:
            raise StoreUnavailable(f"{self.path} is open already")
        folder = Path(self.path)
        try:
            opened = _for_reading(folder) if self.reading else _for_writing(folder)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailable(f"cannot open {self.path}: {error}") from error
        object.__setattr__(self, "_open", opened)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened = self._opened()
        object.__setattr__(self, "_open", None)
        try:
            opened.parts.close()
        except StoreUnavailable as failure:
            if error is None:
                raise
            # The body's own error says more; this one must not take its place.
            _log.error("%s was not closed properly: %s", self.path, failure)

    def append(self, *records: Any) -> None:
        """Take records; they are durable soon after, and at the latest when the store closes."""
        rows: list[Row] = []
        for record in records:
            kind = type(record).__name__.lower()
            try:
                rows.append((entry(kind, record), msgspec.json.encode(record)))
            except (TypeError, ValueError, OverflowError) as error:
                raise StoreUnavailable(f"a {kind} that cannot be written: {error}") from error
        self._writer().put(rows)

    def flush(self) -> None:
        """Wait until everything appended so far is durable."""
        self._writer().flush()

    def read(self, kind: type[Record]) -> Iterable[Record]:
        """All durable records of a kind, in the order they came; can be iterated again.

        What was appended before an iteration begins is part of it. Opened for reading, a run that
        another process is writing can be followed: each iteration sees the rows written by then.
        """
        return _Rows(self, kind)

    def keys(self, kind: type[Any]) -> set[tuple[str, str]]:
        """What exists already, as (parent id, lane or behavior or ""), without reading rows.

        The parent of a `Failure` is the item that failed; a record without parent has its own id.
        """
        name = kind.__name__.lower()
        folder = self._opened().folder
        ends = self._ends(name)
        indexed, keys = known(folder / _LEDGER, name)
        for segment, end in ends:
            for row in entries_between(segment, indexed.get(segment.path.name, 0), end):
                keys.add((unpacked(row.parent), row.part))
        return keys

    def write_document(self, name: str, data: bytes) -> None:
        """Write a small file beside the rows, whole or not at all, durably.

        Args:
            name: a file name; `manifest.json` and the store's other own files are refused.
            data: the file's bytes.
        """
        self._writer()
        if name.lower() in _OWN or name.lower().startswith(_LEDGER):
            raise StoreUnavailable(f"{name!r} is the store's own; choose another name")
        path = documents.document(self._opened().folder, name)
        try:
            documents.replace(path, data)
        except OSError as error:
            raise StoreUnavailable(f"cannot write {path}: {error}") from error

    def read_document(self, name: str) -> bytes | None:
        """A document's bytes, or None where there is none."""
        return documents.contents(documents.document(self._opened().folder, name))

    def _opened(self) -> _Open:
        if self._open is None:
            raise StoreUnavailable(f"{self.path} is not open; use `with Files(...) as store:`")
        return self._open

    def _writer(self) -> Writer:
        writer = self._opened().writer
        if writer is None:
            raise StoreUnavailable(f"{self.path} is open for reading only")
        return writer

    def _ends(self, kind: str) -> list[tuple[Segment, int]]:
        """Each segment of a kind, with the offset up to which its rows are durable."""
        opened = self._opened()
        folder = opened.folder / _SEGMENTS
        if opened.writer is not None and opened.appender is not None:
            opened.writer.flush()
            ends = dict(opened.appender.ends)
            return [(it, ends.get(it.path.name, 0)) for it in segments(folder, kind)]
        indexed = known(opened.folder / _LEDGER, None).indexed
        require(folder, indexed)
        found = segments(folder, kind)
        return [(it, whole_end(it.path, indexed.get(it.path.name, 0))) for it in found]


@dataclass(frozen=True, slots=True)
class _Rows(Generic[Record]):
    """The rows of one kind, read anew at each iteration."""

    store: Files
    kind: type[Record]

    def __iter__(self) -> Iterator[Record]:
        decoder = msgspec.json.Decoder(self.kind)
        name = self.kind.__name__.lower()
        for segment, end in self.store._ends(name):  # noqa: SLF001 - the store's other half
            for offset, lines in bodies(segment.path, 0, end):
                try:
                    yield from decoder.decode_lines(lines)
                except msgspec.MsgspecError as error:
                    raise unreadable(segment, offset, error) from error


def _for_reading(folder: Path) -> _Open:
    if not holds_run(folder):
        raise StoreUnavailable(f"there is no run in {folder}")
    return _Open(folder)


def _for_writing(folder: Path) -> _Open:
    with ExitStack() as parts:
        folder.mkdir(parents=True, exist_ok=True)
        holds_run(folder)  # before anything is written into a folder that may be somebody else's
        parts.enter_context(locked(folder))
        if not holds_run(folder):
            create(folder)
        (folder / _SEGMENTS).mkdir(exist_ok=True)
        sync_folder(folder)
        ledger = Ledger(folder / _LEDGER)
        parts.callback(ledger.close)
        appender = Appender(folder / _SEGMENTS, recovered(folder / _SEGMENTS, ledger))
        writer = Writer(appender, ledger)
        parts.callback(writer.close)
        return _Open(folder, writer, appender, parts.pop_all())
