import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Timer

import aiohttp
import pytest
from aiohttp import web

from fake_server import completion, fault, says, serving
from foretaste.adapters.engines.local import Local
from foretaste.adapters.http import Transport
from foretaste.errand import ERRAND, Errand
from foretaste.errors import BudgetSpent, ModelUnavailable, Stopped
from foretaste.records import JSON, Usage


@dataclass
class Booth:
    """A toll that writes down what came by."""

    allowed: int = 100
    bodies: list[Mapping[str, JSON]] = field(default_factory=list)
    took: list[Usage | None] = field(default_factory=list)
    back: int = 0

    def __call__(self, body: Mapping[str, JSON]) -> "Booth":
        if len(self.bodies) == self.allowed:
            raise BudgetSpent("no more")
        self.bodies.append(body)
        return self

    def settle(self, usage: Usage | None) -> None:
        self.took.append(usage)

    def give_back(self) -> None:
        self.back += 1


@contextmanager
def on(errand: Errand) -> Iterator[None]:
    token = ERRAND.set(errand)
    try:
        yield
    finally:
        ERRAND.reset(token)


async def at_once(seconds: float) -> None:
    return None


async def post(url: str, retries: int = 3) -> JSON:
    async with aiohttp.ClientSession() as session:
        transport = Transport(session=session, secret="", retries=retries, sleep=at_once)
        return await transport.post(url, {"model": "m"})


def test_work_that_waits_for_a_slow_item_stops_when_it_is_called_off() -> None:
    errand, cancelled = Errand(), Event()

    async def work(item: int) -> int:
        if item == 0:
            return item
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return item

    with on(errand):
        results = Local(concurrency=2)(work, range(10), stage="test")
        assert next(results) == 0
        Timer(0.2, errand.off.set).start()
        with pytest.raises(Stopped, match="what was done is kept"):
            next(results)

    assert cancelled.is_set()


def test_what_was_finished_when_it_is_called_off_is_handed_out_first() -> None:
    errand = Errand()

    async def work(item: int) -> int:
        return item

    taken: list[object] = []

    def take() -> None:
        for result in Local(concurrency=2)(work, range(1000), stage="test"):
            errand.off.set()
            taken.append(result)

    with on(errand), pytest.raises(Stopped):
        take()

    assert 1 <= len(taken) <= 4  # no more than were out: twice the concurrency


def test_the_toll_is_asked_in_the_engines_loop_before_every_try_goes_out() -> None:
    booth = Booth()

    async def run() -> None:
        async with serving(says(fault("busy"), 500), says(completion())) as fake:
            url = f"{fake.url}/chat/completions"

            def ask() -> list[object]:
                async def work(_: int) -> JSON:
                    return await post(url)

                with on(Errand(toll=booth)):
                    return list(Local()(work, [1], stage="test"))

            await asyncio.to_thread(ask)

    asyncio.run(run())

    assert len(booth.bodies) == 2
    assert booth.took == [Usage(input_tokens=11, output_tokens=3)]


def test_where_the_toll_refuses_nothing_goes_out() -> None:
    booth = Booth(allowed=1)

    async def run() -> int:
        async with serving() as fake:
            with on(Errand(toll=booth)):
                await post(f"{fake.url}/chat/completions")
                with pytest.raises(BudgetSpent):
                    await post(f"{fake.url}/chat/completions")
            return len(fake.bodies)

    assert asyncio.run(run()) == 1


def test_a_request_that_reaches_nobody_is_given_back() -> None:
    booth = Booth()

    async def run() -> None:
        with on(Errand(toll=booth)), pytest.raises(ModelUnavailable):
            await post("http://127.0.0.1:9/v1", retries=2)

    asyncio.run(run())

    assert len(booth.bodies) == booth.back == 3


@pytest.mark.parametrize("body", [{}, {"usage": None}, {"usage": {"prompt_tokens": "many"}}])
def test_an_answer_that_does_not_say_what_it_took_is_settled_as_unknown(body: JSON) -> None:
    booth = Booth()

    async def run() -> None:
        async with serving(lambda _: web.json_response(body)) as fake:
            with on(Errand(toll=booth)):
                await post(f"{fake.url}/chat/completions")

    asyncio.run(run())

    assert booth.took == [None]
