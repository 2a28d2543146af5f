"""Bytes of the files that a user names: a file, a folder, a glob, or `-` for standard input.

Compression (gzip, zstd) and zip archives are told by content, never by name. Memory stays bounded:
nothing here holds more than one line, and no line longer than `LONGEST`.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from glob import escape, has_magic, iglob
from itertools import count, takewhile
from pathlib import Path
from typing import IO, Any, NamedTuple

from foretaste.adapters.readers.files.archives import BAD_ARCHIVE, ZIP, is_zip, member, members
from foretaste.adapters.readers.files.compression import DAMAGE, decompressed, why
from foretaste.errors import LogError

LONGEST = 64 << 20
"""Longest line or record that is read, in bytes."""

HEAD = 64 << 10
"""How many decompressed bytes `beginning` gives at most."""

STDIN = "-"

BOM = b"\xef\xbb\xbf"

_CHUNK = 256 << 10

_WHOLE = ("header.json", "_journal/")  # first members of an archive that is one log
_NO_RECORDS = (
    *(".html", ".htm", ".css", ".js", ".txt", ".md", ".pdf", ".dat"),
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".mp3", ".mp4", ".wav", ".m4a"),
)


class LogFile(NamedTuple):
    """One file of a log."""

    name: str  # as records show it: relative to what the user named, never a path of the machine
    path: Path | None  # None: standard input
    member: str | None = None  # of a zip archive


class Line(NamedTuple):
    """One line of a file, without its line break."""

    number: int  # from 1
    data: bytes


class Broken(NamedTuple):
    """A place in a file that cannot be read, and why."""

    number: int  # line or record number, from 1
    reason: str


class CutOff(Exception):
    """The file ends too early or is damaged; what was read before is whole."""


def files(path: str) -> list[LogFile]:
    """List the files that a user names, sorted; hidden ones are left out.

    Args:
        path: a file, a folder (read with all below it), a glob, or `-` for standard input.

    Raises:
        LogError: nothing is there.
    """
    if path == STDIN:
        return [LogFile(STDIN, None)]
    named = Path(path)
    try:
        if named.is_file():
            return [LogFile(named.name, named)]
        if named.is_dir():
            found = _matching(named, f"{escape(path)}/**")
        elif has_magic(path):
            found = _matching(_root(named), path)
        elif named.exists():
            raise LogError(f"log {path!r} is neither a file nor a folder; to read a pipe, use '-'")
        else:
            raise LogError(f"log {path!r} does not exist")
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise LogError(f"log {path!r} cannot be listed: {why(error)}") from error
    if not found:
        raise LogError(f"log {path!r} names no file")
    return found


def unpacked(file: LogFile) -> list[LogFile]:
    """List the files in a zip archive that may hold records; any other file is itself.

    So is an archive that is one log as a whole, as Inspect writes them, or that is damaged.

    Pictures, pages and what an operating system put there are left out. Nothing is written to disk,
    so a member's path leads nowhere.
    """
    if file.path is None or not is_zip(file.path):
        return [file]
    names = members(file.path)
    if not names or names[0].startswith(_WHOLE):
        return [file]
    return [
        LogFile(f"{file.name}/{name}", file.path, name)
        for name in names
        if not any(part.startswith((".", "__")) for part in name.split("/"))
        and not name.lower().endswith(_NO_RECORDS)
    ]


def beginning(file: LogFile) -> bytes:
    """Look at the first bytes of a file, decompressed, at most `HEAD`; nothing is used up.

    A zip archive is not looked into.

    Raises:
        LogError: the file cannot be opened.
    """
    if file.path is None:
        looked = io.BufferedReader(io.BytesIO(_standard_input().look(HEAD)))
        return _up_to(decompressed(looked, file.name), HEAD)[0]
    with _raw(file) as raw:
        zipped = file.member is None and raw.peek(4).startswith(ZIP)
        return _up_to(raw if zipped else decompressed(raw, file.name), HEAD)[0]


def lines(file: LogFile) -> Iterator[Line | Broken]:
    """Yield the lines of a file.

    A line longer than `LONGEST` and the end of a damaged file are `Broken`; reading goes on
    behind a line that is too long.

    Raises:
        LogError: the file cannot be opened.
    """
    with _opened(file) as stream:
        for number in count(1):
            try:
                data = stream.readline(LONGEST + 1)
                too_long = len(data) > LONGEST
                rest = data
                while too_long and rest and not rest.endswith(b"\n"):
                    rest = stream.readline(_CHUNK)
            except DAMAGE as error:
                yield Broken(number, _cut_off(error))
                return
            if not data:
                return
            if too_long:
                yield Broken(number, f"line longer than {LONGEST >> 20} MiB")
            else:
                yield Line(number, data.removeprefix(BOM) if number == 1 else data)


def filled_lines(file: LogFile) -> Iterator[Line | Broken]:
    """Yield the lines of a file as `lines` does, without blank ones.

    Raises:
        LogError: the file cannot be opened.
    """
    return (line for line in lines(file) if isinstance(line, Broken) or line.data.strip())


def chunks(file: LogFile) -> Iterator[bytes]:
    """Yield the bytes of a file, decompressed, in pieces.

    Raises:
        LogError: the file cannot be opened.
        CutOff: the file is damaged; all pieces before are whole.
    """
    with _opened(file) as stream:
        while True:
            piece, error = _up_to(stream, _CHUNK)
            if piece:
                yield piece
            if error is not None:
                raise CutOff(_cut_off(error)) from error
            if not piece:
                return


def _root(pattern: Path) -> Path:
    """The part of a glob that names one folder."""
    plain = list(takewhile(lambda part: not has_magic(part), pattern.parts))
    return Path(*plain)


def _matching(root: Path, pattern: str) -> list[LogFile]:
    # Not `Path.glob`, which takes no absolute pattern and follows hidden folders.
    found = sorted(map(Path, iglob(pattern, recursive=True)))  # noqa: PTH207
    return [LogFile(path.relative_to(root).as_posix(), path) for path in found if path.is_file()]


@contextmanager
def _opened(file: LogFile) -> Iterator[io.BufferedIOBase]:
    with _raw(file) as raw:
        yield decompressed(raw, file.name)


def _raw(file: LogFile) -> "io.BufferedReader[Any]":
    if file.path is None:
        stdin = _standard_input()
        if stdin.closed:
            raise LogError("standard input can be read only once; save the log to a file")
        return io.BufferedReader(stdin, _CHUNK)
    try:
        if file.member is not None:
            return member(file.path, file.member)
        return io.BufferedReader(file.path.open("rb", buffering=0), _CHUNK)
    except (OSError, *BAD_ARCHIVE) as error:
        raise LogError(f"log file {file.name!r} cannot be opened: {why(error)}") from error


def _up_to(stream: io.BufferedIOBase, size: int) -> tuple[bytes, Exception | None]:
    """Read `size` bytes, or what there is before the stream ends or breaks, and how it broke."""
    pieces: list[bytes] = []
    missing = size
    try:
        while missing and (piece := stream.read1(missing)):
            pieces.append(piece)
            missing -= len(piece)
    except DAMAGE as error:
        return b"".join(pieces), error
    return b"".join(pieces), None


def _cut_off(error: Exception) -> str:
    return f"file cut off or damaged: {why(error)}"


class _StandardInput(io.RawIOBase):
    """Standard input, whose first bytes can be looked at before they are read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._ahead = b""

    def look(self, size: int) -> bytes:
        """The next `size` bytes, or all there are; they stay to be read."""
        if len(self._ahead) < size:
            self._ahead += self._stream.read(size - len(self._ahead))
        return self._ahead[:size]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ahead[: len(buffer)] or self._stream.read(len(buffer))
        self._ahead = self._ahead[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def _standard_input() -> _StandardInput:
    return _looked_into(sys.stdin.buffer)


@lru_cache(maxsize=1)
def _looked_into(stream: IO[bytes]) -> _StandardInput:
    """One and the same for whoever detects the format and whoever then reads."""
    return _StandardInput(stream)
