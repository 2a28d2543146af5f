"""Tool calls as simulators compare them."""

import msgspec

from foretaste.records import ToolCall

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
