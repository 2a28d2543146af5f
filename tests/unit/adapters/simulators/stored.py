"""Stored calls and JSON values for the tests of simulators."""

import json
from typing import Any

from hypothesis import strategies as st

from foretaste.adapters.simulators.callbase import StoredCall

NAMES = st.text(st.characters(codec="utf-8"), max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NAMES
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


def shuffled(value: Any, random: Any) -> Any:
    """The same value with the keys of its objects in another order."""
    if isinstance(value, dict):
        items = [(name, shuffled(inner, random)) for name, inner in value.items()]
        random.shuffle(items)
        return dict(items)
    return [shuffled(inner, random) for inner in value] if isinstance(value, list) else value


def stored(tool: str, response: str, source: str = "s", **arguments: Any) -> StoredCall:
    return StoredCall(tool, json.dumps(arguments), response, source)
