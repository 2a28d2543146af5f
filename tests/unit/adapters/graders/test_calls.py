"""Tool calls as rules see them."""

import pytest

from foretaste.adapters.graders.calls import done, kind_of, same_as, texts_of, words_of
from foretaste.records import Message, ToolCall


def called(*ids: str) -> Message:
    calls = tuple(ToolCall(id=name, name="f", arguments="{}") for name in ids)
    return Message(role="assistant", content="", tool_calls=calls)


def result(name: str | None, content: str) -> Message:
    return Message(role="tool", content=content, tool_call_id=name)


def test_a_result_belongs_to_the_last_open_call_of_its_id() -> None:
    messages = [called("1", "2"), result("2", "b"), called("2"), result("2", "c"), result("9", "d")]

    assert [each.result for each in done(messages)] == [None, "b", "c"]


@pytest.mark.parametrize(
    "content",
    [
        "Error: no seat",
        "ERROR - x",
        '{"error": "x"}',
        '{"status": "failed"}',
        '{"isError": true}',
        "Traceback (most recent call last)",
    ],
)
def test_a_result_that_begins_or_says_as_an_error_failed(content: str) -> None:
    (each,) = done([called("1"), result("1", content)])

    assert each.failed
    assert not each.worked


@pytest.mark.parametrize("content", ["", "no errors", '{"error": null}', "3 tests, 0 failed"])
def test_a_result_that_only_holds_the_word_did_not_fail(content: str) -> None:
    (each,) = done([called("1"), result("1", content)])

    assert each.worked


def test_a_call_without_a_result_neither_worked_nor_failed() -> None:
    (each,) = done([called("1")])

    assert (each.worked, each.failed) == (False, False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("get_user", "read"),
        ("mcp__github__list_deleted", "read"),
        ("cancelOrder", "write"),
        ("send_email", "write"),
        ("execute_command", "run"),
        ("Bash", "run"),
        ("frobnicate", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_tool_is_for_what_the_first_telling_word_of_its_name_says(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_names_are_cut_into_words_however_they_are_written() -> None:
    assert words_of("mcp__git.pushForce-HTTPNow") == ["mcp", "git", "push", "force", "http", "now"]


def test_calls_are_the_same_however_their_arguments_are_written() -> None:
    one = ToolCall(id="1", name="f", arguments='{"a": 1, "b": [2]}')
    two = ToolCall(id="2", name="f", arguments='{"b":[2],"a":1}')
    broken = ToolCall(id="3", name="f", arguments='{"a":')

    assert same_as(one) == same_as(two)
    assert same_as(broken) == ("f", '{"a":')
    assert texts_of(broken) == ['{"a":']
