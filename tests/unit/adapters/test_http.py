import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from fake_server import completion, fault, says, serving
from foretaste.adapters.http import Transport, asked_wait
from foretaste.errors import ItemFailed

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def waits(*script: Callable[[web.Request], Any], retries: int = 6) -> list[float]:
    """Post once, without really sleeping; how long each wait would have been."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    async def run() -> None:
        async with serving(*script) as fake, aiohttp.ClientSession() as session:
            transport = Transport(session=session, secret="", retries=retries, sleep=note)
            await transport.post(f"{fake.url}/chat/completions", {})

    asyncio.run(run())
    return waited


def test_the_wait_is_as_long_as_the_server_asks() -> None:
    slow = says(fault("slow down"), 429, Retry_After="17")
    slower = says(fault("slow down"), 503, retry_after_ms="2500", Retry_After="3")

    assert waits(slow, slower, says(completion())) == [17.0, 2.5]


def test_a_longer_wait_than_the_limit_fails_the_item_at_once() -> None:
    with pytest.raises(ItemFailed, match="asks to wait 7200 s"):
        waits(says(fault("come back later"), 429, Retry_After="7200"))


def test_without_a_word_from_the_server_waits_are_random_and_grow_to_a_limit() -> None:
    busy = says(fault("busy"), 500)
    waited = waits(*[busy] * 12, says(completion()), retries=12)

    assert len(waited) == 12
    assert all(0 <= wait <= min(60, 0.5 * 2**number) for number, wait in enumerate(waited))
    assert len(set(waited)) > 1


def test_an_http_date_is_counted_from_now() -> None:
    until = format_datetime(NOW + timedelta(seconds=90), usegmt=True)

    assert asked_wait({"retry-after": until}, now=NOW) == 90.0


def test_a_date_that_has_passed_asks_for_no_wait() -> None:
    until = format_datetime(NOW - timedelta(hours=1), usegmt=True)

    assert asked_wait({"retry-after": until}, now=NOW) == 0.0


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "1e9", "٣"])
def test_nonsense_asks_for_nothing(text: str) -> None:
    assert asked_wait({"retry-after": text}, now=NOW) is None
