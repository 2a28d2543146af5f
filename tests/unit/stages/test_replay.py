import asyncio
from typing import Any

import pytest
from msgspec import structs

from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.errors import ItemFailed
from foretaste.protocols import Model, Reply, Request
from foretaste.records import Failure, Lane, Message, Prefix, Rollout, Stop, ToolCall, Usage
from foretaste.stages.replay import Conditions, Limits, recorded, replay, request_for
from foretaste.testing import ScriptedModel
from unit.rows import Listening, prefix, said, user

SYSTEM = Message(role="system", content="Be brief.")
LOOK = ToolCall(id="1", name="look", arguments='{"at": "x"}')
CALL = Message(role="assistant", content="", tool_calls=(LOOK,))
FOUND = Message(role="tool", content="42", tool_call_id="1")
PRODUCTION: dict[str, Any] = {
    "messages": (SYSTEM, user("What is x?")),
    "recorded": (CALL, FOUND, said("SECRET ANSWER")),
    "settings": {"temperature": 0.7, "max_tokens": 50},
    "tools": ({"type": "function", "function": {"name": "look"}},),
}


def replayed(model: Model, *prefixes: Prefix, **more: Any) -> list[Rollout | Failure]:
    given: dict[str, Any] = {"lane": Lane.CANDIDATE, "simulator": RecordedTools()} | more
    found = replay(prefixes, model=model, engine=Local(concurrency=2), **given)
    return sorted(found, key=lambda r: r.parent if isinstance(r, Rollout) else r.item)


def one(model: Model, **more: Any) -> Rollout:
    (found,) = replayed(model, prefix(**PRODUCTION), **more)
    assert isinstance(found, Rollout)
    return found


def test_production_s_settings_system_prompt_and_tools_are_sent() -> None:
    model = Listening()
    one(model)

    (asked,) = model.heard
    assert asked.messages == PRODUCTION["messages"]
    assert (asked.settings, asked.tools) == (PRODUCTION["settings"], PRODUCTION["tools"])


def test_overrides_replace_settings_and_null_removes_one() -> None:
    changed = Conditions(settings={"temperature": 0.1, "max_tokens": None, "top_p": 0.9})

    assert request_for(prefix(**PRODUCTION), changed).settings == {
        "temperature": 0.1,
        "top_p": 0.9,
    }


def test_a_reminder_behind_what_was_said_is_no_system_prompt() -> None:
    reminder = Message(role="system", content="The user opened a file.")
    asked = Message(role="user", content="q")
    found = request_for(prefix(messages=(SYSTEM, asked, reminder)), Conditions(system=""))

    assert found.messages == (asked, reminder)


@pytest.mark.parametrize(
    ("system", "sent"),
    [
        (None, (SYSTEM,)),
        ("Be kind.", (Message(role="system", content="Be kind."),)),
        ("", ()),
    ],
)
def test_a_system_prompt_replaces_production_s_and_an_empty_one_removes_it(
    system: str | None, sent: tuple[Message, ...]
) -> None:
    request = request_for(prefix(**PRODUCTION), Conditions(system=system))

    assert request.messages == (*sent, user("What is x?"))


def test_the_recorded_answer_is_in_no_request() -> None:
    model = Listening(replies=(CALL, said("Ended.")))
    one(model)

    assert len(model.heard) == 2
    assert all("SECRET" not in repr(request) for request in model.heard)


def test_a_tool_call_is_answered_as_in_production_until_the_model_ends_its_turn() -> None:
    model = Listening(replies=(CALL, said("It is 42.")))
    found = one(model)

    answer = Message(role="tool", content="42", name="look", tool_call_id="1")
    assert found.messages == (CALL, answer, said("It is 42."))
    assert (found.stop, found.text) == (Stop.FINAL, "It is 42.")
    assert model.heard[1].messages == (*PRODUCTION["messages"], CALL, answer)


def test_a_call_that_nothing_can_answer_is_a_tool_miss() -> None:
    other = ToolCall(id="2", name="delete", arguments="{}")
    found = one(Listening(replies=(Message(role="assistant", content="", tool_calls=(other,)),)))

    assert (found.stop, found.text) == (Stop.TOOL_MISS, "")


def test_a_model_that_never_ends_its_turn_meets_the_turn_limit() -> None:
    model = Listening(replies=(CALL,))
    found = one(model, conditions=Conditions(limits=Limits(calls=3)))

    assert (found.stop, len(model.heard)) == (Stop.TURN_LIMIT, 3)


def test_a_model_that_writes_too_much_meets_the_token_limit() -> None:
    model = Listening(replies=(CALL,))
    found = one(model, conditions=Conditions(limits=Limits(tokens=7)))

    assert (found.stop, found.usage.output_tokens) == (Stop.TOKEN_LIMIT, 9)
    assert found.messages[-1] == CALL  # a call that came too late is not answered


