"""The SDK's own runner, client and session, on a local provider."""

import asyncio
from typing import Any

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    Runner,
    SQLiteSession,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI

import foretaste
from fake_server import serving
from foretaste.adapters.histories.openai_agents import OpenAIAgents
from foretaste.records import Gap, Message
from frameworks import TURN, answers, asked, call

set_tracing_disabled(True)
USE = "foretaste.adapters.histories.openai_agents:OpenAIAgents"


@function_tool
def weather(city: str) -> str:
    """What the sky does."""
    if city == "Nowhere":
        raise ValueError("no such city")
    return f"rain in {city}"


def test_a_replay_asks_what_the_runner_asked() -> None:
    async def run() -> None:
        async with (
            serving(answers("Hi."), *TURN, *TURN, *TURN) as fake,
            AsyncOpenAI(base_url=fake.url, api_key="none") as client,
        ):
            model = OpenAIChatCompletionsModel("next", client)
            agent = Agent(name="A", instructions="Be brief.", tools=[weather], model=model)
            session = SQLiteSession("one")
            await Runner.run(agent, "Hello", session=session)
            result = await Runner.run(agent, "What is the weather?", session=session)
            part = {"use": "openai", "model": "next", "base_url": fake.url}

            again = await foretaste.areplay(result, model=part, use=USE)
            kept = await foretaste.areplay(session, model=part, use=USE, system="Be brief.")

            for place in (3, 5):  # of the replays' first calls
                assert asked(fake, place) == asked(fake, 1)
                assert asked(fake, place + 1) == asked(fake, 2)
            assert fake.bodies[3]["tools"] == fake.bodies[1]["tools"]
            assert (again.text, again.gaps) == ("Rain in Paris.", (Gap.SETTINGS,))
            assert again.recorded is not None
            assert again.recorded.text == "Rain in Paris."
            assert [each.layer for each in again.rollout.answered] == ["recorded", "recorded"]
            assert kept.gaps == (Gap.TOOLS, Gap.SETTINGS, Gap.MODEL)

    asyncio.run(run())


def test_functions_stand_in_for_tools() -> None:
    async def run() -> None:
        async with (
            serving(*TURN) as fake,
            AsyncOpenAI(base_url=fake.url, api_key="none") as client,
        ):
            model = OpenAIChatCompletionsModel("next", client)
            agent = Agent(name="A", tools=[weather], model=model)
            items = (await Runner.run(agent, "What is the weather?")).to_input_list()
        calls = [{"name": "weather", "arguments": {"city": "Paris"}}]
        script = {"use": "scripted", "replies": [{"when": "What", "calls": calls}]}

        again = await foretaste.areplay(
            items, model=script, tools={"weather": lambda city: f"snow in {city}"}, use=USE
        )

        assert again.messages[1].content == "snow in Paris"
        assert again.rollout.answered[0].layer == "functions"

    asyncio.run(run())


def test_a_handoff_stays_a_call_and_its_new_instructions_are_a_gap() -> None:
    async def run() -> None:
        over = call("h", "transfer_to_b")
        async with (
            serving(answers(None, over), answers("I am B.")) as fake,
            AsyncOpenAI(base_url=fake.url, api_key="none") as client,
        ):
            model = OpenAIChatCompletionsModel("next", client)
            b = Agent(name="B", instructions="You are B.", model=model)
            settings = ModelSettings(temperature=0.5)
            a = Agent(
                name="A",
                instructions=lambda context, agent: f"You are {agent.name}.",
                handoffs=[b],
                model=model,
                model_settings=settings,
            )
            result = await Runner.run(a, "Let me speak to B")
            found = await OpenAIAgents()(result)
            tools = fake.bodies[0]["tools"]

        assert found is not None
        said = found.dialogue
        assert said.messages[0] == Message(role="system", content="You are A.")
        assert [c.name for c in said.messages[2].tool_calls] == ["transfer_to_b"]
        assert said.messages[3].content == '{"assistant": "B"}'
        assert said.messages[4].content == "I am B."
        assert list(said.tools) == tools
        assert (said.settings, said.model) == ({"temperature": 0.5}, "next")
        assert said.gaps == (Gap.SYSTEM,)

    asyncio.run(run())


def test_items_of_every_kind_are_taken_and_nothing_else_is() -> None:
    def taken(history: Any) -> bool:
        return asyncio.run(OpenAIAgents()(history)) is not None

    user = {"role": "user", "content": "Hi"}
    image = {"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}

    assert taken([user, {"type": "reasoning", "summary": []}])
    assert taken([image])
    assert not taken([user])
    assert not taken("Hi")
