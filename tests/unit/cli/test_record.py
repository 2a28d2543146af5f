import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from fake_providers import TEXT, providing
from foretaste.cli import main
from stories.planted import behavior, plan, says

RATES = {"alpha": 0.3}


@asynccontextmanager
async def recorder(folder: Path, url: str) -> AsyncIterator[tuple[Process, Any, str]]:
    """The command in a process of its own, a client of it, and what it said at the start."""
    words = [sys.executable, "-m", "foretaste", "record", "--to", str(folder), "--port", "0"]
    words += ["--openai", f"{url}/v1", "--anthropic", url]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=PIPE, stderr=PIPE, env=os.environ | {"COLUMNS": "200"}
    )
    assert process.stderr is not None
    notice = [(await process.stderr.readline()).decode() for _ in range(4)]
    base = notice[2].strip().removeprefix("export OPENAI_BASE_URL=")
    async with AsyncOpenAI(api_key="sk-1", base_url=base, max_retries=0) as client:
        try:
            yield process, client, "".join(notice)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def ask(client: Any, number: int, *, stream: bool = False) -> None:
    messages: Any = [{"role": "user", "content": f"Question {number}, please?"}]
    user = f"user-{number % 25}"
    answer = await client.chat.completions.create(
        model="m", messages=messages, user=user, stream=stream
    )
    if stream:
        words = [c.delta.content or "" async for chunk in answer for c in chunk.choices]
        assert "".join(words) == TEXT


def test_a_team_without_logs_records_scans_and_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act() -> tuple[str, str, int | None]:
        async with providing() as fake, recorder(tmp_path / "log", fake.url) as started:
            process, client, notice = started
            for number in range(60):
                await ask(client, number, stream=number % 2 == 0)
            process.send_signal(signal.SIGINT)
            said, _ = await process.communicate()
            return notice, said.decode(), process.returncode

    notice, said, code = asyncio.run(act())
    log = tmp_path / "log" / "openai-chat"
    given = plan(tmp_path, str(log), RATES, candidate=says(RATES, "new"))
    given["behaviors"] = [behavior(tmp_path, "alpha")]
    (tmp_path / "plan.yaml").write_text(json.dumps(given))

    assert code == 0
    assert str(tmp_path / "log") in notice
    assert "export ANTHROPIC_BASE_URL=http://127.0.0.1:" in notice
    assert "60 calls recorded" in said
    assert f"foretaste scan {log}" in said
    assert main(["scan", str(tmp_path / "log"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "openai-chat"
    assert main(["run", str(tmp_path / "plan.yaml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["forecasts"]


def test_a_recorder_that_is_killed_leaves_all_that_was_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act() -> None:
        held = asyncio.Event()
        async with (
            providing(held=held) as fake,
            recorder(tmp_path, fake.url) as (process, client, _),
        ):
            for number in range(20):
                await ask(client, number)
            (file,) = await asyncio.to_thread(_grown, tmp_path, lines=20)
            fake.asked.clear()
            open_call = asyncio.create_task(ask(client, 20, stream=True))
            await fake.asked.wait()
            process.kill()
            with pytest.raises(Exception, match="error"):
                await open_call
            assert file.read_bytes().endswith(b"\n")

    asyncio.run(act())

    assert main(["scan", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["log"]["conversations"] == 20
    assert not found["log"]["failures"]


def _grown(folder: Path, *, lines: int) -> list[Path]:
    """The log's files, once they hold so many lines."""
    for _ in range(1000):
        files = list(folder.rglob("*.jsonl"))
        if sum(file.read_bytes().count(b"\n") for file in files) >= lines:
            return files
        time.sleep(0.01)
    raise AssertionError("the log does not grow")


def test_a_port_that_is_taken_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["record", "--to", str(tmp_path), "--port", str(taken.getsockname()[1])]

        assert main(words) == 4
    assert "cannot be used" in capsys.readouterr().err


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    assert main(["record", "--to", str(tmp_path), "--openai", "localhost"]) == 2
