"""Append-only files of compressed rows.

A segment is a row of frames. A frame is twenty bytes of header and one zstd frame of JSON lines;
the header is itself a zstd "skippable frame", so `zstd -d` reads a segment like any other file.
The header says how long the frame is and carries checksums of itself and of the frame. That is
what tells a write that was cut short (the end of the file, cut off) from damage (an error).
"""

import os
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zlib import crc32

import zstandard

from foretaste.errors import StoreUnavailable

SEGMENT_BYTES = 128 * 2**20
"""A segment that has grown past this is followed by the next one."""

_HEADER = struct.Struct("<IIIII")  # magic, payload's size, frame's length, its CRC, header's CRC
_MAGIC = 0x184D2A5E  # one of zstd's sixteen skippable magic numbers
_PAYLOAD = 12
_NAME = re.compile(r"([a-z_][a-z0-9_]*)-(\d{5})\.jsonl\.zst")


class Segment(NamedTuple):
    """One file of rows of one kind."""

    kind: str
    number: int
    path: Path


class _Frame(NamedTuple):
    """Where one frame lies: its header at `offset`, its body from `body` to `end`."""

    offset: int
    body: int
    end: int
    checksum: int


def segments(folder: Path, kind: str | None = None) -> list[Segment]:
    """The segments in a folder, of one kind or of all, in the order they were written."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match and kind in (None, match[1]):
            found.append(Segment(match[1], int(match[2]), path))
    return sorted(found)


def bodies(path: Path, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield each frame between two offsets as (its offset, its JSON lines).

    Raises:
        StoreUnavailable: a frame is damaged.
    """
    decompressor = zstandard.ZstdDecompressor()
    with _reading(path) as file:
        while start < end:
            frame = _frame(file, start, end)
            data = _body(file, frame) if frame else None
            if frame is None or data is None:
                raise _damaged(path, start)
            yield start, decompressor.decompress(data)
            start = frame.end


def whole_end(path: Path, start: int) -> int:
    """Where the last whole frame ends, seen from an offset at which a frame begins.

    What lies behind is a write that was cut short.

    Raises:
        StoreUnavailable: the file is shorter than `start`, or whole frames follow a broken one.
    """
    with _reading(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size < start:
            raise StoreUnavailable(
                f"{path} is {size} bytes long and held {start} when it was last written: rows "
                "are lost; restore the file, or delete ledger.sqlite* to go on without them"
            )
        last, end = None, start
        while frame := _frame(file, end, size):
            last, end = frame, frame.end
        if end < size and _another(file, end + 1, size):
            raise _damaged(path, end)
        if last is not None and end == size and _body(file, last) is None:
            return last.offset  # its length came to be, its bytes did not
    return end


class Appender:
    """Writes frames to the newest segment of each kind; used by one thread.

    Args:
        folder: where the segments lie.
        ends: by file name, where the whole frames of each segment end.
        segment_bytes: size past which the next segment is begun.
    """

    def __init__(
        self, folder: Path, ends: Mapping[str, int], segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.ends = dict(ends)  # what is durable
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._newest = {segment.kind: segment.number for segment in segments(folder)}
        self._files: dict[str, BinaryIO] = {}
        self._compressor = zstandard.ZstdCompressor(level=1)

    def append(self, kind: str, lines: Sequence[bytes]) -> None:
        """Make lines durable as one frame.

        Raises:
            OSError: nothing was written, as far as the disk lets us take it back.
        """
        body = self._compressor.compress(b"\n".join(lines) + b"\n")
        start = _HEADER.pack(_MAGIC, _PAYLOAD, len(body), crc32(body), 0)[:-4]
        data = start + crc32(start).to_bytes(4, "little") + body
        file = self._file(kind)
        name = Path(file.name).name
        try:
            _write(file, data)
        except OSError:
            os.ftruncate(file.fileno(), self.ends[name])
            raise
        self.ends[name] += len(data)

    def close(self) -> None:
        """Close the files; what was appended is durable already."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, kind: str) -> BinaryIO:
        number = self._newest.get(kind, 0)
        name = f"{kind}-{number:05}.jsonl.zst"
        if self.ends.get(name, 0) >= self._segment_bytes:
            if kind in self._files:
                self._files.pop(kind).close()
            number += 1
            name = f"{kind}-{number:05}.jsonl.zst"
        if kind not in self._files:
            self._files[kind] = (self._folder / name).open("ab", buffering=0)
            self._newest[kind] = number
            self.ends.setdefault(name, 0)
            sync_folder(self._folder)
        return self._files[kind]


def cut(path: Path, end: int) -> None:
    """Shorten a segment to its whole frames, durably."""
    with path.open("r+b") as file:
        file.truncate(end)
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make names that were created in a folder, or moved in it, durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise StoreUnavailable(f"cannot read {path}: {error}") from error


def _write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:  # a raw write may take less than it was given
        view = view[file.write(view) :]
    os.fsync(file.fileno())


def _frame(file: BinaryIO, offset: int, size: int) -> _Frame | None:
    """The frame that begins at an offset, if it is whole and its header is sound."""
    file.seek(offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    magic, payload, length, checksum, header_checksum = _HEADER.unpack(header)
    body = offset + _HEADER.size
    sound = (magic, payload) == (_MAGIC, _PAYLOAD) and header_checksum == crc32(header[:-4])
    return (
        _Frame(offset, body, body + length, checksum) if sound and body + length <= size else None
    )


def _body(file: BinaryIO, frame: _Frame) -> bytes | None:
    file.seek(frame.body)
    data = file.read(frame.end - frame.body)
    return data if crc32(data) == frame.checksum else None


def _another(file: BinaryIO, offset: int, size: int) -> bool:
    """Whether a whole frame begins anywhere at or after an offset."""
    file.seek(offset)
    rest = file.read()
    magic = _MAGIC.to_bytes(4, "little")
    found = rest.find(magic)
    while found >= 0:
        if _frame(file, offset + found, size):
            return True
        found = rest.find(magic, found + 1)
    return False


def _damaged(path: Path, offset: int) -> StoreUnavailable:
    return StoreUnavailable(
        f"{path} is damaged at byte {offset}; restore the file from a copy, or start the run anew"
    )
