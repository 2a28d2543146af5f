import asyncio
import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from foretaste.adapters.simulators.worker import Worker
from foretaste.errors import ItemFailed


def done(worker: Worker, *jobs: Callable[[], Any]) -> list[Any]:
    async def run() -> list[Any]:
        return [await worker("a job", job) for job in jobs]

    return asyncio.run(run())


def test_jobs_run_in_order_in_one_thread_that_is_not_the_caller_s() -> None:
    named = done(Worker("Shop", 5), *[threading.get_ident] * 3)

    assert len(set(named)) == 1
    assert threading.get_ident() not in named


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_what_a_job_raises_is_raised_to_the_caller(error: BaseException) -> None:
    def job() -> None:
        raise error

    async def run() -> BaseException:
        try:
            await Worker("Shop", 5)("a job", job)
        except BaseException as found:  # noqa: BLE001 - that is what is tested
            return found
        raise AssertionError

    assert asyncio.run(run()) is error


def test_a_job_s_own_time_out_is_its_error() -> None:
    def job() -> None:
        raise TimeoutError("theirs")

    with pytest.raises(TimeoutError, match="theirs"):
        done(Worker("Shop", 5), job)


def test_a_job_that_hangs_fails_and_so_does_every_later_one_at_once() -> None:
    worker = Worker("Shop", 0.05)
    release = threading.Event()
    with pytest.raises(ItemFailed, match="Shop: a job gave no answer within"):
        done(worker, release.wait)

    began = time.monotonic()
    with pytest.raises(ItemFailed, match="came after a job, which hangs"):
        done(worker, lambda: 1)
    assert time.monotonic() - began < 0.05
    release.set()


def test_the_loop_goes_on_while_a_job_hangs() -> None:
    async def run() -> list[str]:
        release = threading.Event()
        hung = asyncio.create_task(Worker("Shop", 5)("a job", release.wait))
        other = await Worker("Shop", 5)("another", lambda: "done")
        release.set()
        return [other, str(await hung)]

    assert asyncio.run(run()) == ["done", "True"]


def test_the_thread_ends_with_its_worker() -> None:
    worker = Worker("Ends", 5)
    (thread,) = done(worker, threading.current_thread)
    del worker
    gc.collect()
    thread.join(5)

    assert not thread.is_alive()
