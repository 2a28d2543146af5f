"""Undoes gzip and zstd, told by a file's first bytes and never by its name."""

import gzip
import io
import zlib
from lzma import LZMAError
from typing import Any
from zipfile import BadZipFile

import zstandard

from foretaste.adapters.readers.files.archives import ZIP
from foretaste.errors import LogError

DAMAGE = (EOFError, OSError, zlib.error, LZMAError, zstandard.ZstdError, BadZipFile)
"""What reading a file raises that is cut off or damaged."""

_GZIP = b"\x1f\x8b\x08"  # the only method there is
_ZSTD = b"\x28\xb5\x2f\xfd"


def why(error: Exception) -> str:
    """Say what went wrong, without the path, which is the machine's business."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def decompressed(stream: "io.BufferedReader[Any]", name: str) -> io.BufferedIOBase:
    """Wrap a stream in what its first bytes ask for; it then raises one of `DAMAGE`, or ends.

    Raises:
        LogError: it cannot be read at all, or is a zip archive.
    """
    try:
        start = stream.peek(4)[:4]
    except DAMAGE as error:
        raise LogError(f"log file {name!r} cannot be read: {why(error)}") from error
    if start == ZIP:
        raise LogError(f"log file {name!r} is a zip archive that cannot be read")
    if start == _ZSTD:
        return io.BufferedReader(_Zstd(stream), 256 << 10)
    return gzip.GzipFile(fileobj=stream) if _is_gzip(start) else stream


def _is_gzip(start: bytes) -> bool:
    """Whether a file begins as gzip; its reserved flags are zero, as no letter of a text is."""
    return start.startswith(_GZIP) and start[3:] < b"\x20"


class _Zstd(io.RawIOBase):
    """Zstandard frames, one after the other.

    The library's own stream reader takes a frame that is cut off for one that has ended.
    """

    # Small pieces: four bytes of input may become 128 KiB of output.
    _PIECE = 2 << 10

    def __init__(self, stream: "io.BufferedReader[Any]") -> None:
        self._stream = stream
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._between_frames = True
        self._out = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._out:
            piece = self._frame.unused_data if self._frame.eof else b""
            piece = piece or self._stream.read(self._PIECE)
            if not piece and self._between_frames:
                return 0
            if not piece:
                raise EOFError("compressed file ended before its end-of-frame marker")
            if self._between_frames:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._out = memoryview(self._frame.decompress(piece))
            self._between_frames = self._frame.eof
        size = min(len(self._out), len(buffer))
        buffer[:size] = self._out[:size]
        self._out = self._out[size:]
        return size
