import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.models.toolschema import LONGEST, constraint, example, signature
from foretaste.records import JSON

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

WEATHER = {
    "type": "object",
    "description": "Where",
    "properties": {
        "city": {
            "type": "string",
            "description": "Its\n name",
            "pattern": "^[A-Z]",
            "maxLength": 40,
        },
        "unit": {"enum": ["C", "F"], "type": "string"},
        "days": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 99},
        "note": {"type": ["string", "null"]},
    },
    "required": ["city", "days", "city", 3],
    "additionalProperties": True,
}
KEYWORDS = (
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "anyOf",
    "$ref",
    "maxLength",
    "const",
)
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["string", "object", "#/a", "é\n"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*KEYWORDS, "a", "")), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_known_keywords_are_kept_and_every_text_and_list_is_bounded() -> None:
    held = constraint(WEATHER)

    assert held["properties"] == {
        "city": {"type": "string", "maxLength": 40, "description": "Its name"},
        "unit": {"enum": ["C", "F"]},
        "days": {"type": "array", "items": {"type": "integer"}, "maxItems": 8},
        "note": {"anyOf": [{"type": "string", "maxLength": LONGEST}, {"type": "null"}]},
    }
    assert (held["required"], held["additionalProperties"]) == (["city", "days"], False)


def test_a_signature_says_names_types_choices_and_what_may_be_left_out() -> None:
    assert signature(constraint(WEATHER)) == (
        '{city: string (Its name), unit?: "C" | "F", days: [integer], note?: string | null}'
    )


def test_an_example_keeps_the_schema_and_gives_only_what_is_required() -> None:
    made = example(constraint(WEATHER | {"required": ["unit", "days"]}))

    assert made == {"unit": "C", "days": [1]}
    jsonschema.validate(made, constraint(WEATHER | {"required": ["unit", "days"]}))


def test_references_inside_the_schema_are_followed_and_a_circle_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    held = constraint({"$ref": "#/$defs/node", "$defs": {"node": node}})

    assert held["properties"]["next"]["properties"]
    assert len(json.dumps(held)) < 1_000


@pytest.mark.parametrize("broken", [None, [], "object", 3, {}, {"type": "array"}, {"$ref": "#/x"}])
def test_a_schema_that_cannot_be_read_leaves_the_arguments_open(broken: JSON) -> None:
    assert constraint(broken) == {"type": "object"}


@given(VALUES)
def test_whatever_a_log_holds_gives_a_constraint_and_an_example_of_it(written: JSON) -> None:
    held = constraint(written)

    assert held["type"] == "object"
    assert signature(held)
    jsonschema.Draft202012Validator.check_schema(held)
    jsonschema.validate(example(held), held)
