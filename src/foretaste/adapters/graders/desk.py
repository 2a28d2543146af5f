"""Where the graders of a panel share one reply of their judge about one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Found = TypeVar("Found")


@dataclass(slots=True)
class _Asked(Generic[Found]):
    task: asyncio.Task[Found]
    taken: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Desk(Generic[Found]):
    """Asks once for all of its seats; who asks again for the same is asking anew.

    Args:
        seats: graders that share the desk.
        kept: findings to keep that not every seat has taken: after a resume, all are such.
    """

    seats: int = 1
    kept: int = 1_000
    _asked: dict[str, _Asked[Found]] = field(default_factory=dict)

    async def share(
        self, about: str, seat: str, ask: Callable[[], Awaitable[Found]]
    ) -> tuple[Found, bool]:
        """What was found about something, and whether it was asked for this seat.

        Raises:
            Exception: whatever asking raised, for each seat.
        """
        if self.seats == 1:
            return await ask(), True
        asked = self._asked.get(about)
        first = asked is None or seat in asked.taken
        if asked is None or first:
            asked = self._asked[about] = _Asked(asyncio.ensure_future(_coroutine(ask)))
            if len(self._asked) > self.kept:
                del self._asked[next(iter(self._asked))]
        asked.taken.add(seat)
        if len(asked.taken) == self.seats:
            self._asked.pop(about, None)
        try:
            return await asyncio.shield(asked.task), first
        except asyncio.CancelledError:
            asked.task.cancel()  # work is cancelled all together; a task left alone would linger
            await asyncio.wait([asked.task])
            raise

    def clear(self) -> None:
        """Forget what was not taken."""
        self._asked.clear()


async def _coroutine(ask: Callable[[], Awaitable[Found]]) -> Found:
    return await ask()
