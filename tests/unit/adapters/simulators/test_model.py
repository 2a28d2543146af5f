"""A language model as the tools."""

import asyncio
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.models import weights
from foretaste.adapters.models.embedded import Embedded
from foretaste.adapters.simulators.callbase import Similar
from foretaste.adapters.simulators.database import Database
from foretaste.adapters.simulators.model import ModelSession, ModelTools
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.errors import ItemFailed, PlanError
from foretaste.protocols import Act, Metered, Reply, Request, ToolAnswer
from foretaste.records import (
    JSON,
    Lane,
    Message,
    Prefix,
    Rollout,
    Stop,
    ToolCall,
    Usage,
)
from foretaste.stages.replay import replay
from foretaste.testing import ScriptedModel
from unit.rows import Listening, prefix, said, talk

needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or weights.find("smollm2") is None,
    reason="the engine or the weights of smollm2 are not installed",
)
TOOLS = tuple(
    {"type": "function", "function": {"name": name}}
    for name in ("get_order", "cancel_order", "update_order", "delete_order")
)
ORDER = {"order_id": "A17", "status": "open", "note": ""}


@dataclass
class Says:
    """A model that gives one reply after another, and keeps what it was asked."""

    replies: list[str]
    stop: Stop = Stop.FINAL
    heard: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        self.heard.append(request)
        text = self.replies[min(len(self.heard), len(self.replies)) - 1]
        message = Message(role="assistant", content=text)
        usage = Usage(input_tokens=100, output_tokens=10)
        return Reply(message=message, stop=self.stop, asked_model="m", usage=usage)


@dataclass(frozen=True)
class Shown:
    """A simulator that answers nothing and shows the same calls for every tool."""

    calls: tuple[Similar, ...]

    def __call__(self, prefix: Prefix) -> "Shown":
        return self

    async def ask(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        return None

    def examples(self, call: ToolCall, count: int = 3) -> list[Similar]:
        return list(self.calls[:count])


EXAMPLES: Any = Shown(
    (
        Similar('{"order_id":"B2"}', '{"order_id": "B2", "status": "sent", "note": "x"}', 2.0),
        Similar('{"order_id":"C3"}', '{"order_id": "C3", "status": "open", "note": ""}', 1.0),
    )
)


def call(name: str = "get_order", number: str = "1", **arguments: JSON) -> ToolCall:
    return ToolCall(id=number, name=name, arguments=json.dumps(arguments))


GET = call(order_id="A17")


def out(output: JSON) -> str:
    return json.dumps({"output": output})


def turn(*made: tuple[ToolCall, str]) -> tuple[Message, ...]:
    return tuple(
        message
        for asked, answer in made
        for message in (
            Message(role="assistant", content="", tool_calls=(asked,)),
            Message(role="tool", content=answer, tool_call_id=asked.id),
        )
    )


def session(model: Any, *, cut: Prefix | None = None, **more: Any) -> ModelSession:
    tools = ModelTools(model=model, **({"examples": EXAMPLES} | more))
    return tools(cut or prefix(tools=TOOLS))


def asked(opened: ModelSession, *calls: ToolCall) -> list[ToolAnswer | None]:
    """The answers to calls of one rollout."""

    async def run() -> list[ToolAnswer | None]:
        acts: list[Act] = []
        found = []
        for each in calls:
            answer = await opened(each, acts)
            found.append(answer)
            if answer is not None:
                acts.append(Act(each, answer))
        return found

    return asyncio.run(run())


def material(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.messages[1].content.split("\n")[1])
    return found


def test_an_answer_in_the_form_of_the_examples_is_taken_and_spelled_like_them() -> None:
    model = Says([out(ORDER)])
    (answer,) = asked(session(model), GET)

    assert answer is not None
    assert answer.content == json.dumps(ORDER)
    assert (answer.layer, answer.seconds) == ("model", 0.0)
    assert answer.why == "invented by a model that was shown 2 like calls, 0 effects so far"
    assert [each["output"]["order_id"] for each in material(model.heard[0])["examples"]] == [
        "C3",
        "B2",
    ]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("I cannot know that.", "not one JSON object"),
        (out("open"), "answers with a JSON object"),
        (out({"status": "open"}), "keys are missing"),
        (out({**ORDER, "more": 1}), "no such keys: more"),
        (out("Error: unknown"), "not seen to fail"),
        (out({**ORDER, "note": "x" * 30_000}), "longer than 20,000"),
    ],
)
def test_an_answer_in_another_form_is_refused_with_the_reason_and_asked_again(
    wrong: str, complaint: str
) -> None:
    model = Says([wrong, out(ORDER)])
    (answer,) = asked(session(model), GET)

    assert answer is not None
    assert answer.content == json.dumps(ORDER)
    assert "1 refused first" in answer.why
    (refused,) = material(model.heard[1])["refused"]
    assert complaint in refused["because"]
    assert model.heard[0].seed != model.heard[1].seed
    assert [message.role for message in model.heard[1].messages] == ["system", "user"]


