import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.connector import Connector
from foretaste.adapters.simulators.layered import Layered
from foretaste.errors import MachineFailed, PlanError
from foretaste.protocols import Act, Session, Simulator, ToolAnswer
from foretaste.records import Failure, Lane, Prefix, Rollout, Stop, ToolCall
from foretaste.stages.replay import replay
from foretaste.testing import Line, ScriptedModel
from unit.adapters.simulators.asking import call
from unit.rows import prefix

LIBRARY = str(Path(__file__).with_name("library.py"))
ALLOWED = ("get_*", "search_*", "fetch_*", "find_*", "lend_*", "write_*", "status")


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the server notes every call that reaches it."""
    place = tmp_path / "calls"
    place.touch()
    monkeypatch.setenv("CALLS", str(place))
    return place


def connector(*more_arguments: str, **more: Any) -> Connector:
    given: dict[str, Any] = {"allow": ALLOWED, "env_from": ("CALLS",)} | more
    return Connector(command=(sys.executable, LIBRARY, *more_arguments), **given)


def asked(
    opened: Connector, *asked: ToolCall, before: tuple[Act, ...] = ()
) -> list[tuple[ToolAnswer | None, str]]:
    """What comes of each call: the answer, and why it was left open."""

    async def run() -> list[tuple[ToolAnswer | None, str]]:
        async with opened:
            session = opened(prefix())
            return [(await session(each, before), session.left_open) for each in asked]

    return asyncio.run(run())


def content(found: tuple[ToolAnswer | None, str]) -> str:
    assert found[0] is not None, found[1]
    return found[0].content


def test_a_read_on_the_allow_list_is_forwarded_and_says_whose_answer_it_is_and_of_when() -> None:
    ((answer, left_open),) = asked(connector(), call("get_book", title="Emma"))

    assert answer is not None
    assert answer.content == "Emma: 2 copies"
    assert answer.layer == "connector"
    assert answer.why == "'get_book' of the MCP server 'library', as of now, not as of then"
    assert left_open == ""


@pytest.mark.parametrize(
    ("tool", "reason"),
    [
        ("write_note", "'write_note' may write"),
        ("lend_book", "'lend_book' may write"),  # although the server says that it reads
        ("get_and_burn", "writes, as the server says"),
        ("find_loan", "writes, as the server says"),
        ("status", "'status' may write"),
        ("get_book", "not on the allow list"),
    ],
)
def test_any_other_tool_is_refused_says_why_and_never_reaches_the_server(
    tool: str, reason: str, calls: Path, tmp_path: Path
) -> None:
    allow = ("get_and_*", *(name for name in ALLOWED if name != "get_*"))
    made = tmp_path / "note"

    ((answer, left_open),) = asked(connector(allow=allow), call(tool, title="Emma", path=str(made)))

    assert answer is None
    assert left_open.startswith("refused: ")
    assert reason in left_open
    assert calls.read_text() == ""
    assert not made.exists()


def test_a_tool_named_in_reads_is_forwarded_but_never_against_the_server_s_word(
    calls: Path,
) -> None:
    reads = ("status", "get_and_burn")
    found = asked(connector(reads=reads), call("status"), call("get_and_burn", title="Emma"))

    assert content(found[0]) == "open"
    assert found[1] == (None, "refused: 'get_and_burn' writes, as the server says")
    assert calls.read_text() == "status\n"


def test_writes_of_the_plan_go_before_everything() -> None:
    ((answer, left_open),) = asked(
        connector(writes=("get_b*",), reads=("get_book",)), call("get_book", title="Emma")
    )

    assert answer is None
    assert "may write" in left_open


def test_what_this_rollout_wrote_is_not_asked_of_the_server(calls: Path) -> None:
    written = (Act(call("mcp__lib__lend_book", title="Emma"), ToolAnswer("lent", "model", "")),)
    found = asked(
        connector(prefix="mcp__lib__"),
        call("mcp__lib__get_book", title="Emma"),
        call("mcp__lib__get_book", title="Ulysses"),
        before=written,
    )

    assert found[0] == (
        None,
        "refused: this rollout may have changed what it asks for by 'lend_book'",
    )
    assert content(found[1]) == "Ulysses: 2 copies"
    assert calls.read_text() == "get_book\n"


def test_tools_of_others_stay_open_without_a_word() -> None:
    found = asked(connector(prefix="mcp__lib__"), call("get_book"), call("mcp__lib__get_lunch"))

    assert found == [(None, ""), (None, "")]


def test_arguments_that_are_no_object_do_not_go_out(calls: Path) -> None:
    found = asked(connector(), call("get_book", "[1]"), call("get_book", "{broken"))

    assert found == [(None, "refused: the arguments are no JSON object")] * 2
    assert calls.read_text() == ""


def test_an_error_of_the_tool_is_an_answer() -> None:
    ((answer, _),) = asked(connector(), call("search_shelves"))

    assert answer is not None
    assert "search_shelves" in answer.content
    assert answer.why.endswith("an error")


def test_of_what_is_no_text_the_model_reads_what_it_is() -> None:
    (found,) = asked(connector(), call("get_cover"))

    assert content(found).splitlines() == [
        "the cover",
        "[image/png, 9 bytes, left out]",
        "[scan: book://1/scan]",
        "page one",
    ]


def test_of_the_environment_only_what_is_named_goes_to_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("HOME", "/nowhere")

    (found,) = asked(connector(), call("get_environment"))

    assert set(content(found).split(",")) <= {"CALLS", "PATH", "TEMP", "LC_CTYPE"}


def test_an_answer_of_50_megabytes_comes_whole() -> None:
    (found,) = asked(connector(), call("fetch_size", megabytes=50))

    assert len(content(found)) == 50_000_000


def test_a_server_that_dies_is_started_again() -> None:
    found = asked(connector(), call("get_lost"), call("get_book", title="Emma"))

    assert found[0][0] is None
    assert "'get_lost' of 'library'" in found[0][1]
    assert content(found[1]) == "Emma: 2 copies"


def test_a_server_that_hangs_costs_its_time_and_is_started_again() -> None:
    began = time.monotonic()
    found = asked(connector(seconds=5), call("get_stuck"), call("get_book", title="Emma"))

    assert found[0] == (None, "'get_stuck' of 'library': no answer within 5 seconds")
    assert content(found[1]) == "Emma: 2 copies"
    assert time.monotonic() - began < 60


def test_a_slow_answer_leaves_the_others_alone(calls: Path) -> None:
    opened = connector(seconds=6)

    async def run() -> tuple[ToolAnswer | None, list[str]]:
        async with opened:
            slow, quick = opened(prefix()), opened(prefix())
            waiting = asyncio.create_task(slow(call("get_tired")))
            told: list[str] = []
            while not waiting.done():
                answer = await quick(call("get_book", title="Emma"))
                told.append(answer.content if answer else quick.left_open)
            return await waiting, told

    answer, told = asyncio.run(run())

    assert answer is None
    assert set(told) == {"Emma: 2 copies"}


def test_a_server_that_answers_nothing_any_more_fails_the_rollouts_not_the_run() -> None:
    class Asks:
        """Opens the connector's session and asks it what makes the server die."""

        def __init__(self) -> None:
            self.opened = connector()

        async def __call__(self, prefix: Prefix) -> str:
            session = self.opened(prefix)
            await session(call("get_lost" if int(prefix.parent) else "get_book", title="Emma"))
            return session.left_open

    asks = Asks()
    prefixes = [prefix(str(number)) for number in range(7)]
    found = list(Local(concurrency=1)(asks, prefixes, stage="replay", using=[asks.opened]))

    assert found[0] == ""
    assert all("'get_lost' of 'library'" in str(each) for each in found[1:5])
    assert [isinstance(each, Failure) for each in found] == [False] * 5 + [True] * 2
    assert "answered nothing after 3 starts" in str(found[-1])


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, LIBRARY, "silent"), r"it said: the library is\[31m closed"),
        (("no-such-program",), "FileNotFoundError"),
    ],
)
def test_a_server_that_does_not_start_stops_the_run_with_its_words(
    command: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(MachineFailed, match=reason):
        asked(Connector(command=command, allow=("get_*",)))


def test_nothing_of_the_server_is_left_when_the_connector_is_left(tmp_path: Path) -> None:
    opened = connector(str(tmp_path))

    def runs() -> bool:
        listed = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True)
        return f"{LIBRARY} {tmp_path}" in listed.stdout

    async def run() -> list[bool]:
        async with opened:
            before = runs()
            async with opened:  # both lanes at a time: one connection
                pass
            assert await opened(prefix())(call("get_book", title="Emma")) is not None
            return [before, runs()]

    assert asyncio.run(run()) == [True, True]
    assert not runs()
    with pytest.raises(MachineFailed, match="enter it first"):
        opened(prefix())


