from datetime import UTC, datetime, timedelta

import pytest

from foretaste.records import Dialogue, Dropped, Message, ScrubbedConversation
from foretaste.stages.curate import curate

USER = Message(role="user", content="hi")
ANSWER = Message(role="assistant", content="hello")
TOOL = Message(role="tool", content="42")
SYSTEM = Message(role="system", content="be brief")
NOON = datetime(2026, 10, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scrubbed(
    *messages: Message,
    parent: str = "a",
    at: datetime | None = NOON,
    own_from: int = 0,
    tags: dict[str, str] | None = None,
) -> ScrubbedConversation:
    dialogue = Dialogue(
        messages=messages or (USER, ANSWER), started_at=at, tags=tags or {}, own_from=own_from
    )
    return ScrubbedConversation(parent=parent, dialogue=dialogue)


def fate(
    item: ScrubbedConversation,
    since: datetime | None = None,
    until: datetime | None = None,
    consent: str | None = None,
) -> str:
    (result,) = curate([item], since=since, until=until, consent=consent)
    return result.reason if isinstance(result, Dropped) else "kept"


def test_a_plain_conversation_is_kept_as_it_is() -> None:
    item = scrubbed()

    assert list(curate([item], since=None, until=None)) == [item]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (NOON, None, "kept"),
        (NOON + HOUR, None, "before the window"),
        (None, NOON, "after the window"),
        (None, NOON + HOUR, "kept"),
        (NOON - HOUR, NOON + HOUR, "kept"),
    ],
)
def test_the_window_holds_its_first_moment_and_not_its_last(
    since: datetime | None, until: datetime | None, expected: str
) -> None:
    assert fate(scrubbed(), since, until) == expected


def test_no_time_drops_only_where_a_window_is_set() -> None:
    assert fate(scrubbed(at=None)) == "kept"
    assert fate(scrubbed(at=None), since=NOON) == "no time, and a window is set"
    assert fate(scrubbed(at=None), until=NOON) == "no time, and a window is set"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"opt_in": "true"}, "kept"),
        ({"opt_in": "True"}, "kept"),
        ({"opt_in": "1"}, "kept"),
        ({"opt_in": "false"}, "no consent"),
        ({"opt_in": ""}, "no consent"),
        ({"opt_in": "unknown"}, "no consent"),
        ({}, "no consent"),
    ],
)
def test_consent_is_only_what_says_so(tags: dict[str, str], expected: str) -> None:
    assert fate(scrubbed(tags=tags), consent="opt_in") == expected


def test_the_second_of_two_equal_ids_is_a_duplicate() -> None:
    results = list(curate([scrubbed(), scrubbed(), scrubbed(parent="b")], since=None, until=None))

    assert [isinstance(r, Dropped) for r in results] == [False, True, False]
    assert isinstance(results[1], Dropped)
    assert results[1].reason == "duplicate"
    assert results[1].parent == scrubbed().id


@pytest.mark.parametrize(
    ("messages", "own_from", "expected"),
    [
        ((SYSTEM, USER, ANSWER), 0, "kept"),
        ((USER,), 0, "no turn to replay"),
        ((ANSWER, USER), 0, "no turn to replay"),
        ((SYSTEM, ANSWER), 0, "no turn to replay"),
        ((USER, TOOL, ANSWER), 0, "no turn to replay"),
        ((USER, ANSWER, USER, ANSWER), 3, "kept"),
        ((USER, ANSWER, USER), 2, "no turn to replay"),
        ((USER, ANSWER), 1, "kept"),
    ],
)
def test_a_conversation_needs_an_answer_of_its_own_to_a_user(
    messages: tuple[Message, ...], own_from: int, expected: str
) -> None:
    assert fate(scrubbed(*messages, own_from=own_from)) == expected
