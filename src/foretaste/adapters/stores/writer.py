"""Group commit: one thread that makes durable what others hand it."""

import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from threading import Condition, Lock, Thread

from foretaste.adapters.stores.ledger import Entry, Ledger
from foretaste.adapters.stores.segments import Appender
from foretaste.errors import StoreUnavailable
from foretaste.records import (
    Conversation,
    Dropped,
    Failure,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Verdict,
)

Row = tuple[Entry, bytes]
"""What the ledger knows of a row, and its line of JSON."""

GROUP = 64
"""Rows of one group commit, at most: a few dozen share an fsync and compress well together."""

_LAG = 1024  # rows that the ledger may lag behind the segments: fewer, larger transactions
_WAITING = 1024  # rows that may wait before `put` blocks

# Of one group, parents are made durable before what names them.
_LINEAGE = {
    kind.__name__.lower(): rank
    for rank, kind in enumerate(
        (Conversation, ScrubbedConversation, Dropped, Prefix, Rollout, Verdict, Failure)
    )
}

_log = logging.getLogger(__name__)


class Writer:
    """The thread that writes, and the queue in front of it. Owns the appender and the ledger."""

    def __init__(self, appender: Appender, ledger: Ledger) -> None:
        self._appender = appender
        self._ledger = ledger
        self._waiting: deque[Row] = deque()
        self._taken = 0  # rows handed in so far
        self._durable = 0  # of these, the first so many are durable
        self._lag = 0  # rows in the ledger's open transaction
        self._closing = False
        self._stopped = False
        self._error: Exception | None = None
        lock = Lock()
        self._arrived = Condition(lock)
        self._settled = Condition(lock)
        self._thread = Thread(target=self._run, name="foretaste-store", daemon=True)
        self._thread.start()

    def put(self, rows: Sequence[Row]) -> None:
        """Take rows; waits while too many wait already.

        Raises:
            StoreUnavailable: what was handed in earlier could not be written.
        """
        with self._settled:
            while len(self._waiting) >= _WAITING and not self._stopped:
                self._settled.wait()
            self._check()
            self._waiting.extend(rows)
            self._taken += len(rows)
            self._arrived.notify()

    def flush(self) -> None:
        """Wait until everything handed in so far is durable.

        Raises:
            StoreUnavailable: it could not be written.
        """
        with self._settled:
            target = self._taken
            while self._durable < target and not self._stopped:
                self._settled.wait()
            if self._durable < target:
                self._check()

    def close(self) -> None:
        """Write what waits, end the thread, and close the files.

        Raises:
            StoreUnavailable: not everything could be written.
        """
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join()
        self._appender.close()
        self._ledger.close()
        if self._durable < self._taken:
            self._check()

    def _check(self) -> None:
        if self._stopped:
            raise StoreUnavailable(
                f"the run's folder cannot be written: {self._error or 'the writer stopped'}; "
                "what was acknowledged is safe, and the run can be resumed"
            ) from self._error

    def _run(self) -> None:
        try:
            while group := self._next():
                self._commit(group)
                with self._settled:
                    self._durable += len(group)
                    self._settled.notify_all()
            self._index()
        except (OSError, sqlite3.Error) as error:
            _log.error("the run's folder cannot be written: %s", error)
            self._error = error
        finally:
            with self._settled:
                self._stopped = True
                self._settled.notify_all()

    def _next(self) -> list[Row]:
        with self._arrived:
            while not self._waiting and not self._closing:
                self._arrived.wait()
            group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            self._settled.notify_all()  # there is room again
            return group

    def _commit(self, group: Sequence[Row]) -> None:
        """Make the new rows of a group durable; the ledger may follow later."""
        fresh: dict[str, list[bytes]] = {}
        if not self._lag:
            self._ledger.begin()
        self._lag += len(group)
        for entry, line in group:
            if self._ledger.add(entry) or not entry.unique:
                fresh.setdefault(entry.kind, []).append(line)
        kinds = sorted(fresh, key=lambda kind: _LINEAGE.get(kind, len(_LINEAGE)))
        for kind in kinds:
            self._appender.append(kind, fresh[kind])
        if self._lag >= _LAG:
            self._index()

    def _index(self) -> None:
        if self._lag:
            self._ledger.commit(self._appender.ends)
            self._lag = 0
