"""Where the graders of a panel share one reply."""

import asyncio
from typing import Any

from foretaste.adapters.graders.desk import Desk


def test_a_desk_asks_once_for_its_seats_and_anew_for_who_comes_again() -> None:
    desk: Desk[int] = Desk(seats=2)
    asked: list[int] = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    async def work() -> list[Any]:
        first = await asyncio.gather(desk.share("x", "a", ask), desk.share("x", "b", ask))
        return [*first, await desk.share("x", "a", ask), await desk.share("x", "a", ask)]

    assert asyncio.run(work()) == [(1, True), (1, False), (2, True), (3, True)]


def test_a_desk_keeps_no_more_than_it_can_hold() -> None:
    desk: Desk[str] = Desk(seats=2, kept=3)

    async def ask() -> str:
        return "found"

    async def work() -> int:
        for number in range(10):
            await desk.share(str(number), "a", ask)
        return len(desk._asked)

    assert asyncio.run(work()) == 3
    desk.clear()
    assert not desk._asked


def test_who_is_cancelled_leaves_no_question_open() -> None:
    desk: Desk[None] = Desk(seats=2)
    ended: list[str] = []

    async def ask() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")

    async def work() -> None:
        waiting = asyncio.ensure_future(desk.share("x", "a", ask))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])

    asyncio.run(work())
    assert ended == ["ended"]
