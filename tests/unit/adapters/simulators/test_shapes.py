import json
from typing import Any

import pytest

from foretaste.adapters.simulators.facts import Errors
from foretaste.adapters.simulators.shapes import complaint, schema_of, writer

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
OBJECT = '{"name": "Mia", "age": 3}'


def wrong(content: str, *seen: str, may_fail: bool = False) -> str | None:
    return complaint(content, seen, Errors(), may_fail=may_fail)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ('{"name": "Tom", "age": null}', (OBJECT,)),
        ('{"name": "Tom"}', (OBJECT, '{"name": "Ann"}', '{"name": "Al", "age": 1}')),
        ('[{"name": "Tom", "age": 1}]', (f"[{OBJECT}]",)),
        ("[]", (f"[{OBJECT}]",)),
        ("255.0", ("3.5",)),
        ("", ("",)),
        ("anything", ()),
        ("Error: unknown", ()),
        ("Error: unknown", (OBJECT, "Error: gone")),
        ("text", (OBJECT, "other text")),
        ('{"DEN": "Denver"}', ('{"SFO": "San Francisco"}', '{"JFK": "New York"}')),
    ],
)
def test_an_answer_like_those_seen_is_fine(content: str, seen: tuple[str, ...]) -> None:
    assert wrong(content, *seen) is None


@pytest.mark.parametrize(
    ("content", "seen", "message"),
    [
        ("Mia, 3", (OBJECT,), "the output is text; this tool answers with a JSON object"),
        ("{}", ("Done.",), "answers with text"),
        ('{"name": "Tom"', (OBJECT,), "is text"),
        ('{"name": "Tom"}', (OBJECT,), "keys are missing: age"),
        ('{"name": "Tom", "age": 1, "z": 2}', (OBJECT,), "no such keys: z"),
        ('[{"name": "Tom"}]', (f"[{OBJECT}]",), "keys are missing: age"),
        ("", (OBJECT,), "is nothing"),
        ("Error: unknown", (OBJECT,), "not seen to fail"),
    ],
)
def test_an_answer_unlike_those_seen_is_told_how(
    content: str, seen: tuple[str, ...], message: str
) -> None:
    assert message in str(wrong(content, *seen))


def test_what_must_fail_may() -> None:
    assert wrong("Error: unknown", OBJECT, may_fail=True) is None


def is_valid(value: Any, samples: list[Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(schema_of(samples)).is_valid(value))


def test_a_schema_takes_what_it_was_made_of_and_nothing_of_another_form() -> None:
    samples = [
        {"name": "Mia", "tags": ["a"], "price": 1.5, "paid": True, "by": {"x1": 3}, "to": None},
        {"name": "Tom", "tags": [], "price": 2, "paid": False, "by": {"y2": 4}, "to": "here"},
    ]

    assert all(is_valid(each, samples) for each in samples)
    assert is_valid({**samples[0], "by": {"z3": 5}}, samples)
    for changed in ({"name": 3}, {"name": "x" * 99}, {"tags": [1]}, {"more": 1}):
        assert not is_valid({**samples[0], **changed}, samples)
    assert not is_valid("Mia", samples)


def test_an_error_among_the_samples_may_be_given_too_and_nothing_stays_nothing() -> None:
    assert is_valid("Error: no", [{"name": "Mia"}, "Error: unknown"])
    assert is_valid("", [""])
    assert not is_valid("x", [""])


@pytest.mark.parametrize(
    "style",
    [{}, {"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}],
    ids=str,
)
def test_json_is_spelled_as_the_tool_spells_it(style: dict[str, Any]) -> None:
    write = writer(["text", json.dumps({"name": "Zoë", "age": 3}, **style)])

    assert write({"name": "Chloé"}) == json.dumps({"name": "Chloé"}, **style)
