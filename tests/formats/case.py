"""One way in which a format is written down."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Case(NamedTuple):
    """A format, and how to write a good log of it.

    Record `n` holds one conversation: the user says `q<n>`, the assistant's last words are `é<n>`,
    its key is `k<n>`, and its tags hold `draw`, which is `n % 2`.
    """

    format: str  # name of its reader
    record: Callable[[int], dict[str, Any]]
    dump: Callable[[list[dict[str, Any]]], bytes]
    fields: tuple[str, ...] = ()  # of a record, for the fuzzer
    apart: bool = True  # each record is a conversation, and one that is damaged costs no other
    text: bool = True  # JSON in UTF-8, whatever else may be around it
    tagged: bool = True  # records hold the tag `draw`
