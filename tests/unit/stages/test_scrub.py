from collections.abc import Iterator
from dataclasses import dataclass

from foretaste.adapters.scrubbers.patterns import Patterns
from foretaste.errors import ItemFailed
from foretaste.records import Conversation, Dialogue, Failure, Message, ScrubbedConversation
from foretaste.stages.scrub import scrub


def conversation(text: str, line: int) -> Conversation:
    dialogue = Dialogue(messages=(Message(role="user", content=text),))
    return Conversation(dialogue=dialogue, source="log.jsonl", line=line)


@dataclass(frozen=True)
class Squeamish:
    """Fails on one text, and quotes it."""

    def __call__(self, conversation: Conversation) -> ScrubbedConversation:
        text = conversation.dialogue.messages[0].content
        if "secret" in text:
            raise ItemFailed(f"cannot scrub {text!r}")
        return ScrubbedConversation(parent=conversation.id, dialogue=conversation.dialogue)


def test_every_conversation_comes_out_scrubbed_and_in_order() -> None:
    raw = [conversation(f"write to person{i}@corp.test", i) for i in range(3)]
    done = list(scrub(raw, scrubber=Patterns(key="k")))

    assert [d.parent for d in done if isinstance(d, ScrubbedConversation)] == [r.id for r in raw]


def test_a_failing_conversation_is_a_failure_that_quotes_nothing() -> None:
    raw = [conversation("secret plans", 7), conversation("fine", 8)]
    failure, fine = scrub(raw, scrubber=Squeamish())

    assert isinstance(failure, Failure)
    assert (failure.stage, failure.item) == ("scrub", raw[0].id)
    assert (failure.source, failure.line) == ("log.jsonl", 7)
    assert "secret" not in failure.reason
    assert isinstance(fine, ScrubbedConversation)


def test_scrubbing_takes_one_record_at_a_time() -> None:
    def endless() -> Iterator[Conversation]:
        line = 0
        while True:
            line += 1
            yield conversation("hello", line)

    first = next(scrub(endless(), scrubber=Patterns()))

    assert isinstance(first, ScrubbedConversation)
