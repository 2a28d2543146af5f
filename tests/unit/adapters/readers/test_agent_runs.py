"""What an agent's log says beside its messages."""

from typing import Any

import pytest

from foretaste.adapters.readers.agent_runs import inner, settings_of


def test_settings_have_openais_names_and_nothing_else_is_one() -> None:
    found = settings_of(
        {"temperature": 0.5, "max_output_tokens": 9, "api_key": "x", "seed": None, "top_p": []}
    )

    assert found == {"temperature": 0.5, "max_tokens": 9}


@pytest.mark.parametrize("value", [None, 7, [], {}, {"a": 7}])
def test_the_object_under_a_name_is_empty_where_there_is_none(value: Any) -> None:
    assert inner(value, "a") == {}
    assert inner({"a": {"b": 1}}, "a") == {"b": 1}
