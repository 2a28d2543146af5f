"""Zip archives, read member by member without unpacking them anywhere."""

import io
import struct
import zipfile
import zlib
from contextlib import ExitStack
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any

BAD_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error, EOFError),
    *(RuntimeError, LookupError, ValueError, OverflowError),
)
"""What opening a member raises: damaged, encrypted, packed in an unknown way, not there.

Of a damaged archive the library raises whatever it stumbles over.
"""

ZIP = b"PK\x03\x04"
_MOST = 1000  # times as large as packed: text packs some ten times, zeros a thousand
_HARMLESS = 64 << 20  # bytes; up to here nobody asks


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip archive does."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(ZIP)) == ZIP
    except OSError:
        return False  # whoever opens it says why


def members(path: Path) -> list[str]:
    """Names of the files in an archive, in its order; none where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]
    except (OSError, *BAD_ARCHIVE):
        return []


def member(path: Path, name: str) -> "io.BufferedReader[Any]":
    """Open one file of an archive.

    Raises:
        OSError: the archive cannot be opened.
        Exception: one of `BAD_ARCHIVE`.
    """
    with ExitStack() as opened:
        archive = opened.enter_context(zipfile.ZipFile(path))
        info = archive.getinfo(name)
        stream = io.BufferedReader(_Member(archive, archive.open(info), info))
        opened.pop_all()  # the member closes its archive
        return stream


class _Member(io.RawIOBase):
    """A file of an archive that closes the archive with it, and does not blow up."""

    def __init__(self, archive: zipfile.ZipFile, stream: IO[bytes], info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._stream = stream
        self._most = max(_HARMLESS, _MOST * info.compress_size)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        if self._read > self._most:
            raise EOFError(f"it unpacks to over {_MOST} times its size")
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._archive.close()
        super().close()
