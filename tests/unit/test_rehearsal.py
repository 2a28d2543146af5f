"""One turn of a history, written again."""

import asyncio
import json
from pathlib import Path
from typing import Any, Self

import pytest

import foretaste
from foretaste.errors import ItemFailed, LogError, ModelUnavailable, PlanError, UnknownName
from foretaste.protocols import Reply, Request
from foretaste.records import Gap, Lane, Message, Stop, ToolCall
from foretaste.rehearsal import Replayed
from foretaste.stages.replay import Limits
from foretaste.testing import Line, ScriptedModel

USE = "foretaste.adapters.histories.chat:Chat"
MAIL = "mary.miller@acme-shop.net"


def call(id_: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": "get_order", "arguments": json.dumps(arguments)}
    return {"id": id_, "type": "function", "function": function}


def turn(question: str, id_: str, number: int, found: str, answer: str) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": None, "tool_calls": [call(id_, number=number)]},
        {"role": "tool", "tool_call_id": id_, "content": found},
        {"role": "assistant", "content": answer},
    ]


HISTORY = [
    {"role": "system", "content": "You answer for the shop."},
    *turn(f"I am {MAIL}. Where is order 7?", "a", 7, "shipped", "On its way."),
    *turn("And order 8?", "b", 8, "lost", "It is lost."),
]


def asks(number: int) -> ScriptedModel:
    """A model that looks an order up, and says what it found."""
    line = Line(when=r"\?", calls=({"name": "get_order", "arguments": {"number": number}},))
    return ScriptedModel(replies=(line,), default="Done.")


def replayed(history: Any = HISTORY, **given: Any) -> Replayed:
    return foretaste.replay(history, **{"model": asks(8), "use": USE, **given})


class Watched:
    """A model that keeps what it was asked, and knows whether it is entered."""

    def __init__(self, said: Any = "Fine.") -> None:
        self.asked: list[Request] = []
        self.entered = 0
        self._said = said

    async def __aenter__(self) -> Self:
        self.entered += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self.entered -= 1

    async def __call__(self, request: Request) -> Any:
        assert self.entered == 1
        self.asked.append(request)
        return self._said


def test_the_last_turn_is_written_again_with_the_recorded_answers() -> None:
    again = replayed()

    assert [m.content for m in again.prefix.messages][-1] == "And order 8?"
    assert again.text == "Done."
    assert again.messages[1].content == "lost"
    assert [c.arguments for c in again.tool_calls] == ['{"number":8}']
    assert again.recorded is not None
    assert (again.recorded.text, again.recorded.lane) == ("It is lost.", Lane.RECORDED)
    assert again.rollout.lane is Lane.CANDIDATE
    assert again.rollout.diverged is None
    assert again.gaps == (Gap.TOOLS, Gap.SETTINGS, Gap.MODEL)


def test_a_history_that_ends_with_a_question_gets_its_next_turn() -> None:
    again = replayed([*HISTORY, {"role": "user", "content": "And order 7 again?"}], model=asks(7))

    assert again.recorded is None
    assert again.prefix.recorded == ()
    assert len(again.prefix.messages) == len(HISTORY) + 1
    assert again.messages[1].content == "shipped"
    assert again.rollout.answered[0].layer == "earlier"
    assert again.rollout.diverged is None


@pytest.mark.parametrize(("number", "question"), [(0, "Where is"), (1, "And"), (-2, "Where is")])
def test_a_turn_is_counted_from_either_end(number: int, question: str) -> None:
    again = replayed(turn=number, model=Watched())

    assert question in again.prefix.messages[-1].content


@pytest.mark.parametrize("number", [2, -3])
def test_a_turn_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(PlanError, match=f"holds 2 turns.*the number {number}"):
        replayed(turn=number)


def test_a_history_in_which_nobody_asks_is_refused() -> None:
    with pytest.raises(PlanError, match=r"holds 0 turns that answer a user$"):
        replayed([{"role": "assistant", "content": "Hello!"}])


def test_nothing_of_what_came_later_answers_a_tool() -> None:
    again = replayed(turn=0, model=asks(8))

    assert again.rollout.stop is Stop.TOOL_MISS
    assert again.text == ""


def test_a_model_sees_stand_ins_only() -> None:
    model = Watched()

    again = replayed(turn=0, model=model)

    (request,) = model.asked
    assert MAIL not in str(request)
    assert "@" in request.messages[-1].content
    assert again.replaced == {"email": 1}
    assert MAIL not in str(again)


def test_a_scrubber_may_be_named_and_not_be_left_out() -> None:
    kinds = {"use": "patterns", "kinds": ["ip"]}

    assert MAIL in str(replayed(scrub=kinds, turn=0).prefix)
    with pytest.raises(UnknownName):
        replayed(scrub="none")


def test_functions_are_asked_first_and_the_record_after_them() -> None:
    seen: list[Any] = []

    def order(number: int) -> dict[str, Any]:
        seen.append(number)
        return {"number": number, "state": "found"}

    again = replayed(tools={"get_order": order})
    other = replayed(tools={"another": order})

    assert seen == [8]
    assert again.messages[1].content == '{"number":8,"state":"found"}'
    assert again.rollout.answered[0].layer == "functions"
    assert other.rollout.answered[0].layer == "recorded"


