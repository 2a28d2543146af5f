"""Short ways to scrub one text, for the tests of the scrubber."""

from foretaste.adapters.scrubbers.patterns import Patterns
from foretaste.records import Conversation, Dialogue, Message

MIXED = "a7Bq9ZkX2mWv4TtY8nLc6RdP3hJf5GsE1uQo0iKxVbNwMzAyCeDgHjUrSpFlOa2B4c6D8e0FgHiJkL"
"""Letters and digits to build fake keys of: whole keys in a source file alarm key scanners."""


def conversation(*texts: str, user: str | None = None) -> Conversation:
    """A conversation in which user and assistant take turns."""
    messages = tuple(
        Message(role="assistant" if place % 2 else "user", content=text)
        for place, text in enumerate(texts)
    )
    return Conversation(dialogue=Dialogue(messages=messages), source="log", line=1, user=user)


def scrubbed(*texts: str, key: str = "secret") -> list[str]:
    """The texts of one conversation after scrubbing."""
    result = Patterns(key=key)(conversation(*texts))
    return [message.content for message in result.dialogue.messages]


def kinds(text: str) -> dict[str, int]:
    """What was replaced in a text."""
    return Patterns(key="secret")(conversation(text)).replaced
