"""Playing production."""

from pathlib import Path

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.adapters.stores.files import Files
from foretaste.demo.production import FEWEST, FIRST_DAY, Deployment, log_lines, play
from foretaste.records import Conversation, Gap, Message, Prefix, Rollout, Stop
from foretaste.stages.replay import Conditions
from foretaste.testing import ScriptedModel
from foretaste.turns import turns

DEPLOYMENT = Deployment(
    model=ScriptedModel(default="Certainly."),
    name="small",
    conditions=Conditions(system="Be brief.", settings={"temperature": 0.7, "max_tokens": 8}),
    simulator=RecordedTools(),
    engine=Local(concurrency=4),
)


def prefix(number: int) -> Prefix:
    said = (
        Message(role="system", content="An older prompt."),
        Message(role="user", content=f"Question {number}?"),
        Message(role="assistant", content="Which one?"),
        Message(role="user", content="That one."),
    )
    return Prefix(
        parent=f"c{number}", turn=4, turns=2, user=f"c{number}", messages=said, recorded=()
    )


PREFIXES = [prefix(number) for number in range(FEWEST + 16)]


def opened(path: Path, seconds: float) -> tuple[list[tuple[Prefix, Rollout]], list[int]]:
    told: list[int] = []
    with Files(path=str(path)) as store:
        answered = play(
            DEPLOYMENT,
            PREFIXES,
            store,
            seconds=seconds,
            step="play",
            watch=lambda _, done, __: told.append(done),
        )
    return answered, told


def test_every_conversation_is_answered_where_there_is_time(tmp_path: Path) -> None:
    answered, told = opened(tmp_path / "store", seconds=600)

    assert [prefix.id for prefix, _ in answered] == [prefix.id for prefix in PREFIXES]
    assert told[-1] == len(PREFIXES)


def test_when_time_is_over_no_more_is_asked_than_a_log_needs(tmp_path: Path) -> None:
    answered, _ = opened(tmp_path / "store", seconds=0)

    in_flight = 2 * 4
    assert FEWEST <= len(answered) <= FEWEST + in_flight


def test_a_played_production_is_closed_and_answers_nothing_twice(tmp_path: Path) -> None:
    first, _ = opened(tmp_path / "store", seconds=0)
    again, _ = opened(tmp_path / "store", seconds=600)

    assert [rollout.id for _, rollout in again] == [rollout.id for _, rollout in first]


@pytest.fixture
def read(tmp_path: Path) -> list[Conversation]:
    answered, _ = opened(tmp_path / "store", seconds=600)
    log = tmp_path / "production.jsonl"
    log.write_bytes(b"".join(log_lines(answered, DEPLOYMENT, FIRST_DAY)))
    return [record for record in OpenAIChat(path=str(log))() if isinstance(record, Conversation)]


def test_the_log_reads_as_a_proxys_with_one_turn_of_its_own_a_record(
    read: list[Conversation],
) -> None:
    assert len(read) == len(PREFIXES)
    assert {len(turns(each.dialogue)) for each in read} == {1}
    assert {each.dialogue.messages[-1].content for each in read} == {"Certainly."}


def test_the_log_says_under_which_conditions_was_answered(read: list[Conversation]) -> None:
    dialogue = read[0].dialogue

    assert dialogue.messages[0] == Message(role="system", content="Be brief.")
    assert dialogue.settings == {"temperature": 0.7, "max_tokens": 8}
    assert dialogue.model == "small"
    assert dialogue.stop is Stop.FINAL
    assert dialogue.gaps == (Gap.USER,)


def test_days_pass_in_the_log(read: list[Conversation]) -> None:
    days = {each.dialogue.started_at.date() for each in read if each.dialogue.started_at}

    assert min(days) == FIRST_DAY.date()
    assert len(days) > 2
