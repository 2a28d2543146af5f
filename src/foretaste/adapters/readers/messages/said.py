"""What a dialect's messages come to."""

from typing import NamedTuple

from foretaste.records import Gap, Message


class Said(NamedTuple):
    """Messages in the records' form, and what they show to be lost."""

    messages: tuple[Message, ...]
    lost: frozenset[Gap] = frozenset()
