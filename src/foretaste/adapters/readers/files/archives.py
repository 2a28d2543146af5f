"""Zip archives, read member by member without unpacking them anywhere."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any

from foretaste.adapters.readers.files.frames import Frames

BAD_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error, EOFError),
    *(RuntimeError, LookupError, ValueError, OverflowError),
)
"""What opening a member raises: damaged, encrypted, packed in an unknown way, not there.

Of a damaged archive the library raises whatever it stumbles over.
"""

ZIP = b"PK\x03\x04"
_ZSTD = 93  # the method's number in an archive
_ENCRYPTED = 1
_HEADER = 30  # bytes before a member's name
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
        stream = _open(archive, archive.getinfo(name), closes=archive)
        opened.pop_all()  # the member closes its archive
        return stream


class Archive:
    """An open archive, for whoever reads many of its files."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @property
    def names(self) -> list[str]:
        """Names of its files, in their order; one that was written again stands there once."""
        return list(dict.fromkeys(i.filename for i in self._archive.infolist() if not i.is_dir()))

    def read(self, name: str, most: int) -> bytes | None:
        """All of one file, or None where it is longer than `most` bytes.

        Raises:
            KeyError: there is no such file.
            EOFError, OSError, zlib.error, ZstdError, BadZipFile: it is damaged.
            RuntimeError: it is encrypted, or packed in a way that nobody here knows.
        """
        with _open(self._archive, self._archive.getinfo(name)) as stream:
            data: bytes = stream.read(most + 1)
        return data if len(data) <= most else None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive once for many of its files.

    Raises:
        OSError: it cannot be opened.
        BadZipFile: it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        yield Archive(archive)


def _open(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, closes: zipfile.ZipFile | None = None
) -> "io.BufferedReader[Any]":
    if info.compress_type != _ZSTD:
        return io.BufferedReader(_Member(archive.open(info), info, closes))
    if info.flag_bits & _ENCRYPTED:
        raise RuntimeError("the file is encrypted")
    packed = io.BufferedReader(_Packed(archive, info))
    return io.BufferedReader(_Member(Frames(packed), info, closes, checked=True))


class _Packed(io.RawIOBase):
    """The bytes of a member as they lie in the archive: Python before 3.14 knows no zstd."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        if archive.fp is None:
            raise zipfile.BadZipFile("the archive is closed")
        self._file = archive.fp
        self._file.seek(info.header_offset)
        header = self._file.read(_HEADER)
        if len(header) < _HEADER or not header.startswith(ZIP):
            raise zipfile.BadZipFile("a file is not where the archive says")
        name, extra = struct.unpack("<HH", header[26:30])
        self._at = info.header_offset + _HEADER + name + extra
        self._end = self._at + info.compress_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._at)  # another member may have been read in between
        data = self._file.read(min(len(buffer), self._end - self._at))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Member(io.RawIOBase):
    """A file of an archive that closes the archive with it, and does not blow up."""

    def __init__(
        self,
        stream: "IO[bytes] | Frames",
        info: zipfile.ZipInfo,
        closes: zipfile.ZipFile | None,
        *,
        checked: bool = False,
    ) -> None:
        self._stream = stream
        self._closes = closes
        self._most = max(_HARMLESS, _MOST * info.compress_size)
        self._read = 0
        self._sum: int | None = 0 if checked else None  # `zipfile` checks what it unpacks itself
        self._right_sum = info.CRC

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer)) or b""
        buffer[: len(data)] = data
        self._read += len(data)
        if self._read > self._most:
            raise EOFError(f"it unpacks to over {_MOST} times its size")
        if self._sum is not None:
            self._sum = zlib.crc32(data, self._sum)
            if not data and self._sum != self._right_sum:
                raise zipfile.BadZipFile("its bytes are not those that were packed")
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._closes is not None:
                self._closes.close()
        super().close()
