"""One event loop in a thread of its own: `foretaste.engines` entry `local`."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic

from foretaste.errand import ERRAND
from foretaste.errors import ItemFailed, MachineFailed, PlanError
from foretaste.protocols import Item, Result
from foretaste.records import Failure, Lane

_FIRST = 20  # so many failures and not one success: the machine is at fault, not the items
_GLANCE_S = 0.1  # between two looks whether the errand was called off
_REASON = 200  # characters of an unforeseen error's message that a failure keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Works on `concurrency` items at a time in one event loop, in a thread of its own.

    Items are pulled on the caller's thread, a few ahead of what is in work; at most twice
    `concurrency` items are out (waiting, in work or finished) before the caller takes a result.

    Raises:
        PlanError: `concurrency` is less than one.
    """

    concurrency: int = 8

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise PlanError(f"concurrency is {self.concurrency}; it must be at least 1")

    def __call__(
        self,
        work: Callable[[Item], Awaitable[Result]],
        items: Iterable[Item],
        *,
        stage: str,
        lane: Lane | None = None,
        using: Sequence[object] = (),
    ) -> Iterator[Result | Failure]:
        """Yield results as they finish, in any order; see `protocols.Engine`.

        Failures are held back until the first success: where the first 20 items to finish all
        fail, nothing is yielded, so that a dead endpoint is not recorded as 20 bad items.

        Raises:
            MachineFailed: raised by the work, or the first 20 items all failed.
            Stopped: the errand that the caller is on was called off.
        """
        flight = _Flight(work, stage, lane, using, self.concurrency)
        try:
            yield from _patient(flight.results(iter(items), ahead=2 * self.concurrency))
        finally:
            flight.land()
        if flight.error is not None:
            raise flight.error


def _patient(results: Iterator[Result | Failure]) -> Iterator[Result | Failure]:
    """Hold failures back until something succeeds, or there are too many."""
    held: list[Failure] = []
    for result in results:
        if not isinstance(result, Failure):
            yield from held
            yield result
            yield from results
            return
        held.append(result)
        if len(held) == _FIRST:
            raise MachineFailed(f"the first {_FIRST} items all failed; the last: {result.reason}")
    yield from held


class _Flight(Generic[Item, Result]):
    """One call of the engine: the loop's thread, what goes in, and what comes out."""

    def __init__(
        self,
        work: Callable[[Item], Awaitable[Result]],
        stage: str,
        lane: Lane | None,
        using: Sequence[object],
        concurrency: int,
    ) -> None:
        self.error: BaseException | None = None  # what ended the loop, if not `land`
        self._work = work
        self._stage = stage
        self._lane = lane
        self._using = using
        self._concurrency = concurrency
        self._inbox: deque[Item] = deque()
        self._idle: deque[asyncio.Future[None]] = deque()  # workers that wait for an item
        self._done: SimpleQueue[Result | Failure | None] = SimpleQueue()  # None: the loop ended
        self._waking = False  # `_wake` is under way
        self._started = Event()
        self._main: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._errand = ERRAND.get()
        # The errand holds in the loop, too.
        self._thread = Thread(
            target=copy_context().run, args=(self._run,), name="foretaste-engine", daemon=True
        )
        self._thread.start()

    def results(self, items: Iterator[Item], *, ahead: int) -> Iterator[Result | Failure]:
        """Feed items to the loop and yield what comes back. Runs on the caller's thread."""
        out = 0
        exhausted = False
        while True:
            # One item in, one result out: a slow source never holds back more than one result,
            # and a slow consumer never starves the loop.
            off = self._errand is not None and self._errand.off.is_set()
            if not exhausted and out < ahead and self.error is None and not off:
                try:
                    item = next(items)
                except StopIteration:
                    exhausted = True
                else:
                    self._submit(item)
                    out += 1
                if self._done.empty():
                    continue
            if not out:
                if off and self._errand is not None:
                    self._errand.check()
                return
            result = self._finished()
            if result is None:
                raise self.error or MachineFailed("the engine's loop was cancelled from inside")
            out -= 1
            yield result

    def land(self) -> None:
        """Cancel what runs, leave the parts, and wait for the thread to end."""
        self._inbox.clear()
        self._started.wait()
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join()

    def _finished(self) -> Result | Failure | None:
        """What finished next; waits for it.

        Raises:
            Stopped: the errand was called off.
        """
        if self._errand is None:
            return self._done.get()
        while True:
            with suppress(Empty):  # what is finished was paid for: it goes first
                return self._done.get(timeout=_GLANCE_S)
            self._errand.check()

    def _submit(self, item: Item) -> None:
        self._inbox.append(item)
        # A worker enters `_idle` and then looks into `_inbox` once more, so that one of the two
        # threads always sees what the other did.
        if self._idle and not self._waking:
            self._waking = True
            with suppress(RuntimeError):  # the loop has ended; its `None` is in `_done`
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._waking = False  # before the look into `_inbox`: what comes later wakes anew
        for _ in range(min(len(self._inbox), len(self._idle))):
            waiting = self._idle.popleft()
            if not waiting.done():
                waiting.set_result(None)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._fly())
        except asyncio.CancelledError:
            pass  # by `land`
        except BaseException as error:  # noqa: BLE001 - whatever ends the loop is raised in the caller
            self.error = error
        finally:
            self._started.set()
            self._done.put(None)

    async def _fly(self) -> None:
        self._main = asyncio.current_task()
        self._started.set()
        async with AsyncExitStack() as parts:
            for part in {id(part): part for part in self._using}.values():
                if isinstance(part, AbstractAsyncContextManager):
                    await parts.enter_async_context(part)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(self._concurrency):
                        group.create_task(self._worker())
            except BaseExceptionGroup as failed:
                raise failed.exceptions[0] from None
            finally:
                self._main = None  # parts are left in peace

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    async def _worker(self) -> None:
        while True:
            try:
                item = self._inbox.popleft()
            except IndexError:
                await self._arrival()
            else:
                self._done.put(await self._outcome(item))

    async def _arrival(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append(waiting)
        if self._inbox:
            self._idle.pop()  # it came in between
        else:
            await waiting

    async def _outcome(self, item: Item) -> Result | Failure:
        """The boundary of one item: what it raises becomes data."""
        try:
            return await self._work(item)
        except ItemFailed as error:
            return self._failure(item, str(error))
        except MachineFailed:
            raise
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise  # by `land`, or because another worker met a failing machine
            return self._failure(item, _named(error))  # the work was cancelled from inside
        except Exception as error:  # noqa: BLE001 - the one boundary: an item's error is data
            return self._failure(item, _named(error))

    def _failure(self, item: Item, reason: str) -> Failure:
        name = getattr(item, "id", None)
        return Failure(
            stage=self._stage,
            item=f"a {type(item).__name__} without an id" if name is None else str(name),
            reason=reason,
            lane=self._lane,
        )


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:_REASON]}"
