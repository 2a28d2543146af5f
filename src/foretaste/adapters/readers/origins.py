"""Where a tracer keeps an answer: ids that a program drew, so that a finding can be led back."""

import re

# Of W3C's trace context, a UUID, a CUID: drawn at random. Whoever may choose an id may write a name
# or an address into it.
_DRAWN = re.compile(
    r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|c[0-9a-z]{24}"
)


def origin_of(message: int, trace: str, span: str) -> dict[str, str]:
    """A message's `trace/span`; nothing where one of the two is not an id that was drawn."""
    ids = trace.lower(), span.lower()
    return {str(message): "/".join(ids)} if all(map(_DRAWN.fullmatch, ids)) else {}
