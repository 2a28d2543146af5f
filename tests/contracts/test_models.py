"""What every model keeps, whatever it is made of."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from fake_server import says, sends, serving
from foretaste.adapters.models import weights
from foretaste.adapters.models.embedded import Embedded
from foretaste.adapters.models.openai import OpenAI
from foretaste.adapters.models.recorded import Recorded
from foretaste.protocols import Model
from foretaste.records import Dialogue, Message, ScrubbedConversation
from foretaste.testing import QUESTION, Line, ScriptedModel, check_model

Make = Callable[[], AbstractAsyncContextManager[Model]]

SPEAKS = (*QUESTION.messages, Message(role="assistant", content="Paris."))
LOG = (ScrubbedConversation(parent="1", dialogue=Dialogue(messages=SPEAKS)),)


@asynccontextmanager
async def openai() -> AsyncIterator[Model]:
    async with serving() as fake:
        yield OpenAI(model="next", base_url=fake.url)


@asynccontextmanager
async def embedded() -> AsyncIterator[Model]:
    if importlib.util.find_spec("xllamacpp") is None or weights.find("smollm2") is None:
        pytest.skip("the engine or the weights of smollm2 are not installed")
    yield Embedded(threads=1, slots=2, context=512)


@asynccontextmanager
async def recorded() -> AsyncIterator[Model]:
    yield Recorded(conversations=lambda: LOG)


@asynccontextmanager
async def scripted() -> AsyncIterator[Model]:
    yield ScriptedModel(replies=(Line(say="Lyon.", share=0.5),), default="Paris.")


@asynccontextmanager
async def refused() -> AsyncIterator[Model]:
    async with serving(says({"error": {"message": "no such key"}}, 401)) as fake:
        yield OpenAI(model="next", base_url=fake.url)


@asynccontextmanager
async def babbling() -> AsyncIterator[Model]:
    async with serving(sends(b"<html>")) as fake:
        yield OpenAI(model="next", base_url=fake.url)


@asynccontextmanager
async def nothing_recorded() -> AsyncIterator[Model]:
    yield Recorded(conversations=lambda: ())


@asynccontextmanager
async def failing() -> AsyncIterator[Model]:
    yield ScriptedModel(fail_share=1.0)


@pytest.mark.parametrize("make", [openai, embedded, recorded, scripted])
def test_a_model_answers_as_an_assistant_and_repeats_itself(make: Make) -> None:
    async def run() -> None:
        async with make() as model:
            reply = await check_model(model, repeatable=True)
            assert reply is not None

    asyncio.run(run())


@pytest.mark.parametrize("make", [openai, embedded, recorded, scripted])
def test_a_model_takes_several_requests_at_once(make: Make) -> None:
    async def run() -> None:
        async with make() as model:
            async with AsyncExitStack() as stack:
                opened: Any = model
                if hasattr(opened, "__aenter__"):
                    await stack.enter_async_context(opened)
                requests = [replace(QUESTION, seed=seed) for seed in range(3)]
                replies = await asyncio.gather(*map(model, requests))
            assert [reply.message.role for reply in replies] == ["assistant"] * 3

    asyncio.run(run())


@pytest.mark.parametrize("make", [refused, babbling, nothing_recorded, failing])
def test_a_model_that_cannot_answer_fails_as_the_port_says(make: Make) -> None:
    async def run() -> None:
        async with make() as model:
            assert await check_model(model) is None

    asyncio.run(run())
