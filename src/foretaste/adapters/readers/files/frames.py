"""Zstandard, in a file of its own or as a member of a zip archive."""

import io
from typing import Any

import zstandard


class Frames(io.RawIOBase):
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
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, unpacked."""
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