class Slow:
    """A model that never answers once a tool did."""

    async def __call__(self, request: Request) -> Reply:
        if request.messages[-1].role == "tool":
            await asyncio.sleep(60)
        return Reply(message=CALL, stop=Stop.FINAL, asked_model="slow")


def test_a_turn_that_takes_too_long_is_kept_as_far_as_it_came() -> None:
    found = one(Slow(), conditions=Conditions(limits=Limits(seconds=0.05)))

    assert found.stop is Stop.TIME_LIMIT
    assert [message.role for message in found.messages] == ["assistant", "tool"]
    assert found.asked_model == "slow"


def test_the_time_that_production_s_tools_took_counts_without_being_waited_for() -> None:
    waited = structs.replace(FOUND, seconds=4000.0)
    turn = prefix(**PRODUCTION | {"recorded": (CALL, waited, said("x"))})
    (found,) = replayed(
        Listening(replies=(CALL,)), turn, conditions=Conditions(limits=Limits(seconds=10_000))
    )

    assert isinstance(found, Rollout)
    assert found.stop is Stop.TIME_LIMIT
    assert [each.seconds for each in found.answered] == [4000.0, 4000.0, 4000.0]


def test_a_model_s_own_time_out_is_no_time_limit_of_the_turn() -> None:
    class Fails:
        async def __call__(self, request: Request) -> Reply:
            raise TimeoutError("the server")

    (found,) = replayed(Fails(), prefix(), conditions=Conditions(limits=Limits(seconds=100)))

    assert isinstance(found, Failure)
    assert "the server" in found.reason


def test_a_long_answer_of_a_tool_is_cut_and_says_so() -> None:
    long = structs.replace(FOUND, content="x" * 5000)
    model = Listening(replies=(CALL, said()))
    turn = prefix(**PRODUCTION | {"recorded": (CALL, long, said("x"))})
    (found,) = replayed(model, turn, conditions=Conditions(limits=Limits(answer=1000)))

    assert isinstance(found, Rollout)
    assert found.messages[1].content == (
        "x" * 1000 + "\n[cut: the first 1,000 of 5,000 characters]"
    )


def test_how_the_provider_ended_the_turn_is_kept() -> None:
    assert one(Listening(stop=Stop.FILTERED)).stop is Stop.FILTERED


def test_a_turn_of_several_calls_adds_up_tokens_and_names_each_dropped_setting_once() -> None:
    found = one(Listening(replies=(CALL, said())))

    assert found.usage == Usage(input_tokens=20, output_tokens=6)
    assert found.dropped == ("top_k",)
    assert (found.asked_model, found.answered_model) == ("asked", "answered")


def test_seeds_differ_by_prefix_lane_step_and_plan_and_are_the_same_in_a_rerun() -> None:
    def seeds(lane: Lane, seed: int = 0) -> list[int]:
        model = Listening(replies=(CALL, said()))
        prefixes = [prefix(str(n), **PRODUCTION) for n in range(4)]
        replayed(model, *prefixes, lane=lane, conditions=Conditions(seed=seed))
        return sorted(request.seed for request in model.heard)

    first = seeds(Lane.CANDIDATE)
    assert seeds(Lane.CANDIDATE) == first
    every = [*first, *seeds(Lane.INCUMBENT), *seeds(Lane.CANDIDATE, seed=1)]
    assert len(set(every)) == len(every) == 3 * 4 * 2


def test_a_request_that_fails_is_a_failure_that_names_prefix_and_lane() -> None:
    found = replayed(
        ScriptedModel(fail_share=0.5), *(prefix(str(n)) for n in range(40)), lane=Lane.INCUMBENT
    )

    failed = [each for each in found if isinstance(each, Failure)]
    assert 8 < len(failed) < 32
    assert {(each.stage, each.lane) for each in failed} == {("replay", Lane.INCUMBENT)}
    assert "scripted failure" in failed[0].reason


def test_one_bad_step_fails_the_whole_turn() -> None:
    class Breaks:
        async def __call__(self, request: Request) -> Reply:
            if len(request.messages) > 2:
                raise ItemFailed("second call refused")
            return Reply(message=CALL, stop=Stop.UNKNOWN, asked_model="m")

    (found,) = replayed(Breaks(), prefix(**PRODUCTION))

    assert isinstance(found, Failure)


def test_the_recorded_lane_is_what_production_said_and_asks_no_model() -> None:
    cut = prefix(**PRODUCTION, recorded_stop=Stop.LENGTH, recorded_model="old")

    (found,) = recorded([cut])

    assert found.messages == PRODUCTION["recorded"]
    assert (found.lane, found.stop) == (Lane.RECORDED, Stop.LENGTH)
    assert (found.asked_model, found.answered_model) == (None, "old")
