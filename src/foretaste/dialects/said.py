"""What a dialect's messages come to, or that they are none."""

from typing import NamedTuple

from foretaste.records import Gap, Message


class Unreadable(Exception):
    """A record that does not have the shape it should have; the message never quotes it."""


class Said(NamedTuple):
    """Messages in the records' form, and what they show to be lost."""

    messages: tuple[Message, ...]
    lost: frozenset[Gap] = frozenset()
