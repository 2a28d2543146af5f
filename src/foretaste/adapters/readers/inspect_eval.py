"""Inspect's evaluation logs: `.eval` archives, and the plain JSON of older ones."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import ClassVar

import msgspec

from foretaste.adapters.readers.files.archives import BAD_ARCHIVE, Archive, is_zip, opened
from foretaste.adapters.readers.files.compression import DAMAGE, why
from foretaste.adapters.readers.files.constants import without_constants
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.streams import (
    BOM,
    LONGEST,
    Broken,
    CutOff,
    Line,
    LogFile,
    chunks,
)
from foretaste.adapters.readers.inspect_samples import Header, parsed
from foretaste.adapters.readers.reading import attempt, failed, read_files, reason_of
from foretaste.records import Conversation, Failure

_ZIPPED = re.compile(rb"PK\x03\x04.{26}(?:_journal/start\.json|header\.json)", re.DOTALL)
_LOOKS = re.compile(
    rb'\s*\{\s*(?:"version"\s*:\s*[0-9]+\s*,\s*)?'
    rb'"status"\s*:\s*"(?:started|success|cancelled|error)"\s*,\s*"eval"\s*:\s*\{'
)
_BEGINS = re.compile(rb'\{\s*"id"\s*:\s*(?:"(?:[^"\\]|\\.){0,200}"|-?[0-9]+)\s*,\s*"epoch"\s*:')
_SAMPLES = re.compile(rb',?\s*"samples"\s*:\s*\[[\s,]*\Z')
_OVERLAP = 1 << 10  # of a sample's beginning that may straddle two pieces
_HEADERS = ("header.json", "_journal/start.json")  # the second alone in a log that was cut short
_HEADER = msgspec.json.Decoder(Header)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectEval:
    """Reads Inspect logs: each sample in each epoch is a conversation.

    Tags are `task`, `sample`, `epoch`, `limit` and `error` where it met one, `role_<name>` for the
    model of each role, and the scalars of the sample's metadata. Scores are labels. Tools and
    settings are those of the last model call whose answer stands in the sample's messages.

    Attributes:
        path: a file, folder or glob; plain JSON also as `-` for standard input.
        where: tags that a record must have to be read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each sample, or a `Failure` with its number in its file.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read_files(self.path, _samples, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        head = head.removeprefix(BOM)
        return (_ZIPPED.match(head) or _LOOKS.match(head)) is not None


def _samples(file: LogFile) -> Iterator[Conversation | Failure]:
    if file.path is not None and file.member is None and is_zip(file.path):
        yield from _zipped(file.name, file.path)
    else:
        yield from _plain(file)


def _zipped(name: str, path: Path) -> Iterator[Conversation | Failure]:
    """Every sample of an archive, one at a time."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(opened(path))
        except (OSError, *BAD_ARCHIVE) as error:
            yield failed(name, 1, f"file cut off or damaged: {why(error)}")
            return
        every = archive.names
        header, reason = _header(archive, every)
        if reason:
            yield failed(name, 1, f"its header cannot be read: {reason}")
        inside = [each for each in every if each.startswith("samples/")]
        for number, each in enumerate(inside, 1):
            data, reason = _member(archive, each)
            if reason:
                yield failed(name, number, reason)
            else:
                yield attempt(name, number, partial(parsed, data, header))


def _header(archive: Archive, names: list[str]) -> tuple[Header, str]:
    known = next((name for name in _HEADERS if name in names), None)
    if known is None:
        return Header(), "it is not there"
    data, reason = _member(archive, known)
    return (Header(), reason) if reason else _decoded(data)


def _member(archive: Archive, name: str) -> tuple[bytes, str]:
    """One file of the archive, or why it cannot be read."""
    try:
        data = archive.read(name, LONGEST)
    except (*DAMAGE, *BAD_ARCHIVE) as error:
        return b"", f"file cut off or damaged: {why(error)}"
    return (b"", f"record longer than {LONGEST >> 20} MiB") if data is None else (data, "")


def _plain(file: LogFile) -> Iterator[Conversation | Failure]:
    """Every sample of a log that is one JSON object."""
    pieces = chunks(file)
    before, cut_off = b"", ""
    looked = 0
    begins = None
    while begins is None and len(before) <= LONGEST:
        try:
            piece = next(pieces, b"")
        except CutOff as error:
            piece, cut_off = b"", str(error)
        if not piece:
            break
        before += piece
        begins = _BEGINS.search(before, looked)
        looked = max(0, len(before) - _OVERLAP)
    if begins is None:
        if cut_off or (before.strip() and not _whole(before)):
            yield failed(file.name, 1, cut_off or "its header cannot be read, and no sample found")
        return
    header, reason = _decoded(_SAMPLES.sub(b"", before[: begins.start()].removeprefix(BOM)) + b"}")
    if reason:
        yield failed(file.name, 1, f"its header cannot be read: {reason}")
    rest = chain([before[begins.start() :]], pieces)
    for record in elements(rest, _BEGINS, mend=without_constants, inner=True):
        match record:
            case Line():
                yield attempt(file.name, record.number, partial(parsed, record.data, header))
            case Broken():
                yield failed(file.name, record.number, record.reason)


def _whole(data: bytes) -> bool:
    """Whether it is a log without samples."""
    return not _decoded(data.removeprefix(BOM))[1]


def _decoded(data: bytes) -> tuple[Header, str]:
    try:
        return _HEADER.decode(without_constants(data)), ""
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return Header(), reason_of(error)
