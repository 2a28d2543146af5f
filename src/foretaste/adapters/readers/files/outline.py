"""The outermost keys of a log's first record, from the first bytes alone."""

import re
from collections.abc import Iterator

from foretaste.adapters.readers.files.streams import BOM

_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"|[{}\[\]:,]', re.DOTALL)
_BEGINS = re.compile(rb"\s*(?:\[\s*)?(?=\{)")


def keys(head: bytes) -> frozenset[str]:
    """The keys of the first object, or of the first in an array, as far as the bytes go.

    Keys behind a value that does not end within the bytes are not seen. What is no JSON has none.
    """
    head = head.removeprefix(BOM)
    begins = _BEGINS.match(head)
    return frozenset(_keys(head, begins.end()) if begins else ())


def _keys(head: bytes, at: int) -> Iterator[str]:
    depth = 0
    last: bytes | None = None
    while token := _TOKEN.search(head, at):
        at = token.end()
        match token.group()[:1]:
            case b'"':
                last = token.group(1)
                continue
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
                if depth <= 0:
                    return
            case b":" if depth == 1 and last is not None:
                yield last.decode(errors="replace")
        last = None
