"""Read a log."""

from collections.abc import Iterator

from foretaste.errors import LogError
from foretaste.protocols import Reader
from foretaste.records import Conversation, Failure


def ingest(reader: Reader) -> Iterator[Conversation | Failure]:
    """Yield each record of a log as it is read.

    Raises:
        LogError: the log cannot be opened, or not one record of it can be read.
    """
    first: Failure | None = None
    failed = 0
    readable = False
    for record in reader():
        if isinstance(record, Failure):
            first = first or record
            failed += 1
        else:
            readable = True
        yield record
    if first is not None and not readable:
        count = "1 record" if failed == 1 else f"{failed} records"
        raise LogError(f"none of {count} could be read; first: {first.item}: {first.reason}")