def test_a_reply_that_was_cut_off_is_no_answer() -> None:
    assert asked(session(Says([out(ORDER)], stop=Stop.LENGTH)), GET) == [None]


def test_after_its_retries_the_call_stays_open_and_what_they_took_is_counted() -> None:
    model = Says(["no"])
    opened = session(model, retries=2)

    assert asked(opened, GET) == [None]
    assert len(model.heard) == 3
    assert isinstance(opened, Metered)
    assert opened.usage == Usage(input_tokens=300, output_tokens=30)


def test_an_answer_that_contradicts_what_was_read_is_asked_again() -> None:
    read = turn((call("list_orders"), json.dumps([ORDER])))
    model = Says([out({**ORDER, "status": "lost"}), out(ORDER)])
    cut = prefix(tools=TOOLS, messages=(*prefix().messages, *read))
    (answer,) = asked(session(model, cut=cut), GET)

    assert answer is not None
    assert 'status of order A17 is "open"' in answer.why
    assert material(model.heard[0])["ledger"]["facts"][0]["about"] == "order A17"


def test_what_a_write_did_is_seen_by_the_reads_after_it_whoever_answered_it() -> None:
    model = Says([out({**ORDER, "status": "new"}), out(ORDER), out({**ORDER, "status": "paid"})])
    opened = session(model)
    update = call("update_order", order_id="A17", status="paid")
    acts = [Act(update, ToolAnswer("done", "recorded", "the same call"))]

    found = asyncio.run(opened(GET, acts))

    assert found is not None
    assert json.loads(found.content)["status"] == "paid"
    assert len(model.heard) == 3
    (effect,) = material(model.heard[0])["ledger"]["effects"]
    assert effect["set"] == {"status": "paid"}


def test_what_was_deleted_is_not_found_even_where_no_example_failed() -> None:
    model = Says([out(ORDER), out("Error: order A17 not found")])
    opened = session(model)
    acts = [Act(call("delete_order", order_id="A17"), ToolAnswer("done", "x", "y"))]

    found = asyncio.run(opened(GET, acts))

    assert found is not None
    assert found.content == "Error: order A17 not found"


def test_a_read_that_was_made_before_gets_the_same_answer_and_costs_nothing() -> None:
    model = Says([out(ORDER)])
    opened = session(model)
    first, again = asked(opened, GET, call(number="2", order_id="A17"))

    assert first is not None
    assert again is not None
    assert first.content == again.content
    assert again.why == "the same call got this answer at step 1, and nothing was written since"
    assert len(model.heard) == 1


def test_the_recorded_turn_is_shown_but_what_it_wrote_has_not_happened() -> None:
    recorded = turn(
        (call(order_id="Z9"), json.dumps({**ORDER, "order_id": "Z9"})),
        (call("cancel_order", "2", order_id="Z9"), "done"),
    )
    model = Says([out(ORDER)])
    asked(session(model, cut=prefix(tools=TOOLS, recorded=recorded)), GET)

    told = material(model.heard[0])
    assert [each["name"] for each in told["recorded"]] == ["get_order", "cancel_order"]
    assert [each["from"] for each in told["ledger"]["facts"]] == ["recorded"]
    assert told["ledger"]["effects"] == []


def test_sessions_of_one_simulator_share_no_state() -> None:
    model = Says([out(ORDER)])
    tools = ModelTools(model=model, examples=EXAMPLES)
    one, two = (tools(prefix(name, tools=TOOLS)) for name in ("one", "two"))

    async def run() -> None:
        done = Act(call("update_order", order_id="A17", status="open"), ToolAnswer("ok", "x", "y"))
        await asyncio.gather(one(GET, [done]), two(GET))

    asyncio.run(run())
    assert one.usage == two.usage == Usage(input_tokens=100, output_tokens=10)
    effects = [len(material(each)["ledger"]["effects"]) for each in model.heard]
    assert sorted(effects) == [0, 1]


