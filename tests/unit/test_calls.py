import json

from hypothesis import given
from hypothesis import strategies as st

from foretaste.calls import canonical, canonical_arguments
from foretaste.records import ToolCall
from unit.adapters.simulators.stored import JSON, shuffled


@given(JSON, st.randoms(use_true_random=False), st.sampled_from([None, 1, "\t"]))
def test_key_order_and_white_space_do_not_matter(
    value: object, random: object, indent: str
) -> None:
    other = json.dumps(shuffled(value, random), indent=indent, ensure_ascii=False)

    assert canonical_arguments(other) == canonical_arguments(json.dumps(value))


@given(st.text(st.characters(), max_size=20))
def test_what_is_no_json_is_its_own_form(text: str) -> None:
    broken = "{" + text.replace("}", "")

    assert canonical(ToolCall(id="1", name="look", arguments=broken)) == ("look", broken)


def test_text_that_no_parser_takes_is_its_own_form() -> None:
    for text in ("[" * 100_000, "\ud800", "NaN", "1e999", ""):
        assert canonical_arguments(text) == text
