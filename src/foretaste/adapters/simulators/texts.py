"""Many texts on disk, each kept once, read by number."""

import mmap
from array import array
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import Self

import zstandard

_RAW = 4096  # bytes; below, reading as it is beats the third that compression saves


class Texts:
    """Texts by number; only their places are in memory (16 bytes each)."""

    def __init__(self, data: mmap.mmap | bytes, starts: "array[int]", packed: bytearray) -> None:
        self._data = data
        self._starts = starts
        self._packed = packed

    def __getitem__(self, number: int) -> str:
        """One text, as it was added."""
        data = self._data[self._starts[number] : self._starts[number + 1]]
        if self._packed[number]:
            data = zstandard.decompress(data)
        return data.decode("utf-8", "surrogatepass")


class TextWriter:
    """Takes texts into a file that has no name, so that nothing is left behind after a crash."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by `__exit__`
        self._starts = array("Q", [0])
        self._packed = bytearray()
        self._known: dict[bytes, int] = {}
        self._compressor = zstandard.ZstdCompressor(level=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, data: bytes) -> int:
        """Number of the text, given as UTF-8: that of the first text equal to it."""
        digest = blake2b(data, digest_size=16).digest()
        number = self._known.setdefault(digest, len(self._known))
        if number == len(self._packed):
            packed = len(data) > _RAW
            data = self._compressor.compress(data) if packed else data
            self._file.write(data)
            self._starts.append(self._starts[-1] + len(data))
            self._packed.append(packed)
        return number

    def texts(self) -> Texts:
        """What was added, to be read; the map keeps the file after the writer is closed."""
        self._file.flush()
        empty = self._starts[-1] == 0
        data = b"" if empty else mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return Texts(data, self._starts, self._packed)