@pytest.fixture
def listening() -> Iterator[str]:
    """The library behind a port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, LIBRARY, "port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
        server.kill()


def test_a_server_behind_an_address_is_asked_under_the_same_rules(
    listening: str, calls: Path, tmp_path: Path
) -> None:
    opened = Connector(url=listening, allow=ALLOWED, seconds=30)

    async def run() -> list[tuple[str | None, str]]:
        found = []
        async with opened:
            session = opened(prefix())
            for each in (
                call("get_book", title="Emma"),
                call("write_note", path=str(tmp_path / "note")),
                call("fetch_size", megabytes=20),
                call("get_lost"),
                call("get_book", title="Emma"),
            ):
                answer = await session(each)
                found.append((answer.content if answer else None, session.left_open))
        return found

    found = asyncio.run(run())

    assert found[0] == ("Emma: 2 copies", "")
    assert found[1] == (None, "refused: 'write_note' may write")
    assert len(found[2][0] or "") == 20_000_000
    assert found[3][0] is None
    assert found[4][0] is None
    assert "no connection" in found[4][1]
    assert calls.read_text().split() == ["get_book", "fetch_size", "get_lost"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either `command` or `url`"),
        ({"command": ("a",), "url": "http://a/mcp"}, "either `command` or `url`"),
        ({"command": ("a",), "allow": ()}, "needs `allow`"),
        ({"command": ("a",), "reads": ("get_*",)}, "is a pattern"),
        ({"command": ("a",), "seconds": 0}, "above 0"),
        ({"command": ("a",), "key_from": "K"}, "takes `env_from`"),
        ({"url": "http://a/mcp", "env_from": ("K",)}, "takes `key_from`"),
        ({"url": "file:///etc"}, "http:// or https://"),
        ({"url": "http://[/mcp"}, "http:// or https://"),
        ({"url": "http://me:secret@a/mcp"}, "holds credentials"),
    ],
)
def test_options_that_cannot_work_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Connector(**{"allow": ("get_*",)} | given)


def test_a_variable_that_is_not_set_is_named_before_anything_starts() -> None:
    with pytest.raises(PlanError, match="variable NO_SUCH_VARIABLE is not set"):
        asked(connector(env_from=("NO_SUCH_VARIABLE",)))


def replayed(simulator: Simulator, tool: str, **given: Any) -> Rollout:
    calls = ({"name": tool, "arguments": given},)
    model = ScriptedModel(replies=(Line(when="Hello", calls=calls),))
    (found,) = replay(
        [prefix()], lane=Lane.CANDIDATE, model=model, simulator=simulator, engine=Local()
    )
    assert isinstance(found, Rollout), found
    return found


def test_a_refused_write_is_in_the_record_of_a_rollout_that_ends_there(tmp_path: Path) -> None:
    made = tmp_path / "note"

    found = replayed(connector(), "write_note", path=str(made))

    assert found.stop is Stop.TOOL_MISS
    (answered,) = found.answered
    assert (answered.layer, answered.why) == ("", "refused: 'write_note' may write")
    assert not made.exists()


def test_a_refused_write_is_in_the_record_of_what_a_later_layer_answers(
    tmp_path: Path, calls: Path
) -> None:
    class Imagines:
        def __call__(self, prefix: Prefix) -> Session:
            async def session(call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
                return ToolAnswer("written", "model", "imagined")

            return session

    made = tmp_path / "note"
    layers: dict[str, Simulator] = {"live": connector(), "model": Imagines()}

    found = replayed(Layered(layers=layers), "write_note", path=str(made))

    assert found.stop is Stop.FINAL
    (answered,) = found.answered
    assert answered.layer == "model"
    assert answered.why == "imagined; live: refused: 'write_note' may write"
    assert not made.exists()
    assert calls.read_text() == ""
