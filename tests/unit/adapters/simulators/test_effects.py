import time
from typing import Any

import pytest

from foretaste.adapters.simulators.effects import Effects, values
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import ToolCall
from unit.adapters.simulators.asking import call


def acted(*calls: ToolCall) -> list[Act]:
    return [Act(each, ToolAnswer("ok", "test", "")) for each in calls]


@pytest.mark.parametrize(
    "name",
    [
        *("get_user_details", "search_direct_flight", "list_all_airports", "calculate", "think"),
        *("Read", "Grep", "Glob", "LS", "WebSearch", "getUser", "ListFiles", "github.get_issue"),
        *("mcp__github__search_code", "lookup", "find-file", "ls", "SearchDocs"),
    ],
)
def test_a_tool_named_like_reading_reads(name: str) -> None:
    assert not Effects().may_write(name)


@pytest.mark.parametrize(
    "name",
    [
        *("book_reservation", "cancel_reservation", "bash", "Write", "Edit", "execute", ""),
        *("getaway_booking", "listen", "viewer_delete", "transfer_to_human_agents", "Readjust"),
        *("delete_list", "mark_read", "create-view", "send_count", "mcp__github__delete_list"),
        *("get_or_create_user", "findAndModify", "search_and_replace", "readAndDelete"),
    ],
)
def test_any_other_tool_may_write(name: str) -> None:
    assert Effects().may_write(name)


def test_a_name_of_many_parts_takes_no_time() -> None:
    began = time.monotonic()

    assert Effects().may_write("a_" * 50_000 + "!")
    assert Effects().may_write("_" * 100_000)
    assert time.monotonic() - began < 5


def test_a_call_that_was_not_done_changed_nothing() -> None:
    failed = Act(call("book", id="ABC123"), ToolAnswer("503", "test", "", done=False))

    assert Effects().state([failed]) == ()
    assert Effects().touched(call("get_trip", id="ABC123"), [failed]) is None


def test_what_the_plan_says_goes_before_the_name() -> None:
    effects = Effects(reads=("bash", "get_*"), writes=("get_and_delete",))

    assert not effects.may_write("bash")
    assert not effects.may_write("get_user")
    assert effects.may_write("get_and_delete")


def test_reads_make_no_state_and_the_spelling_of_arguments_does_not_matter() -> None:
    one = Effects().state(acted(call("get_user"), call("book", '{"b": 1, "a": 2}')))
    other = Effects().state(acted(call("book", '{"a":2,"b":1}'), call("get_user", id="x")))

    assert one == other
    assert one != Effects().state(acted(call("book", '{"a": 3, "b": 1}')))


def test_the_order_of_writes_makes_another_state() -> None:
    first, second = call("book", id="one"), call("cancel", id="two")

    assert Effects().state(acted(first, second)) != Effects().state(acted(second, first))


def test_a_call_about_what_was_written_is_touched_by_the_last_such_write() -> None:
    book, cancel = call("book", trips=[{"id": "ABC123"}]), call("cancel", id="XYZ789")
    before = acted(book, cancel, call("get_trip", id="ABC123"))

    assert Effects().touched(call("get_trip", id="ABC123"), before) == book
    assert Effects().touched(call("get_trip", id="QQQ000"), before) is None


def test_a_call_without_values_is_about_everything() -> None:
    assert Effects().touched(call("list_trips"), acted(call("book", id="ABC123"))) is not None
    assert Effects().touched(call("get_trip", id="ABC123"), acted(call("reset"))) is not None
    assert Effects().touched(call("list_trips"), acted(call("get_trip", id="ABC123"))) is None


def test_values_are_names_and_numbers_not_truths_or_short_codes() -> None:
    given: dict[str, Any] = {"id": "ABC123", "n": 1500, "deep": {"x": ["JFK", True, None, 7, "ok"]}}

    assert values(call("book", **given)) == {"ABC123", "1500", "JFK"}
    assert values(call("book", "{broken")) == {"{broken"}
    assert values(call("book", "")) == frozenset()
