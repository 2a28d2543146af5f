"""Run a user's code beside the event loop, and give up on it when it hangs."""

import asyncio
import queue
import threading
import weakref
from collections.abc import Callable
from typing import TypeVar

from foretaste.errors import ItemFailed

T = TypeVar("T")
Job = Callable[[], None]


class Worker:
    """One thread, started with the first job, that does jobs in order.

    All jobs of a session run in the same thread, as a SQLite connection demands. A thread cannot be
    killed: one that hangs is left behind, which does not keep the program from ending.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self._name = name
        self._seconds = seconds
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._started = False
        self._hung = ""

    async def __call__(self, what: str, job: Callable[[], T]) -> T:
        """Do one job in the thread.

        Raises:
            ItemFailed: the job took longer than allowed, or one before it did.
        """
        if self._hung:
            raise ItemFailed(f"{self._name}: {what} came after {self._hung}, which hangs")
        if not self._started:
            self._started = True
            threading.Thread(
                target=_work, args=(self._jobs,), name=f"foretaste-{self._name}", daemon=True
            ).start()
            weakref.finalize(self, self._jobs.put, None)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(lambda: _do(job, loop, done))
        try:
            async with asyncio.timeout(self._seconds) as limit:
                return await done
        except TimeoutError as error:
            if not limit.expired():
                raise  # the job's own
            self._hung = what
            raise ItemFailed(
                f"{self._name}: {what} gave no answer within {self._seconds:g} seconds"
            ) from error


def _work(jobs: "queue.SimpleQueue[Job | None]") -> None:
    while (job := jobs.get()) is not None:
        job()


def _do(job: Callable[[], T], loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]") -> None:
    def tell(settle: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(lambda: None if done.done() else settle())
        except RuntimeError:
            return  # the loop ended while the job hung

    try:
        result = job()
    except BaseException as error:  # noqa: BLE001 - whatever the user's code raises is the caller's
        caught = error
        tell(lambda: done.set_exception(caught))
    else:
        tell(lambda: done.set_result(result))
