"""JSON as logs hold it."""

import json
from typing import Any


def as_lines(records: list[dict[str, Any]]) -> bytes:
    """One record a line."""
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def as_array(records: list[dict[str, Any]]) -> bytes:
    """One array of all, indented."""
    return json.dumps(records, indent=2, ensure_ascii=False).encode()
