"""Scrub: from conversations as logged to the only ones that a model may see."""

from collections.abc import Iterable, Iterator

from foretaste.errors import ItemFailed
from foretaste.protocols import Scrubber
from foretaste.records import Conversation, Failure, ScrubbedConversation


def scrub(
    records: Iterable[Conversation], *, scrubber: Scrubber
) -> Iterator[ScrubbedConversation | Failure]:
    """Scrub conversations, one after another, in order.

    One that the scrubber gives up is a `Failure`. What the scrubber says about it is left out:
    it may quote the conversation, and failures are shown.
    """
    for conversation in records:
        try:
            yield scrubber(conversation)
        except ItemFailed:
            yield Failure(
                stage="scrub",
                item=conversation.id,
                reason="the scrubber could not scrub it whole",
                source=conversation.source,
                line=conversation.line,
            )
