"""The library's own agents and OpenAI model, on a local provider."""

import asyncio
from typing import Any

import pytest
from openai import AsyncOpenAI
from pydantic_ai import Agent, ImageUrl, ModelRetry
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

import foretaste
from fake_server import serving
from foretaste.adapters.histories.pydantic_ai import PydanticAI
from foretaste.dialects.said import Unreadable
from foretaste.records import Gap, Stop
from frameworks import TURN, answers, asked

USE = "foretaste.adapters.histories.pydantic_ai:PydanticAI"


def weather(city: str) -> str:
    if city == "Nowhere":
        raise ModelRetry("no such city")
    return f"rain in {city}"


def test_a_replay_asks_what_the_agent_asked() -> None:
    async def run() -> None:
        async with (
            serving(answers("Hi."), *TURN, *TURN, *TURN) as fake,
            AsyncOpenAI(base_url=fake.url, api_key="none") as client,
        ):
            model = OpenAIChatModel("next", provider=OpenAIProvider(openai_client=client))
            agent = Agent(model, system_prompt="You are kind.", instructions="Be brief.")
            agent.tool_plain(weather)
            first = await agent.run("Hello")
            result = await agent.run("The weather?", message_history=first.all_messages())
            part = {"use": "openai", "model": "next", "base_url": fake.url}
            schemas = fake.bodies[0]["tools"]

            again = await foretaste.areplay(result, model=part, schemas=schemas, use=USE)
            await foretaste.areplay(result.all_messages_json(), model=part, use=USE)

            for place in (3, 5):
                assert asked(fake, place) == asked(fake, 1)
                assert asked(fake, place + 1) == asked(fake, 2)
            assert fake.bodies[3]["tools"] == schemas
            assert (again.text, again.gaps) == ("Rain in Paris.", (Gap.SETTINGS,))
            assert again.prefix.recorded_model == "next-2026-11-01"
            assert again.prefix.recorded_stop is Stop.FINAL

    asyncio.run(run())


def test_functions_stand_in_for_tools() -> None:
    def says(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[ThinkingPart("Hm."), TextPart("Fine.")])

    history = asyncio.run(Agent(FunctionModel(says)).run("The weather?")).all_messages()
    calls = [{"name": "weather", "arguments": {"city": "Paris"}}]
    script = {"use": "scripted", "replies": [{"when": "weather", "calls": calls}]}

    again = foretaste.replay(history, model=script, tools={"weather": weather}, use=USE)

    assert again.recorded is not None
    assert again.recorded.messages[0].reasoning == "Hm."
    assert again.messages[1].content == "rain in Paris"


def test_pictures_are_a_gap() -> None:
    shown = UserPromptPart(["What is this?", ImageUrl("https://example.org/a.png")])

    found = asyncio.run(PydanticAI()([ModelRequest(parts=[shown])]))

    assert found is not None
    assert found.dialogue.messages[0].content == "What is this?"
    assert Gap.ATTACHMENTS in found.dialogue.gaps


def test_an_answer_that_was_refused_goes_back_as_the_library_sends_it() -> None:
    seen: list[str] = []

    async def model(request: Any) -> str:
        seen.extend(message.content for message in request.messages)
        return "forty-two"

    def says(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart("no" if len(messages) == 1 else "yes")])

    agent = Agent(FunctionModel(says))

    @agent.output_validator
    def check(output: str) -> str:
        if output == "no":
            raise ModelRetry("say yes")
        return output

    again = foretaste.replay(asyncio.run(agent.run("Well?")), model=model, use=USE)

    assert seen[:2] == ["Well?", "no"]
    assert "say yes" in seen[2]
    assert again.recorded is not None
    assert again.recorded.text == "yes"


def test_json_that_is_no_history_is_refused_without_being_quoted() -> None:
    with pytest.raises(Unreadable, match=r"^these are no messages$"):
        asyncio.run(PydanticAI()(b'[{"kind": "request", "parts": 3}]'))
    assert asyncio.run(PydanticAI()(b"[]")) is None
