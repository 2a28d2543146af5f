"""Events of a streamed answer, as proxies log them: a list, or the text of the stream."""

import re
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from foretaste.records import JSON

_DATA = re.compile(r"^data: ?(.*)$", re.MULTILINE)
_END = "[DONE]"


def events_of(value: JSON) -> list[JSON]:
    """The events of a stream; none where it is no stream. One that is cut off is left out."""
    if isinstance(value, list):
        return value
    found = _DATA.findall(value) if isinstance(value, str) else []
    sent = [data for data in found if data.rstrip() != _END]
    try:
        events: list[JSON] = msgspec.json.decode(f"[{','.join(sent)}]")  # a third of the time
    except msgspec.DecodeError:
        events = []
    return events if len(events) == len(sent) else [*_one_by_one(sent)]


def _one_by_one(sent: list[str]) -> Iterator[JSON]:
    for data in sent:
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(data)
