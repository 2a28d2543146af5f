"""Tells records from failures where both come out of one stage."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from foretaste.records import Failure

Kind = TypeVar("Kind")


def usable(
    records: Iterable[Kind | Failure],
    kind: type[Kind],
    lose: Callable[[Failure], None] = lambda _: None,
) -> Iterator[Kind]:
    """The records of a kind; what failed is handed to `lose`."""
    for record in records:
        if isinstance(record, kind):
            yield record
        elif isinstance(record, Failure):
            lose(record)
