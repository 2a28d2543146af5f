"""Tool calls as simulators compare them."""

from typing import Any

import msgspec

from foretaste.records import ToolCall


def canonical(call: ToolCall) -> tuple[str, str]:
    """Name and arguments, so that key order and white space do not matter."""
    return call.name, canonical_arguments(call.arguments)


def canonical_arguments(arguments: str) -> str:
    """JSON text with sorted keys and no white space; what is no JSON stays as it is."""
    try:
        parsed: Any = msgspec.json.decode(arguments)
        return msgspec.json.encode(parsed, order="deterministic").decode()
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return arguments
