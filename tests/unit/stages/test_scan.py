"""What a log holds."""

from datetime import UTC, datetime
from typing import Any

from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Message, ToolCall
from foretaste.stages.scan import LogSummary, TagValues, scan

USER = Message(role="user", content="u" * 40)
ANSWER = Message(role="assistant", content="a" * 80)
CALL = Message(
    role="assistant", content="", tool_calls=(ToolCall(id="1", name="look", arguments='{"a":1}9'),)
)
RESULT = Message(role="tool", content="r" * 100)


def conversation(
    *messages: Message, line: int = 1, user: str | None = None, **more: Any
) -> Conversation:
    dialogue = Dialogue(messages=messages or (USER, ANSWER), **more)
    return Conversation(dialogue=dialogue, source="log", line=line, user=user)


def summary(*records: Conversation | Failure) -> LogSummary:
    return scan(records, language=lambda text: "en" if text.startswith("u") else None)


def failure(line: int, reason: str) -> Failure:
    return Failure(stage="ingest", item=f"log:{line}", reason=reason)


def test_an_empty_log_has_zero_conversations_and_no_times_or_users() -> None:
    found = summary()

    assert (found.conversations, found.since, found.until, found.users) == (0, None, None, None)


def test_failures_are_counted_by_reason_with_their_first_places() -> None:
    reasons = [failure(n, f"wrong shape at messages[{n}]") for n in range(1, 6)]

    found = summary(*reasons, failure(9, "no messages"))

    assert list(found.failures) == ["wrong shape at messages[N]", "no messages"]
    assert found.failures["wrong shape at messages[N]"].count == 5
    assert found.failures["wrong shape at messages[N]"].places == ("log:1", "log:2", "log:3")


def test_turns_are_counted_by_the_rule_that_sampling_uses() -> None:
    found = summary(conversation(USER, ANSWER, USER, CALL, RESULT, ANSWER), conversation(USER))

    assert (found.assistant_turns, found.user_turns, found.replayable) == (2, 3, 1)


def test_what_a_request_repeats_of_earlier_ones_is_no_user_turn_again() -> None:
    found = summary(conversation(USER, ANSWER, USER, USER, ANSWER, own_from=4))

    assert (found.assistant_turns, found.user_turns) == (1, 2)


def test_labels_are_counted_by_what_they_are_about() -> None:
    good, bad = Label(name="helpful", value=True), Label(name="helpful", value=False, by="human")

    found = summary(
        conversation(labels=(good, Label(name="tone", value=3))), conversation(labels=(bad,))
    )

    assert list(found.labels.items()) == [("helpful", 2), ("tone", 1)]


def test_tokens_are_those_of_every_model_call_with_all_before_it() -> None:
    found = summary(conversation(USER, CALL, RESULT, ANSWER))

    assert found.estimated_input_tokens == (40 + (40 + 12 + 100)) // 4
    assert found.estimated_output_tokens == (12 + 80) // 4


def test_models_languages_users_and_times_are_summed_up() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    found = summary(
        conversation(model="b", started_at=late, user="x"),
        conversation(model="b", started_at=early, user="x"),
        conversation(Message(role="user", content="?"), user="y"),
    )

    assert found.models == {"b": 2, "unknown": 1}
    assert found.languages == {"en": 2, "unknown": 1}
    assert (found.since, found.until, found.users) == (early, late, 2)


def test_tools_settings_and_gaps_are_counted_most_frequent_first() -> None:
    found = summary(
        conversation(USER, CALL, settings={"seed": 1, "top_p": 1}, gaps=(Gap.USER,)),
        conversation(settings={"top_p": 1}, gaps=(Gap.TIME, Gap.USER)),
    )

    assert found.tools == {"look": 1}
    assert list(found.settings.items()) == [("top_p", 2), ("seed", 1)]
    assert list(found.gaps.items()) == [("user id", 2), ("time", 1)]


def test_a_tag_with_many_values_is_an_id_and_is_left_out() -> None:
    rows = [conversation(tags={"few": str(n % 7), "id": str(n)}, line=n) for n in range(1, 60)]

    found = summary(*rows)

    assert set(found.tags) == {"few"}
    assert found.tags["few"].distinct == 7
    assert len(found.tags["few"].most_common) == 5


def test_a_tag_of_fifty_values_is_still_shown() -> None:
    rows = [conversation(tags={"t": "x" if n > 50 else str(n)}, line=n) for n in range(2, 60)]

    found = summary(*rows)

    assert found.tags == {
        "t": TagValues(distinct=50, most_common={"x": 9, "10": 1, "11": 1, "12": 1, "13": 1})
    }
