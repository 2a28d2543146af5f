import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.errors import ItemFailed, MachineFailed, ModelUnavailable, PlanError
from foretaste.records import Failure, Lane


@dataclass(frozen=True)
class Item:
    id: str


def items(count: int) -> Iterator[Item]:
    return (Item(str(number)) for number in range(count))


async def echo(item: Item) -> str:
    return item.id


def run(work: Any, source: Any, *, concurrency: int = 8, **more: Any) -> list[Any]:
    return list(Local(concurrency=concurrency)(work, source, stage="replay", **more))


async def never(item: Item, cancelled: list[str]) -> str:
    """Work without end, which notes that it was cancelled."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        cancelled.append(item.id)
        raise
    return item.id


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()  # a task that was forgotten would warn now
    assert "foretaste-engine" not in {thread.name for thread in threading.enumerate()}


@dataclass
class Part:
    """A part that notes when it is entered and left."""

    notes: list[str] = field(default_factory=list)
    fails_on: str = ""

    async def __aenter__(self) -> Self:
        self.notes.append("entered")
        if self.fails_on == "enter":
            raise ModelUnavailable("no weights")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.sleep(0)
        self.notes.append("left")
        if self.fails_on == "exit":
            raise ConnectionError("will not close")


@pytest.mark.parametrize("concurrency", [1, 2, 64])
@pytest.mark.parametrize("count", [0, 1, 3, 500])
def test_every_item_gives_one_result(concurrency: int, count: int) -> None:
    results = run(echo, items(count), concurrency=concurrency)

    assert sorted(results, key=int) == [str(number) for number in range(count)]


def test_results_come_as_they_finish_not_in_the_order_of_the_items() -> None:
    second_done = asyncio.Event()

    async def work(item: Item) -> str:
        if item.id == "0":
            await second_done.wait()
        else:
            second_done.set()
        return item.id

    assert run(work, items(2), concurrency=2) == ["1", "0"]


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_exactly_as_many_items_as_asked_are_in_work_at_once(concurrency: int) -> None:
    now = most = 0

    async def work(item: Item) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.002)
        now -= 1
        return item.id

    run(work, items(100), concurrency=concurrency)

    assert most == concurrency


def test_items_are_pulled_on_the_callers_thread_and_no_more_than_needed() -> None:
    pulled = []

    def source() -> Iterator[Item]:
        for item in items(1_000_000):
            pulled.append(threading.current_thread())
            yield item

    results = Local(concurrency=4)(echo, source(), stage="replay")
    for _ in range(10):
        next(results)
    results.close()  # type: ignore[attr-defined]

    assert len(pulled) <= 10 + 2 * 4
    assert set(pulled) == {threading.current_thread()}


def test_a_consumer_that_stops_taking_stops_the_work() -> None:
    started = 0

    async def work(item: Item) -> str:
        nonlocal started
        started += 1
        return item.id

    results = Local(concurrency=4)(work, items(1000), stage="replay")
    next(results)
    threading.Event().wait(0.05)
    results.close()  # type: ignore[attr-defined]

    assert started <= 1 + 2 * 4


def test_a_failed_item_is_data_and_the_rest_goes_on() -> None:
    async def work(item: Item) -> str:
        if item.id == "3":
            raise ItemFailed("the server answered 500, five times")
        return item.id

    results = run(work, items(6), lane=Lane.CANDIDATE)
    failure = Failure(
        stage="replay",
        item="3",
        reason="the server answered 500, five times",
        lane=Lane.CANDIDATE,
    )

    assert failure in results
    assert sorted(result for result in results if result != failure) == ["0", "1", "2", "4", "5"]


def test_an_unforeseen_error_is_a_failure_with_its_type_and_a_short_message() -> None:
    async def work(item: Item) -> str:
        raise KeyError("x" * 1000)

    (failure,) = run(work, items(1))

    assert failure.reason == f"KeyError: '{'x' * 199}"


def test_work_that_is_cancelled_from_inside_is_a_failure_not_a_hang() -> None:
    async def work(item: Item) -> str:
        if item.id == "1":
            raise asyncio.CancelledError
        return item.id

    results = run(work, items(4), concurrency=1)

    assert results == ["0", Failure(stage="replay", item="1", reason="CancelledError: "), "2", "3"]


def test_a_failing_item_without_id_is_named_as_such() -> None:
    async def work(item: int) -> int:
        raise ItemFailed("no")

    (failure,) = run(work, [7])

    assert failure.item == "a int without an id"


def test_twenty_failures_and_no_success_are_the_machines_fault_and_no_data() -> None:
    calls = 0

    async def work(item: Item) -> str:
        nonlocal calls
        calls += 1
        raise ItemFailed("connection reset")

    results = Local(concurrency=4)(work, items(1_000_000), stage="replay")

    with pytest.raises(
        MachineFailed, match="the first 20 items all failed; the last: connection reset"
    ):
        next(results)
    assert calls <= 20 + 2 * 4


def test_nineteen_failures_before_a_success_are_data() -> None:
    async def work(item: Item) -> str:
        if int(item.id) < 19:
            raise ItemFailed("too long")
        return item.id

    results = run(work, items(60), concurrency=1)

    assert len([result for result in results if isinstance(result, Failure)]) == 19
    assert len(results) == 60


def test_many_failures_after_a_success_are_data() -> None:
    async def work(item: Item) -> str:
        if item.id != "0":
            raise ItemFailed("too long")
        return item.id

    assert len(run(work, items(100), concurrency=1)) == 100


def test_a_short_run_that_only_fails_is_data() -> None:
    async def work(item: Item) -> str:
        raise ItemFailed("too long")

    assert len(run(work, items(19))) == 19


def test_a_failing_machine_stops_everything_and_is_raised() -> None:
    part = Part()
    cancelled: list[str] = []

    async def work(item: Item) -> str:
        if item.id == "9":
            raise ModelUnavailable("the key is wrong")
        if int(item.id) < 5:
            return item.id
        return await never(item, cancelled)

    results = Local(concurrency=8)(work, items(1_000_000), stage="replay", using=[part])
    got: list[Any] = []
    with pytest.raises(ModelUnavailable, match="the key is wrong"):
        got.extend(results)

    assert sorted(got) == ["0", "1", "2", "3", "4"]
    assert {"5", "6", "7", "8"} <= set(cancelled)
    assert part.notes == ["entered", "left"]


def test_failures_before_a_failing_machine_are_not_recorded() -> None:
    async def work(item: Item) -> str:
        if item.id == "2":
            raise ModelUnavailable("nobody there")
        raise ItemFailed("connection reset")

    results = Local(concurrency=1)(work, items(100), stage="replay")

    with pytest.raises(ModelUnavailable):
        next(results)


def test_closing_early_cancels_what_runs_and_leaves_the_parts() -> None:
    part = Part()
    begun: set[str] = set()
    others = asyncio.Event()
    cancelled: list[str] = []

    async def work(item: Item) -> str:
        if item.id == "0":
            await others.wait()  # the first result comes when three others are in work
            return item.id
        begun.add(item.id)
        if len(begun) == 3:
            others.set()
        return await never(item, cancelled)

    results = Local(concurrency=4)(work, items(1_000_000), stage="replay", using=[part])
    first = next(results)
    results.close()  # type: ignore[attr-defined]

    assert first == "0"
    assert set(cancelled) == begun >= {"1", "2", "3"}
    assert part.notes == ["entered", "left"]


def test_a_forgotten_iterator_cleans_up_too() -> None:
    part = Part()
    results = Local()(echo, items(1000), stage="replay", using=[part])
    next(results)
    del results
    gc.collect()

    assert part.notes == ["entered", "left"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MachineFailed])
def test_an_error_of_the_source_is_raised_and_cleans_up(error: type[BaseException]) -> None:
    part = Part()

    def source() -> Iterator[Item]:
        yield from items(3)
        raise error("stop")

    with pytest.raises(error, match="stop"):
        run(echo, source(), using=[part])
    assert part.notes == ["entered", "left"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_inside_the_work_is_raised_in_the_caller(error: type[BaseException]) -> None:
    async def work(item: Item) -> str:
        raise error("stop")

    with pytest.raises(error):
        run(work, items(10))


def test_parts_are_entered_before_the_first_item_and_left_after_the_last() -> None:
    part = Part()

    async def work(item: Item) -> str:
        part.notes.append("worked")
        return item.id

    run(work, items(2), using=[part, object(), echo, part])

    assert part.notes == ["entered", "worked", "worked", "left"]


def test_a_part_that_cannot_be_entered_stops_the_run_and_the_others_are_left() -> None:
    first, second = Part(), Part(fails_on="enter")

    with pytest.raises(ModelUnavailable, match="no weights"):
        run(echo, items(100), using=[first, second])
    assert first.notes == ["entered", "left"]


def test_a_part_that_cannot_be_left_is_an_error_after_the_last_result() -> None:
    results = Local()(echo, items(3), stage="replay", using=[Part(fails_on="exit")])
    got: list[Any] = []
    with pytest.raises(ConnectionError, match="will not close"):
        got.extend(results)

    assert sorted(got) == ["0", "1", "2"]


def test_one_engine_can_feed_another() -> None:
    async def itself(item: Item) -> Item:
        await asyncio.sleep(0)
        return item

    inner = Local(concurrency=2)(itself, items(200), stage="replay")

    assert len(run(echo, inner, concurrency=3)) == 200


def test_an_engine_works_inside_a_running_event_loop() -> None:
    async def notebook() -> list[Any]:
        return run(echo, items(5))

    assert len(asyncio.run(notebook())) == 5


def test_an_iterator_that_is_never_started_starts_nothing() -> None:
    part = Part()
    results = Local()(echo, items(3), stage="replay", using=[part])
    with suppress(GeneratorExit):
        results.close()  # type: ignore[attr-defined]

    assert part.notes == []


@pytest.mark.parametrize("concurrency", [0, -1])
def test_a_concurrency_below_one_is_refused(concurrency: int) -> None:
    with pytest.raises(PlanError, match="at least 1"):
        Local(concurrency=concurrency)
