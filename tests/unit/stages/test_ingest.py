"""Reading a log."""

from collections.abc import Iterator

import pytest

from foretaste.errors import LogError
from foretaste.records import Conversation, Dialogue, Failure, Message
from foretaste.stages.ingest import ingest

GOOD = Conversation(
    dialogue=Dialogue(messages=(Message(role="user", content="hi"),)), source="log", line=2
)


def bad(line: int) -> Failure:
    return Failure(stage="ingest", item=f"log:{line}", reason="not JSON", source="log", line=line)


def test_records_and_failures_pass_through_in_order() -> None:
    def reader() -> Iterator[Conversation | Failure]:
        yield from (bad(1), GOOD, bad(3))

    found = list(ingest(reader))

    assert found == [bad(1), GOOD, bad(3)]


def test_a_log_of_which_nothing_can_be_read_is_an_error_that_names_the_first_place() -> None:
    def reader() -> Iterator[Conversation | Failure]:
        yield from (bad(1), bad(2))

    records = ingest(reader)

    assert [next(records), next(records)] == [bad(1), bad(2)]
    with pytest.raises(LogError, match=r"none of 2 records could be read; first: log:1: not JSON"):
        next(records)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    def reader() -> Iterator[Conversation | Failure]:
        yield GOOD
        raise AssertionError("read too far")

    records = ingest(reader)

    assert next(records) == GOOD
