"""Conditions on the turns that a behavior is defined for."""

from dataclasses import replace

import pytest

from foretaste.records import Message, ToolCall
from foretaste.scope import CONDITIONS, is_condition, unmet
from unit.adapters.graders.exchanges import prefix_of

CALL = Message(role="assistant", content="", tool_calls=(ToolCall(id="1", name="f", arguments=""),))


def test_tools_are_seen_by_schemas_and_by_calls_of_production() -> None:
    plain = prefix_of("Hello, who are you?")

    assert unmet(["tools"], plain) == "tools"
    assert unmet(["tools"], prefix_of("Hello", tools=({"name": "f"},))) is None
    assert unmet(["tools"], replace(plain, recorded=(CALL,))) is None


def test_a_system_prompt_and_a_history_are_looked_for_before_the_turn() -> None:
    assert unmet(["system"], prefix_of("Hello")) == "system"
    assert unmet(["system"], prefix_of("Hello", system="Be kind.")) is None
    assert unmet(["history"], prefix_of("Hello")) == "history"
    assert unmet(["history"], prefix_of("Hello", "Hi.", "And now?")) is None


def test_a_tag_must_have_its_value_and_the_language_is_found() -> None:
    tagged = replace(prefix_of("How do I reset my router at home?"), tags={"purpose": "help"})

    assert unmet(["purpose=help", "language=en"], tagged) is None
    assert unmet(["language=en", "purpose=sales"], tagged) == "purpose=sales"


@pytest.mark.parametrize("written", [*CONDITIONS, "purpose=help"])
def test_what_can_be_asked_of_a_turn_is_a_condition(written: str) -> None:
    assert is_condition(written)


@pytest.mark.parametrize("written", ["tool", "", "=", "purpose=", "=help"])
def test_anything_else_is_none(written: str) -> None:
    assert not is_condition(written)