def test_a_function_that_no_schema_names_is_a_slip_of_the_pen() -> None:
    schemas = [{"type": "function", "function": {"name": "get_order", "parameters": {}}}]

    with pytest.raises(UnknownName, match="get_order"):
        replayed(tools={"get_ordre": str}, schemas=schemas)
    with pytest.raises(PlanError, match="no function"):
        replayed(tools={"get_order": 3})


def test_tools_may_be_a_simulator_of_a_plan() -> None:
    part = {"use": "layered", "layers": ["recorded"], "miss": "fail"}

    assert replayed(tools="recorded").rollout.answered[0].layer == "recorded"
    with pytest.raises(ItemFailed, match="no layer of recorded"):
        replayed(tools=part, model=asks(9))


def test_schemas_system_and_settings_are_the_caller_s_to_give() -> None:
    schemas = [{"type": "function", "function": {"name": "get_order", "parameters": {}}}]
    model = Watched()

    again = replayed(
        HISTORY[1:], model=model, schemas=schemas, system="Be brief.", settings={"top_p": 0.5}
    )

    (request,) = model.asked
    assert request.messages[0] == Message(role="system", content="Be brief.")
    assert request.settings == {"top_p": 0.5}
    assert list(request.tools) == schemas
    assert again.gaps == (Gap.SETTINGS, Gap.MODEL)


def test_a_model_is_a_part_of_a_plan_with_its_own_system_prompt() -> None:
    part = {"use": "scripted", "default": "Yes.", "system": "Other.", "settings": {"top_p": 1}}

    again = replayed(model=part)

    assert (again.text, again.rollout.sent) == ("Yes.", {"top_p": 1})
    with pytest.raises(PlanError, match="openai/gpt-x"):
        replayed(model="gpt")


def test_a_model_may_say_a_text_a_message_or_a_whole_reply() -> None:
    message = Message(role="assistant", content="Fine.")
    reply = Reply(message=message, stop=Stop.LENGTH, asked_model="m")

    found = [replayed(model=Watched(said)).rollout for said in ("Fine.", message, reply)]

    assert [rollout.text for rollout in found] == ["Fine."] * 3
    assert [rollout.stop for rollout in found] == [Stop.FINAL, Stop.FINAL, Stop.LENGTH]
    assert found[0].asked_model == "Watched"
    with pytest.raises(PlanError, match="gave a int"):
        replayed(model=Watched(3))


def test_a_plain_function_is_a_model_too() -> None:
    assert replayed(model=lambda request: request.messages[-1].content).text == "And order 8?"


def test_a_turn_goes_no_further_than_its_limits() -> None:
    made = ToolCall(id="x", name="get_order", arguments='{"number": 8}')
    model = Watched(Message(role="assistant", content="", tool_calls=(made,)))

    again = replayed(model=model, limits=Limits(calls=3))

    assert again.rollout.stop is Stop.TURN_LIMIT
    assert len(again.tool_calls) == 3


def test_a_model_that_fails_is_an_exception() -> None:
    def gone(request: Request) -> str:
        raise ModelUnavailable("nobody there")

    with pytest.raises(ItemFailed, match="scripted failure"):
        replayed(model=ScriptedModel(fail_share=1.0))
    with pytest.raises(ModelUnavailable):
        replayed(model=gone)


def test_the_same_seed_gives_the_same_turn() -> None:
    model = ScriptedModel(replies=(Line(say="A", share=0.5),), default="B")
    found = [replayed(model=model, seed=seed).text for seed in range(20)]

    assert found == [replayed(model=model, seed=seed).text for seed in range(20)]
    assert set(found) == {"A", "B"}


def test_inside_of_an_event_loop_the_other_one_is_awaited() -> None:
    async def run() -> str:
        with pytest.raises(PlanError, match=r"await foretaste\.areplay"):
            replayed()
        return (await foretaste.areplay(HISTORY, model=asks(8), use=USE)).text

    assert asyncio.run(run()) == "Done."


def test_a_log_with_one_conversation_is_a_history(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    line = json.dumps({"messages": HISTORY}) + "\n"
    path.write_text(line)

    assert foretaste.replay(path, model=asks(8)).text == "Done."
    assert foretaste.replay(str(path), model=asks(8)).text == "Done."
    path.write_text(line * 2)
    with pytest.raises(PlanError, match="holds 2 conversations"):
        foretaste.replay(path, model=asks(8))
    with pytest.raises(LogError):
        foretaste.replay(tmp_path / "nothing.jsonl", model=asks(8))


def test_what_is_no_history_is_refused() -> None:
    with pytest.raises(PlanError, match=r"no history that .* could read: int"):
        replayed(3)
    with pytest.raises(PlanError, match=r"^history, as .*: unknown role at messages\[0\]$"):
        replayed([{"role": "wizard", "content": "my secret"}])
