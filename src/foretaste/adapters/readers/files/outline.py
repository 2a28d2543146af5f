"""What keys a record has, seen from its first bytes: the record may be cut off anywhere."""

import re
from collections.abc import Iterator

from foretaste.adapters.readers.files.streams import BOM

Outline = dict[str, set[bytes]]
"""Paths such as `request.messages[].role`, each with the strings found there."""

_TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.DOTALL)
_ON_A_LINE = re.compile(rb'\s*\{[^\n]*?"[ \t]*:')
_LINES = 20  # that are looked at: the first ones may be damaged, or of a kind of their own
_DEEPEST = 6
_LONGEST = 100  # bytes of a string that are kept


def outlines(head: bytes) -> Iterator[Outline]:
    """The outline of each of the first records, where they stand one a line; else of the first."""
    head = head.removeprefix(BOM)
    if not _ON_A_LINE.match(head):
        yield outline(head)
        return
    filled = (line for line in head.splitlines() if line.strip())
    for _, line in zip(range(_LINES), filled, strict=False):
        yield outline(line)


def outline(head: bytes) -> Outline:
    """The paths of the first object in these bytes; an array around it is left out."""
    found: Outline = {}
    inside: list[tuple[str | None, bool]] = []  # path of each open value, whether it is an object
    key: str | None = None  # of the value that comes next
    for token in _TOKEN.finditer(head.removeprefix(BOM)):
        text, sign = token.group(1), token.group()
        path, is_object = inside[-1] if inside else ("", False)
        if text is not None and is_object and key is None:
            key = text[:_LONGEST].decode(errors="replace")
        elif sign in (b"]", b"}"):
            if len(inside) <= 1 or inside.pop() == ("", True):
                break
            key = None
        elif sign == b",":
            key = None
        elif sign != b":":
            here = _place(path, key, in_object=is_object) if len(inside) <= _DEEPEST else None
            if here:
                found.setdefault(here, set()).update([text[:_LONGEST]] if text is not None else ())
            if sign in (b"{", b"["):
                inside.append((here, sign == b"{"))
                key = None
    return found


def fields(found: Outline, place: str) -> frozenset[str]:
    """Names of the fields of the object at a place, or in a list there; the outermost is ""."""
    split = (path.rpartition(".") for path in found)
    wanted = {place, f"{place}[]"} if place else {""}
    return frozenset(name for at, _, name in split if at in wanted and name[-2:] != "[]")


def _place(path: str | None, key: str | None, *, in_object: bool) -> str | None:
    if path is None:
        return None
    if not in_object:
        return f"{path}[]" if path else ""
    return f"{path}.{key}" if path else key
