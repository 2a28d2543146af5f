"""The log's files: one a day and format, written by one thread, whole lines only.

Each line goes to the operating system as soon as its call has ended, so a killed process loses at
most the calls that were not over. Nothing here can hold up a call or break one.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Self

from foretaste.adapters.readers.files.streams import LONGEST
from foretaste.adapters.readers.reading import FAULTS, reason_of
from foretaste.errors import PlanError
from foretaste.recording.lines import Exchange, line_of

MOST_WAITING = 4 * LONGEST
"""Bytes of calls that wait for a slow disk; what comes beyond them is lost, and counted."""

FLUSHED_EVERY = 5.0
"""Seconds after which what was written is on the disk, should the machine itself fail."""


@dataclass(slots=True)
class Tally:
    """What became of the calls; each number is changed by one thread only."""

    recorded: int = 0
    failed: int = 0  # the provider, or the way to it, refused
    unread: int = 0  # answered, and in no form that can be written down
    lost: int = 0  # the disk refused
    dropped: int = 0  # too many waited for the disk
    reason: str = ""  # why the last one was unread or lost


@dataclass(slots=True)
class _File:
    descriptor: int
    day: str
    torn: bool  # whether its last line has no end
    unsure: bool = False  # whether something may not be on the disk yet

    def append(self, line: bytes) -> None:
        """Write a line; one that was torn before it is ended first, so that only that one is lost.

        Raises:
            OSError: the disk refuses.
        """
        rest = memoryview(b"\n" + line if self.torn else line)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]
            self.torn, self.unsure = bool(rest), True


@dataclass(slots=True)
class Log:
    """A folder that calls are written to, by a thread of its own.

    Attributes:
        folder: holds a folder for each format, and those a file for each day (UTC).
        tally: what became of the calls.
    """

    folder: Path
    tally: Tally = field(default_factory=Tally)
    _queue: "SimpleQueue[Exchange | None]" = field(default_factory=SimpleQueue)
    _files: dict[str, _File] = field(default_factory=dict)
    _thread: Thread | None = None
    _taken: int = 0  # bytes, by the thread that asks
    _given: int = 0  # bytes, by the thread that writes

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            PlanError: the folder cannot be made or written to.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PlanError(f"{self.folder} cannot be written to: {error.strerror}") from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise PlanError(f"{self.folder} cannot be written to")
        self._thread = Thread(target=self._work, name="recording", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Write what waits, and put it on the disk."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def take(self, call: Exchange) -> None:
        """Have a call written down; returns at once."""
        if self._taken - self._given + call.size > MOST_WAITING:
            self.tally.dropped += 1
            return
        self._taken += call.size
        self._queue.put(call)

    def _work(self) -> None:
        flushed = monotonic()
        while True:
            with suppress(Empty):
                call = self._queue.get(timeout=FLUSHED_EVERY)
                if call is None:
                    break
                self._write(call)
                self._given += call.size
            if monotonic() - flushed >= FLUSHED_EVERY:
                self._flush()
                flushed = monotonic()
        self._flush()
        for file in self._files.values():
            os.close(file.descriptor)

    def _write(self, call: Exchange) -> None:
        try:
            line = line_of(call)
        except FAULTS as error:
            self.tally.unread += 1
            self.tally.reason = reason_of(error)
            return
        try:
            self._file(call).append(line)
        except OSError as error:
            self.tally.lost += 1
            self.tally.reason = error.strerror or "the disk refused"
        else:
            self.tally.recorded += 1

    def _file(self, call: Exchange) -> _File:
        day = datetime.fromtimestamp(call.began, UTC).date().isoformat()
        known = self._files.get(call.format)
        if known is not None and known.day == day:
            return known
        if known is not None:
            self._flush()
            del self._files[call.format]
            os.close(known.descriptor)
        folder = self.folder / call.format
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{day}.jsonl"
        mode = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, mode, 0o600)
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # killed while it wrote
        self._files[call.format] = _File(descriptor, day, torn)
        return self._files[call.format]

    def _flush(self) -> None:
        for file in self._files.values():
            if file.unsure:
                file.unsure = False
                try:
                    os.fsync(file.descriptor)
                except OSError as error:
                    self.tally.reason = error.strerror or "the disk refused"
