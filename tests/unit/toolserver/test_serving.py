import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from toolserver_walking import PLAN, SOURCE, command, refused, told, yard_in

TOKEN = "a-token-for-tests-only"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


@dataclass
class Listening:
    url: str
    port: int
    yard: Path


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    yard = yard_in(tmp_path_factory.mktemp("listening"))
    environment = {"PYTHONPATH": SOURCE, "FORETASTE_MCP_TOKEN": TOKEN}
    with subprocess.Popen(
        command(yard, "--http", "0"), env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1]
        assert process.stderr.readline().strip() == f"Authorization: Bearer {TOKEN}"
        port = int(url.split(":")[2].partition("/")[0])
        yield Listening(url, port, yard)
        process.terminate()


def answered(at: Listening, **headers: str | None) -> int:
    """The status of one greeting with these headers, with underscores for hyphens."""
    usual: dict[str, str | None] = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json, text/event-stream",
    }
    given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in given.items() if value is not None}

    async def ask() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(at.url, json=HELLO, headers=sent) as response,
        ):
            return response.status

    return asyncio.run(ask())


def test_whoever_brings_the_token_by_our_name_is_let_in(listening: Listening) -> None:
    own = f"127.0.0.1:{listening.port}"

    assert answered(listening) == 200
    assert answered(listening, Host=f"localhost:{listening.port}") == 200
    assert answered(listening, Origin=f"http://{own}", Sec_Fetch_Site="same-origin") == 200


def test_nobody_is_let_in_without_the_token(listening: Listening) -> None:
    for wrong in (None, "", "Bearer", "Bearer no", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"):
        assert answered(listening, Authorization=wrong) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_a_page_of_anybody_elses_is_turned_away_though_it_knew_the_token(
    listening: Listening, headers: dict[str, str]
) -> None:
    assert answered(listening, **headers) == 403


def test_it_listens_on_this_machine_alone(listening: Listening) -> None:
    others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None)}

    for address in others - {"127.0.0.1", "::1"}:
        with socket.socket(socket.AF_INET6 if ":" in str(address) else socket.AF_INET) as own:
            own.settimeout(2)
            assert own.connect_ex((str(address), listening.port)) != 0


def test_two_clients_walk_it_at_once(listening: Listening) -> None:
    async def walk(title: str, client: Client, steps: list[float]) -> dict[str, Any]:
        async def note(progress: float, total: float | None, message: str | None) -> None:
            steps.append(progress)

        plan = PLAN | {"title": title, "sample": {"size": 20}}
        ran = await client.call_tool("run_plan", {"plan": plan}, progress_callback=note)
        assert not ran.is_error
        await refused(client, "scan_log", log="../secret.jsonl")
        run = (ran.structured_content or {})["untrusted"]["run"]
        return await told(client, "read_findings", run=run)

    async def both() -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with AsyncExitStack() as stack:
            clients = []
            for _ in range(2):
                http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers))
                streams = streamable_http_client(listening.url, http_client=http)
                clients.append(await stack.enter_async_context(Client(streams)))
            return await asyncio.gather(
                *(walk(f"run {n}", client, steps[n]) for n, client in enumerate(clients))
            )

    steps: list[list[float]] = [[], []]
    first, second = asyncio.run(both())

    assert first["untrusted"]["run"] != second["untrusted"]["run"]
    assert all(each == sorted(each) and each for each in steps)


def test_a_taken_port_and_a_short_token_are_said(tmp_path: Path) -> None:
    yard = yard_in(tmp_path)
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()
        port = str(own.getsockname()[1])
        taken = subprocess.run(
            command(yard, "--http", port),
            env={"PYTHONPATH": SOURCE},
            capture_output=True,
            check=False,
        )
    short = subprocess.run(
        command(yard, "--http", "0"),
        env={"PYTHONPATH": SOURCE, "FORETASTE_MCP_TOKEN": "short"},
        capture_output=True,
        check=False,
    )

    assert (taken.returncode, short.returncode) == (4, 2)
    assert b"cannot be used" in taken.stderr
    assert b"at least 16" in short.stderr