def test_a_seed_is_of_the_prefix_the_call_and_its_place_and_of_no_id() -> None:
    def seed(name: str, asked: ToolCall, *before: Act) -> int:
        model = Says([out(ORDER)])
        asyncio.run(session(model, cut=prefix(name, tools=TOOLS))(asked, before))
        return model.heard[0].seed

    done = Act(call("list_orders"), ToolAnswer("[]", "x", "y"))
    first = seed("one", GET)
    assert first == seed("one", call(number="other", order_id="A17"))
    assert (
        len({first, seed("two", GET), seed("one", call(order_id="B")), seed("one", GET, done)}) == 4
    )


def test_a_tool_of_which_nothing_is_known_stays_open_and_costs_nothing() -> None:
    model = Says([out("ok")])

    assert asked(session(model, examples=None), call("unheard_of")) == [None]
    assert model.heard == []


def test_without_examples_the_form_is_that_of_the_record() -> None:
    model = Says([out("open"), out(ORDER)])
    recorded = turn((call("get_order", order_id="Z9"), json.dumps(ORDER)))
    cut = prefix(recorded=recorded)
    (answer,) = asked(session(model, examples=None, cut=cut), GET)

    assert answer is not None
    assert answer.content == json.dumps(ORDER)


def test_settings_are_the_plan_s_over_ours_and_null_removes_one() -> None:
    model = Says([out(ORDER)])
    asked(session(model, settings={"temperature": 0.5, "max_tokens": None}), GET)

    assert model.heard[0].settings == {"temperature": 0.5}
    assert model.heard[0].schema is None


def test_a_schema_is_made_of_the_answers_seen_and_lets_what_is_gone_be_so() -> None:
    model = Says([out(ORDER), out(ORDER)])
    asked(session(model, schema=True), GET)
    gone = Act(call("delete_order", order_id="A17"), ToolAnswer("done", "x", "y"))
    asyncio.run(session(model, schema=True)(GET, [gone]))

    plain, failing = (request.schema["properties"]["output"] for request in model.heard[:2])
    assert plain["required"] == ["order_id", "status", "note"]
    assert [each["type"] for each in failing["anyOf"]] == ["object", "string"]


def test_a_model_that_fails_fails_the_rollout() -> None:
    with pytest.raises(ItemFailed):
        asked(session(ScriptedModel(fail_share=1.0)), GET)


@pytest.mark.parametrize("option", ["count", "retries", "context", "longest"])
def test_a_number_out_of_range_is_refused(option: str) -> None:
    wrong: dict[str, Any] = {option: -1}
    with pytest.raises(PlanError, match=option):
        ModelTools(model=Says([]), **wrong)


def test_a_simulator_without_earlier_calls_gives_no_examples() -> None:
    with pytest.raises(PlanError, match="shows no earlier calls"):
        session(Says([]), examples=RecordedTools())


def test_a_rollout_says_what_its_tools_took_beside_what_the_model_took() -> None:
    asks = Message(role="assistant", content="", tool_calls=(GET,))
    tools = ModelTools(model=Says([out(ORDER)]), examples=EXAMPLES)
    (found,) = replay(
        [prefix(tools=TOOLS)],
        lane=Lane.CANDIDATE,
        model=Listening(replies=(asks, said("Done."))),
        simulator=tools,
        engine=Local(concurrency=1),
    )

    assert isinstance(found, Rollout)
    assert found.stop is Stop.FINAL
    assert found.usage == Usage(input_tokens=20, output_tokens=6)
    assert found.tool_usage == Usage(input_tokens=100, output_tokens=10)


def test_what_it_is_made_of_is_opened_and_closed_with_it() -> None:
    messages = (*prefix().messages, *turn((GET, json.dumps(ORDER))))
    plain = talk("p")
    log = replace(plain, dialogue=replace(plain.dialogue, messages=messages))
    tools = ModelTools(model=Says([out(ORDER)]), examples=Database(conversations=lambda: [log]))

    async def run() -> list[Similar]:
        async with tools:
            database = tools.examples
            assert database is not None
            found: Any = database(prefix())
            return list(found.examples(GET))

    assert [each.response for each in asyncio.run(run())] == [json.dumps(ORDER)]


@needs_weights
@pytest.mark.embedded
def test_a_small_model_in_this_process_keeps_the_form_of_the_examples() -> None:
    model = Embedded(threads=1, slots=1, context=2048, max_tokens=80)
    settings = {"max_tokens": 80}
    tools = ModelTools(model=model, examples=EXAMPLES, schema=True, retries=0, settings=settings)

    async def run() -> ToolAnswer | None:
        async with tools:
            return await tools(prefix(tools=TOOLS))(GET)

    answer = asyncio.run(run())
    assert answer is not None
    assert json.loads(answer.content).keys() == ORDER.keys()
