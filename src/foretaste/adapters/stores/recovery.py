"""What the segments hold and the ledger may not: found again after a crash."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from foretaste.adapters.stores.ledger import Entry, Ledger, entries
from foretaste.adapters.stores.segments import Segment, bodies, cut, segments, whole_end
from foretaste.errors import StoreUnavailable

_log = logging.getLogger(__name__)


def recovered(folder: Path, ledger: Ledger) -> dict[str, int]:
    """Cut off unfinished writes and index what the ledger lacks; the segments' ends by name."""
    indexed = ledger.indexed()
    require(folder, indexed)
    ends = {}
    for segment in segments(folder):
        name = segment.path.name
        start = indexed.get(name, 0)
        ends[name] = end = whole_end(segment.path, start)
        torn = segment.path.stat().st_size - end
        if torn:
            _log.warning("%s: cut off %d bytes of an unfinished write", segment.path, torn)
            cut(segment.path, end)
        if start < end:
            ledger.begin()
            for row in entries_between(segment, start, end):
                ledger.add(row)
            ledger.commit({name: end})
    return ends


def require(folder: Path, indexed: Iterable[str]) -> None:
    """Check that the segments with these names are there.

    Raises:
        StoreUnavailable: one is not.
    """
    for name in set(indexed) - {segment.path.name for segment in segments(folder)}:
        raise StoreUnavailable(
            f"{folder / name} is gone: rows are lost; restore the file, or delete ledger.sqlite* "
            "to go on without them"
        )


def entries_between(segment: Segment, start: int, end: int) -> Iterator[Entry]:
    """The entries of a segment's rows between two offsets.

    Raises:
        StoreUnavailable: a frame is damaged, or holds something else than rows.
    """
    for offset, lines in bodies(segment.path, start, end):
        try:
            yield from entries(segment.kind, lines)
        except msgspec.MsgspecError as error:
            raise unreadable(segment, offset, error) from error


def unreadable(segment: Segment, offset: int, error: msgspec.MsgspecError) -> StoreUnavailable:
    """The error for a frame whose rows do not decode."""
    return StoreUnavailable(
        f"{segment.path} holds rows at byte {offset} that this Foretaste cannot read as "
        f"{segment.kind}: {error}"
    )
