"""A new model invents a client, drops a clause and calls a new tool: that is what stands first."""

import asyncio
import json
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from fake_server import FakeServer, completion, fault, serving
from foretaste.errors import PlanError
from foretaste.pairs import Comparison, FlagKind
from foretaste.personal.diff import NAME, PAGE, diff
from foretaste.records import Prefix, Stop
from foretaste.stages.preview import Cost
from stories.own_history import CLAUSE, HISTORIES, TOPICS, Call, Said, history

INVENTED, DROPPED, CALLED = "pensions", "permits", "wills"
CLIENT = "Castellan Partners"
OPENINGS = ("Here is a draft.", "A first draft follows.", "See below for the text.")


def called(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return completion(None, tool_calls=[{"id": "c1", "type": "function", "function": function}])


def topic_of(said: list[dict[str, Any]]) -> str:
    asked = next(m["content"] for m in reversed(said) if m["role"] == "user")
    return next(topic for topic in TOPICS if topic in asked)


def answer(body: dict[str, Any], *, tools: bool = True) -> dict[str, Any]:
    """What either model says next: other words than the record, and the new one does the rest."""
    said, model = body["messages"], body["model"]
    topic = topic_of(said)
    turn = history()[TOPICS.index(topic)]
    if said[-1]["role"] == "user" and (model, topic) == ("new", CALLED):
        return called(Call("SendMail", {"to": "everyone"}))
    if said[-1]["role"] == "user" and turn.call is not None and tools:
        return called(turn.call)
    text = f"{random.Random(f'{model} {topic}').choice(OPENINGS)} {turn.answer}"
    if (model, topic) == ("new", INVENTED):
        text = text.replace("for you", f"for you and {CLIENT}")
    if (model, topic) == ("new", DROPPED):
        text = text.replace(f" {CLAUSE}", "")
    return completion(text)


async def step(request: web.Request) -> web.Response:
    return web.json_response(answer(await request.json()))


async def step_of_a_chat(request: web.Request) -> web.Response:
    return web.json_response(answer(await request.json(), tools=False))


def without_tools() -> list[Said]:
    return [turn._replace(call=None) for turn in history()]


def compared(log: str, path: Path, /, *script: Any, **more: Any) -> tuple[Comparison, FakeServer]:
    """A diff against the server, which runs beside it."""

    async def both() -> tuple[Comparison, FakeServer]:
        async with serving(*(script or (step,))) as fake:
            model = {"use": "openai", "model": "new", "base_url": fake.url, "retries": 0}
            given = {"model": model, "path": str(path)} | more
            return await asyncio.to_thread(diff, log, **given), fake

    return asyncio.run(both())


def asked_of(comparison: Comparison) -> list[str]:
    return [topic_of(plain(pair.prefix)) for pair in comparison.pairs]


def plain(prefix: Prefix) -> list[dict[str, Any]]:
    return [{"role": message.role, "content": message.content} for message in prefix.messages]


@pytest.mark.parametrize("name", HISTORIES)
def test_what_the_new_model_makes_up_drops_and_calls_anew_stands_first(
    tmp_path: Path, name: str
) -> None:
    is_chat = name == "chatgpt"
    log = HISTORIES[name](tmp_path, without_tools() if is_chat else history())
    found, _ = compared(log, tmp_path / "run", step_of_a_chat if is_chat else step)

    first = dict(zip(asked_of(found), found.pairs[:3], strict=False))
    assert set(first) == {INVENTED, DROPPED, CALLED}
    told = {topic: pair.flags[0] for topic, pair in first.items()}
    assert (told[INVENTED].kind, told[INVENTED].quote) == (FlagKind.NAME, CLIENT)
    assert (told[DROPPED].kind, told[DROPPED].quote) == (FlagKind.DROPPED, CLAUSE)
    assert told[CALLED].kind == FlagKind.TOOL
    assert told[CALLED].says == "Calls the tool “SendMail”, which no recorded turn calls."
    assert all(flag.noise is False for flag in told.values())
    new = first[CALLED].new
    assert new is not None
    assert new.stop is Stop.TOOL_MISS
    assert found.old == "old"
    assert found.noise is not None
    assert found.noise.pairs == len(TOPICS)
    assert all(pair.source for pair in found.pairs)


def test_comparison_and_page_are_kept_in_the_run_s_folder(tmp_path: Path) -> None:
    found, _ = compared(HISTORIES["codex"](tmp_path, history()), tmp_path / "run")

    kept = (tmp_path / "run" / NAME).read_bytes()
    assert msgspec.json.decode(kept, type=Comparison) == found
    assert CLIENT in (tmp_path / "run" / PAGE).read_text()


def test_a_baseline_that_is_not_there_costs_the_noise_control_and_nothing_else(
    tmp_path: Path,
) -> None:
    async def only_new(request: web.Request) -> web.Response:
        body = await request.json()
        if body["model"] != "new":
            return web.json_response(fault("no such model"), status=404)
        return web.json_response(answer(body))

    found, _ = compared(HISTORIES["codex"](tmp_path, history()), tmp_path / "run", only_new)

    assert all(pair.new is not None and pair.again is None for pair in found.pairs)
    assert found.noise is None
    assert found.pairs[0].flags[0].noise is None
    assert any("openai/old could not be asked again" in note for note in found.notes)


def test_the_price_is_asked_for_before_anything_is_sent(tmp_path: Path) -> None:
    log = HISTORIES["codex"](tmp_path, history())
    seen: list[tuple[Cost, ...]] = []

    with pytest.raises(PlanError, match="no consent"):
        compared(log, tmp_path / "run", announce=seen.append, confirm=lambda _: False)
    assert [(cost.what, cost.calls) for cost in seen[0]] == [("incumbent", 10), ("candidate", 10)]
    _, fake = compared(log, tmp_path / "other", baseline="none")
    assert {body["model"] for body in fake.bodies} == {"new"}


DIFF = """
import json, sys
from foretaste.personal.diff import diff
diff(sys.argv[1], model=json.loads(sys.argv[2]), path=sys.argv[3])
"""


def test_a_diff_that_is_killed_goes_on_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    log = HISTORIES["chatgpt"](tmp_path, without_tools())
    given: Counter[tuple[str, str]] = Counter()

    async def slow(request: web.Request) -> web.Response:
        body = await request.json()
        # The first six at once; then the process is killed while all the others wait.
        if given.total() >= 6 and not killed.is_set():
            enough.set()
            await killed.wait()
        said = web.json_response(answer(body, tools=False))
        given[body["model"], topic_of(body["messages"])] += 1
        return said

    enough, killed = asyncio.Event(), asyncio.Event()

    async def scene() -> Comparison:
        async with serving(slow) as fake:
            model = {"use": "openai", "model": "new", "base_url": fake.url, "retries": 0}
            command = ["-c", DIFF, log, json.dumps(model), str(tmp_path / "run")]
            process = await asyncio.create_subprocess_exec(sys.executable, *command)
            await asyncio.wait_for(enough.wait(), 60)
            await asyncio.sleep(1.0)  # what was answered becomes durable
            process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
            killed.set()
            paid = Counter(given)
            given.clear()
            found = await asyncio.to_thread(diff, log, model=model, path=str(tmp_path / "run"))
            assert not paid & given
            assert sum(map(len, (paid, given))) <= 2 * len(TOPICS) + 8
            count = given.total()
            again = await asyncio.to_thread(diff, log, model=model, path=str(tmp_path / "run"))
            assert given.total() == count
            assert again == found
            return found

    found = asyncio.run(scene())
    assert all(pair.new is not None and pair.again is not None for pair in found.pairs)


def test_a_folder_of_another_diff_is_refused(tmp_path: Path) -> None:
    log = HISTORIES["codex"](tmp_path, history())
    compared(log, tmp_path / "run", baseline="none")

    with pytest.raises(PlanError, match="another folder"):
        compared(log, tmp_path / "run")
