"""Thumbs up and down of a ChatGPT export, in a file beside its conversations."""

import re

import msgspec

from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.streams import STDIN, Line, chunks, files, unpacked
from foretaste.errors import LogError

NAME = "message_feedback.json"

_BEGINS = re.compile(rb'\{\s*"')
_VALUES = {"thumbsup": "up", "thumbsdown": "down"}


class _Rated(msgspec.Struct):
    rating: str
    id: str | None = None
    message_id: str | None = None


_RATED = msgspec.json.Decoder(_Rated)


def ratings(path: str) -> dict[str, str]:
    """`up` or `down` by the message's id; what cannot be read rates nothing."""
    found: dict[str, str] = {}
    if path == STDIN:
        return found
    for file in (inner for outer in files(path) for inner in unpacked(outer)):
        if file.name.rpartition("/")[2] != NAME:
            continue
        try:
            for record in elements(chunks(file), _BEGINS):
                if isinstance(record, Line):
                    found |= _rating(record.data)
        except LogError:
            continue
    return found


def _rating(data: bytes) -> dict[str, str]:
    try:
        rated = _RATED.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    name = rated.message_id or rated.id
    value = _VALUES.get(rated.rating.replace("_", "").lower())
    return {name: value} if name and value else {}
