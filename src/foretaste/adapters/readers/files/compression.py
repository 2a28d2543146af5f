"""Undoes gzip and zstd, told by a file's first bytes and never by its name."""

import gzip
import io
import zlib
from lzma import LZMAError
from typing import Any
from zipfile import BadZipFile

import zstandard

from foretaste.adapters.readers.files.archives import ZIP
from foretaste.adapters.readers.files.frames import Frames
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
        return io.BufferedReader(Frames(stream), 256 << 10)
    return gzip.GzipFile(fileobj=stream) if _is_gzip(start) else stream


def _is_gzip(start: bytes) -> bool:
    """Whether a file begins as gzip; its reserved flags are zero, as no letter of a text is."""
    return start.startswith(_GZIP) and start[3:] < b"\x20"
