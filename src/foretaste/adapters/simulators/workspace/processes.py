"""Run a program for a bounded time, with bounded output, and leave none of its children behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

MOST = 1 << 20  # bytes of output that are kept
_TAIL = 8192  # bytes, of the end
_PATIENCE = 5.0  # seconds for a pipe to close after its writers were killed


class Done(NamedTuple):
    """What a program left."""

    output: bytes  # both streams as they came, the middle left out where it is too long
    code: int | None  # exit status, negative for a signal; None where the time was up
    seconds: float


class _Kept:
    """The beginning and the end of a stream."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = b""
        self._skipped = 0

    def read(self, stream: IO[bytes]) -> None:
        with suppress(ValueError, OSError):  # closed by the one who gave up
            while piece := os.read(stream.fileno(), 1 << 16):
                room = MOST - len(self._head)
                self._head += piece[:room]
                rest = self._tail + piece[room:]
                self._tail = rest[-_TAIL:]
                self._skipped += len(rest) - len(self._tail)

    def __bytes__(self) -> bytes:
        gap = f"\n[{self._skipped:,} bytes left out]\n".encode() if self._skipped else b""
        return bytes(self._head) + gap + self._tail


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    seconds: float,
    folder: Path | None = None,
    given: bytes = b"",
    errors: bool = True,
) -> Done:
    """Run a program to its end, or kill it and its whole process group when the time is up.

    Args:
        argv: the program and its arguments; no shell reads them.
        env: all of its environment variables.
        seconds: it may take.
        folder: where it runs.
        given: its standard input.
        errors: keep what it writes to standard error too.

    Raises:
        OSError: there is no such program, or it cannot be started.
    """
    began = time.monotonic()
    kept = _Kept()
    with subprocess.Popen(  # noqa: S603  # an argument list, never a shell
        list(argv),
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
        cwd=folder,
        env=dict(env),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101  # asked for above
        reader = threading.Thread(target=kept.read, args=(process.stdout,), daemon=True)
        reader.start()
        if process.stdin is not None:
            threading.Thread(target=_feed, args=(process.stdin, given), daemon=True).start()
        ended = _ends(process.pid, seconds)
        # Children that it left in the background go too; until it is waited for, its number is its.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        reader.join(_PATIENCE)
    return Done(bytes(kept), code if ended else None, time.monotonic() - began)


def _ends(process: int, seconds: float) -> bool:
    """Whether a child ends within this time; it is not waited for."""
    until, pause = time.monotonic() + seconds, 0.001
    while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > until:
            return False
        time.sleep(pause)
        pause = min(0.02, pause * 1.5)
    return True


def _feed(stream: IO[bytes], given: bytes) -> None:
    with suppress(OSError, ValueError):
        stream.write(given)
    with suppress(OSError, ValueError):
        stream.close()
