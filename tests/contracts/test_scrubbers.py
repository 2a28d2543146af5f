"""What every scrubber keeps, whatever it looks for."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from foretaste.adapters.scrubbers.patterns import Patterns
from foretaste.protocols import Scrubber
from foretaste.records import Conversation, Dialogue, Gap, Message, Stop, ToolCall

SCRUBBERS: list[Scrubber] = [Patterns(key="a run's secret"), Patterns(), Patterns(kinds=())]

CONVERSATION = Conversation(
    dialogue=Dialogue(
        messages=(
            Message(role="system", content="Help Ada (ada@corp.test)."),
            Message(role="user", content="Look up +44 20 7123 4567", name="ada"),
            Message(
                role="assistant",
                content="",
                reasoning="search",
                tool_calls=(ToolCall(id="c1", name="find", arguments='{"q": "+44 20 7123 4567"}'),),
            ),
            Message(role="tool", content="none", tool_call_id="c1"),
            Message(role="assistant", content="Nobody."),
        ),
        settings={"temperature": 0.5, "user": "ada@corp.test"},
        tools=({"type": "function", "function": {"name": "find"}},),
        model="m-1",
        started_at=datetime(2026, 10, 1, tzinfo=UTC),
        tags={"surface": "web"},
        gaps=(Gap.REASONING,),
        own_from=1,
        stop=Stop.FINAL,
    ),
    source="log.jsonl",
    line=1,
    key="row-1",
    user="ada@corp.test",
)

every_scrubber = pytest.mark.parametrize("scrubber", SCRUBBERS, ids=repr)


@every_scrubber
def test_the_result_names_its_parent(scrubber: Scrubber) -> None:
    assert scrubber(CONVERSATION).parent == CONVERSATION.id


@every_scrubber
def test_the_same_input_gives_the_same_output(scrubber: Scrubber) -> None:
    assert scrubber(CONVERSATION) == scrubber(CONVERSATION)


@every_scrubber
def test_what_is_no_text_stays(scrubber: Scrubber) -> None:
    before, after = CONVERSATION.dialogue, scrubber(CONVERSATION).dialogue

    assert [m.role for m in after.messages] == [m.role for m in before.messages]
    assert (after.started_at, after.gaps, after.own_from, after.stop) == (
        before.started_at,
        before.gaps,
        before.own_from,
        before.stop,
    )
    assert after.settings["temperature"] == before.settings["temperature"]


@every_scrubber
def test_tool_calls_stay_joined_to_their_results(scrubber: Scrubber) -> None:
    messages = scrubber(CONVERSATION).dialogue.messages

    assert messages[2].tool_calls[0].id == messages[3].tool_call_id
    assert msgspec.json.decode(messages[2].tool_calls[0].arguments).keys() == {"q"}


@every_scrubber
def test_the_user_is_a_pseudonym_or_nobody(scrubber: Scrubber) -> None:
    pseudonym = scrubber(CONVERSATION).user
    nobody = scrubber(replace(CONVERSATION, user=None)).user

    assert pseudonym
    assert "ada" not in pseudonym
    assert nobody is None


@every_scrubber
def test_the_result_survives_the_store_encoding(scrubber: Scrubber) -> None:
    scrubbed = scrubber(CONVERSATION)
    encoded = msgspec.json.encode(scrubbed)

    assert msgspec.json.decode(encoded, type=type(scrubbed)) == scrubbed
