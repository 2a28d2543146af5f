"""Events of a streamed answer, as proxies log them: a list, or the text of the stream."""

import re

import msgspec

from foretaste.records import JSON

_DATA = re.compile(r"^data: ?(.*)$", re.MULTILINE)


def events_of(value: JSON) -> list[JSON]:
    """The events of a stream; none where it is no stream. One that is cut off is left out."""
    if isinstance(value, list):
        return value
    found = []
    for data in _DATA.findall(value) if isinstance(value, str) else ():
        try:
            found.append(msgspec.json.decode(data))
        except msgspec.DecodeError:  # `[DONE]`, too
            continue
    return found
