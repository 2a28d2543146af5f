"""Tool calls, as they are compared, and with their results."""

from collections.abc import Iterable

import msgspec

from foretaste.records import Message, ToolCall

# Made once, as a look-up among stored calls takes a few microseconds in all.
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(call: ToolCall) -> tuple[str, str]:
    """Name and arguments, so that key order and white space do not matter."""
    return call.name, canonical_arguments(call.arguments)


def canonical_arguments(arguments: str) -> str:
    """JSON text with sorted keys and no white space; what is no JSON stays as it is."""
    return canonical_bytes(arguments).decode("utf-8", "surrogatepass")


def canonical_bytes(arguments: str) -> bytes:
    """The same as UTF-8, for hashing."""
    try:
        return _encode(_decode(arguments))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return arguments.encode("utf-8", "surrogatepass")


def storable(text: str) -> str:
    """A tool's text without halves of surrogate pairs, which no store takes; each becomes `?`."""
    return text.encode(errors="replace").decode()


def pairs(messages: Iterable[Message]) -> list[tuple[ToolCall, Message | None]]:
    """Every tool call in order, with its result, or None where the log has none.

    A result belongs to the last open call of its id: logs use an id more than once.
    """
    found: list[tuple[ToolCall, Message | None]] = []
    still_open: dict[str | None, int] = {}  # by id: place in `found`
    for message in messages:
        for call in message.tool_calls:
            still_open[call.id] = len(found)
            found.append((call, None))
        if message.role == "tool" and message.tool_call_id in still_open:
            place = still_open.pop(message.tool_call_id)
            found[place] = (found[place][0], message)
    return found
