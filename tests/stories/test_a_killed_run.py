"""A run that is killed again and again ends as if nobody had touched it."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from aiohttp import web

from foretaste.adapters.stores.files import Files
from foretaste.findings import Study
from foretaste.pipeline import run
from foretaste.records import Lane, Prefix, Rollout
from stories.planted import behavior, conversation, write_log

PREFIXES, CONCURRENCY = 120, 8
RUN = "import sys, foretaste; foretaste.run(sys.argv[1])"


def a_quarter(model: str, last: str) -> str:
    """Says it in a quarter of the answers, by what was asked: the same in every run."""
    return "alpha!" if random.Random(f"{model}: {last}").random() < 0.25 else "Fine."


@dataclass
class Server:
    """A chat-completions server that remembers what it answered."""

    says: Callable[[str, str], str] = a_quarter
    url: str = ""
    answered: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        await asyncio.sleep(0.01)
        last = body["messages"][-1]["content"]
        asked = f"{body['model']}: {last}"
        said = self.says(body["model"], last)
        self.answered[asked] += 1
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return web.json_response({"model": body["model"], "choices": [choice]})

    @property
    def total(self) -> int:
        return self.answered.total()

    @property
    def more_than_once(self) -> int:
        return self.total - len(self.answered)


@contextmanager
def serving(says: Callable[[str, str], str] = a_quarter) -> Iterator[Server]:
    """The server on 127.0.0.1, in a thread of its own."""
    server, ready, loop = Server(says), Event(), asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", server.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    stop = asyncio.Event()
    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def plan(folder: Path, url: str) -> dict[str, Any]:
    log = [
        conversation([f"Question {name_of(n)}?"], ["Fine."], user=f"u{n}", id=f"c{n}")
        for n in range(PREFIXES)
    ]
    model = {"use": "openai", "base_url": url, "retries": 0}
    return {
        "log": {"path": write_log(folder / "log.jsonl", log)},
        "store": {"use": "files", "path": str(folder / "run")},
        "engine": {"use": "local", "concurrency": CONCURRENCY},
        "incumbent": model | {"model": "old"},
        "candidate": model | {"model": "new"},
        "sample": {"size": None},
        "forecast": {"turns": 1_000},
        "behaviors": [behavior(folder, "alpha")],
    }


def name_of(number: int) -> str:
    """A word for a number: the scrubber replaces long numbers."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:03d}")


def killed(command: list[str], server: Server, after: int) -> None:
    """Start a run, and kill it once the server has given so many further answers."""
    enough = server.total + after
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while server.total < enough and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == -signal.SIGKILL, said.decode()


def kept(folder: Path) -> set[tuple[str, Lane]]:
    with Files(path=str(folder / "run"), reading=True) as store:
        return {(each.parent, each.lane) for each in store.read(Rollout)}


def rates(study: Study) -> list[Any]:
    return [study.estimates, study.fidelity, study.changes, study.sealed.forecasts]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Study:
    with serving() as server:
        return run(plan(tmp_path_factory.mktemp("untouched"), server.url)).study


@pytest.mark.parametrize(("seed", "kills"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_a_run_killed_at_any_moment_ends_whole_and_pays_for_nothing_twice(
    tmp_path: Path, seed: int, kills: int, untouched: Study
) -> None:
    rng = random.Random(seed)
    with serving() as server:
        given = plan(tmp_path, server.url)
        (tmp_path / "plan.json").write_text(json.dumps(given))
        command = [sys.executable, "-c", RUN, str(tmp_path / "plan.json")]
        acknowledged: set[tuple[str, Lane]] = set()
        for _ in range(kills):
            killed(command, server, after=rng.randint(1, 2 * PREFIXES // kills - 10))
            assert acknowledged <= kept(tmp_path)
            acknowledged = kept(tmp_path)
        study = run(str(tmp_path / "plan.json")).study

        assert acknowledged < kept(tmp_path)
        assert len(server.answered) == 2 * PREFIXES
        # What was in flight, and what had been answered some milliseconds before: the engine has
        # at most twice the concurrency out of the caller's hands.
        assert server.more_than_once <= kills * 2 * CONCURRENCY
        assert rates(study) == rates(untouched)
        assert all(not lane.failures for lane in study.account.lanes)

        before = server.total
        assert run(str(tmp_path / "plan.json")).study == study
        assert server.total == before
    with Files(path=str(tmp_path / "run"), reading=True) as store:
        assert len(list(store.read(Prefix))) == PREFIXES
        assert len(list(store.read(Rollout))) == 3 * PREFIXES
