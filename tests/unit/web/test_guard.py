"""The guard, in front of a real server."""

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web

from foretaste.web.guard import POLICY, Guard

TOKEN = "t" * 43


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="in")


async def asked(
    path: str, headers: dict[str, str], cookie: str | None, method: str = "GET"
) -> tuple[int, Any]:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        guard = Guard(token=TOKEN, port=own.getsockname()[1])

        @web.middleware
        async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
            return await guard(request, handler)

        app = web.Application(middlewares=[guarded])
        app.add_routes([web.get("/", hello), web.post("/", hello)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, own).start()
        sent = {key: value.replace("PORT", str(guard.port)) for key, value in headers.items()}
        if cookie is not None:
            sent["Cookie"] = f"{guard.cookie}={cookie}"
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            address = f"http://127.0.0.1:{guard.port}{path}"
            async with client.request(
                method, address, headers=sent, allow_redirects=False
            ) as response:
                found = response.status, response.headers.copy()
        await runner.cleanup()
    return found


def ask(path: str = "/", cookie: str | None = TOKEN, method: str = "GET", **headers: str) -> Any:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return asyncio.run(asked(path, named, cookie, method))


def test_the_cookie_lets_in_and_every_answer_is_protected() -> None:
    status, headers = ask()

    assert status == 200
    assert headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY


def test_the_token_moves_from_the_address_to_a_strict_cookie() -> None:
    status, headers = ask(f"/label?as=a&token={TOKEN}", cookie=None)

    assert (status, headers["Location"]) == (303, "/label?as=a")
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["Set-Cookie"].split("; "))


def test_a_token_s_redirect_stays_on_this_server() -> None:
    assert ask(f"//evil.example/?token={TOKEN}", cookie=None)[1]["Location"] == "/"


@pytest.mark.parametrize("cookie", [None, "", "x", TOKEN[:-1], "é"])
def test_no_token_no_entry(cookie: str | None) -> None:
    assert ask(cookie=cookie)[0] == 403
    assert ask(f"/?token={cookie or ''}", cookie=None)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:PORT"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_hosts_and_origins_are_refused_though_they_have_the_cookie(
    headers: dict[str, str], method: str
) -> None:
    assert ask(method=method, **headers)[0] == 403


def test_a_form_of_ours_passes_and_another_site_s_does_not() -> None:
    ours = {"Origin": "http://127.0.0.1:PORT", "Sec_Fetch_Site": "same-origin"}

    assert ask(method="POST", **ours)[0] == 200
    assert ask(method="POST", Sec_Fetch_Site="cross-site")[0] == 403
