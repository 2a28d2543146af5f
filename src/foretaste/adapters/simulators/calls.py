"""Tool calls as simulators compare them."""

from typing import Any

import msgspec

from foretaste.records import ToolCall


def canonical(call: ToolCall) -> tuple[str, str]:
    """Name and arguments, so that key order and white space do not matter."""
    try:
        parsed: Any = msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return call.name, call.arguments
    return call.name, msgspec.json.encode(parsed, order="deterministic").decode()
