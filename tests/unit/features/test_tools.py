import pytest

from foretaste.features.tools import kind_of, tools
from unit.lanes import call
from unit.looks import turn


def test_a_call_shows_its_tool_its_arguments_and_what_kind_of_value_each_holds() -> None:
    seen = set(tools((call("search", '{"query": "12 * 7", "limit": 3}'),)))

    assert seen == {
        ("tool", "search"),
        ("arguments", "search(limit, query)"),
        ("argument", "search(limit: number)"),
        ("argument", "search(query: arithmetic expression)"),
    }


def test_calls_that_follow_each_other_are_pairs_and_triples() -> None:
    messages = turn(("a", "{}", "1"), ("b", "{}", "2"), ("c", "{}", None))
    found = [seen.what for seen in tools(messages) if seen.kind == "calls"]

    assert found == ["a → b", "b → c", "a → b → c"]


@pytest.mark.parametrize("arguments", ["{", "[1]", '"x"', "[" * 100_000])
def test_arguments_that_are_no_object_are_a_feature_of_their_own(arguments: str) -> None:
    seen = set(tools((call("a", arguments),)))

    assert seen == {("tool", "a"), ("arguments", "a(no JSON object)")}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("12*7", "arithmetic expression"),
        ("what is (3 + 4) / 2?", "arithmetic expression"),
        ("15% of 80", "arithmetic expression"),
        ("sqrt(16)", "arithmetic expression"),
        ("24/7 support", "text"),
        ("2026-01-02", "date"),
        ("1/2/2026", "date"),
        ("12,000", "number as text"),
        ("https://a.example/1/2", "url"),
        ("a@b.example", "email"),
        ("/etc/passwd", "path"),
        ("A-1234", "id"),
        ("hello", "word"),
        ("who is it?", "question"),
        ("one\ntwo", "several lines"),
        ("", "empty"),
        (3, "number"),
        (True, "boolean"),
        (None, "null"),
        ([1], "list"),
        ({}, "object"),
    ],
)
def test_a_value_s_kind_is_told_by_how_it_is_written(value: object, kind: str) -> None:
    assert kind_of(value) == kind
