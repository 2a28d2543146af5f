"""Cuts one long JSON array into its elements without parsing them, and finds its way back into it.

A parser gives up at the first wrong byte. Here a broken element costs itself and no other: the
next one is found again by how an element of this log begins.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from foretaste.adapters.readers.files.streams import (
    BOM,
    LONGEST,
    Broken,
    CutOff,
    Line,
    LogFile,
    beginning,
    chunks,
    filled_lines,
)

DEEPEST = 64
"""How deep an element may be nested; a runaway string shows up as depth."""

_TOKEN = re.compile(rb'["{}\[\]]')
_STRING = re.compile(rb'[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+')
_BETWEEN = re.compile(rb"[\s,]*+")
_SCALAR_END = re.compile(rb"[\s,\]]")
_RAW = msgspec.json.Decoder(msgspec.Raw)
_OVERLAP = 256  # bytes kept while looking for the next beginning, which may straddle two pieces


class _Lost(Exception):
    """The element has no end where one could be."""


def lines_or_elements(
    file: LogFile, line: re.Pattern[bytes], begins: re.Pattern[bytes]
) -> Iterator[Line | Broken]:
    """Yield the records of a file that holds one a line, or one array of them, or one alone.

    Args:
        file: what is read.
        line: how a file begins that holds one record a line.
        begins: how a record begins, as `elements` wants it.
    """
    if line.match(beginning(file).removeprefix(BOM)):
        return filled_lines(file)
    return elements(chunks(file), begins)


def elements(
    pieces: Iterable[bytes],
    begins: re.Pattern[bytes],
    *,
    mend: Callable[[bytes], bytes] | None = None,
    inner: bool = False,
) -> Iterator[Line | Broken]:
    """Yield the elements of a JSON array, numbered from 1; what is broken is `Broken`.

    Values that follow each other without an array around them are read alike.

    Args:
        pieces: the bytes of the array; may raise `CutOff`.
        begins: how an element of this log begins. It must not match inside a JSON string, which
            a pattern with bare quotation marks cannot.
        mend: what to try on an element that is no JSON, before it is given up.
        inner: the array lies inside of something, so that more follows it.
    """
    yield from _Cutter(pieces, begins, mend, inner=inner).elements()


class _Cutter:
    def __init__(
        self,
        pieces: Iterable[bytes],
        begins: re.Pattern[bytes],
        mend: Callable[[bytes], bytes] | None,
        *,
        inner: bool,
    ) -> None:
        self._pieces = iter(pieces)
        self._begins = begins
        self._mend = mend
        self._inner = inner
        self._data = b""  # what is not cut yet; its first byte is byte `_offset` of the file
        self._offset = 0
        self._damage = ""

    def elements(self) -> Iterator[Line | Broken]:
        number = 0
        self._more()
        self._drop(len(BOM) if self._data.startswith(BOM) else 0)
        opened = self._next() == b"["
        self._drop(1 if opened else 0)
        while True:
            first = self._next()
            if first == b"]" and (opened or self._inner):
                self._drop(1)
                if self._inner or not (self._next() or self._damage):
                    return
                number += 1
                yield Broken(number, self._damage or "data after the end of the array")
                if not self._recover():
                    return
                continue
            if not (first or opened or self._damage):
                return
            number += 1
            if not first:
                yield Broken(number, self._cut_off(f"after record {number - 1}"))
                return
            try:
                end = self._end()
                data = self._checked(end)
            except _Lost as lost:
                yield Broken(number, f"{lost} (record at byte {self._offset})")
                self._drop(1)
                if not self._recover():
                    return
            else:
                yield Line(number, data)
                self._drop(end)

    def _drop(self, size: int) -> None:
        self._data = self._data[size:]
        self._offset += size

    def _more(self) -> bool:
        """Take in more bytes, the more the longer an element is; False at the end of the file."""
        found = [self._data]
        wanted = 1 + len(self._data) // 2
        try:
            while wanted > 0:
                piece = next(self._pieces)
                found.append(piece)
                wanted -= len(piece)
        except StopIteration:
            pass
        except CutOff as error:
            self._damage = str(error)
            self._pieces = iter(())
        self._data = b"".join(found)
        return len(found) > 1

    def _cut_off(self, where: str) -> str:
        return f"{self._damage or 'file cut off'} {where}"

    def _next(self) -> bytes:
        """Go on to the next element; its first byte, or nothing at the end of the file."""
        while True:
            self._drop(_BETWEEN.match(self._data).end())  # type: ignore[union-attr]
            if self._data or not self._more():
                return self._data[:1]

    def _stray(self) -> bool:
        """Whether a bracket stands right before an element, so that it would swallow the rest."""
        inner = _BETWEEN.match(self._data, 1).end()  # type: ignore[union-attr]
        return self._data[:1] == b"[" and self._begins.match(self._data, inner) is not None

    def _end(self) -> int:
        """Find where the element ends that begins at the first byte."""
        if self._data[:1] not in b'{["':
            while not (found := _SCALAR_END.search(self._data)):
                self._need_more()
            return found.start()
        if self._stray():
            raise _Lost("a bracket too many")
        at = depth = 0
        while True:
            token = _TOKEN.search(self._data, at)
            if token is None:
                at = len(self._data)
                self._need_more()
                continue
            at = token.end()
            kind = token.group()
            if kind == b'"':
                at = self._string_end(at)
            elif kind in b"{[":
                depth += 1
                if depth > DEEPEST:
                    raise _Lost("nested too deeply")
            else:
                depth -= 1
            if depth <= 0:
                return at

    def _string_end(self, at: int) -> int:
        while True:
            end = _STRING.match(self._data, at).end()  # type: ignore[union-attr]
            # A backslash may be the last byte of a piece.
            if end < len(self._data) - 1 or self._data[end:] == b'"':
                if self._data[end : end + 1] == b'"':
                    return end + 1
                raise _Lost("not JSON: a string that does not end")
            self._need_more()

    def _need_more(self) -> None:
        if len(self._data) > LONGEST:
            raise _Lost(f"record longer than {LONGEST >> 20} MiB")
        if not self._more():
            raise _Lost(self._cut_off("inside a record"))

    def _checked(self, end: int) -> bytes:
        data = self._data[:end]
        for mend in (None, self._mend):
            try:
                data = mend(data) if mend else data
                _RAW.decode(data)
            except (msgspec.MsgspecError, UnicodeError) as error:
                why = error
            else:
                return data
        raise _Lost("not JSON") from why

    def _recover(self) -> bool:
        """Go on to where the next element begins; False where none does."""
        while not (found := self._begins.search(self._data)):
            self._drop(max(0, len(self._data) - _OVERLAP))
            if not self._more():
                return False
        self._drop(found.start())
        return True
