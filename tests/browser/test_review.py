"""The labelling pages, as two people use them in a browser."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from browser.test_report import CHROMIUM, CONTRAST, WINDOWS, Scheme
from foretaste.adapters.stores.files import Files
from foretaste.pipeline import run
from foretaste.reviews import ReviewLabel
from stories.planted import behavior, conversation, plan, says, write_log
from unit.report.dialogues import HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S+")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 30 turns in two lanes, of which every question is hostile."""
    folder = tmp_path_factory.mktemp("review")
    talks = [
        conversation([HOSTILE], ["alpha!" if n % 3 else "Fine."], user=f"u{n}", id=f"c{n}")
        for n in range(30)
    ]
    log = write_log(folder / "log.jsonl", talks)
    given = {"candidate": says({"alpha": 0.4}, "secret-model")}
    run(plan(folder, log, {}, behaviors=[behavior(folder, "alpha")], **given))
    return folder / "run"


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


@contextmanager
def served(path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    words = ["review", str(path), "--n", "10"]
    process = subprocess.Popen(
        [sys.executable, "-m", "foretaste", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        found = None
        while found is None and (line := process.stderr.readline()):
            found = ADDRESS.search(line)
        assert found is not None
        yield found[0], process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, scheme: str = "light"
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    heard: list[str] = []

    def overheard(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", overheard)
    page.goto(address)
    yield page
    assert heard == []  # nothing of the log's ran, and the policy had nothing to forbid
    context.close()


def begin(page: Page, name: str) -> None:
    page.get_by_label("Pseudonym").fill(name)
    page.keyboard.press("Enter")
    page.locator("#label").wait_for()


def press(page: Page, key: str) -> None:
    """Press a key, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def label_all(page: Page, keys: dict[bool, str], count: int) -> None:
    for _ in range(count):
        shows = "alpha!" in page.locator(".answer").inner_text()
        press(page, keys[shows])


def test_two_people_label_by_keyboard_and_look_at_what_they_differ_on(
    browser: Browser, path: Path
) -> None:
    with served(path) as (address, _), opened(browser, address) as page:
        assert "token" not in page.url
        begin(page, "ann")
        page.keyboard.press("n")
        page.keyboard.type("is unsure, absent & <b>past</b>")
        page.keyboard.press("Escape")
        press(page, "u")
        label_all(page, {True: "p", False: "a"}, 7)
        press(page, "b")
        assert "You said" in page.locator("#label").inner_text()
        press(page, "f")
        page.reload()
        assert "8 of 20 done" in page.locator(".far").inner_text()
        assert page.request.get(page.url.split("/label")[0] + "/disagreements").status == 409
        label_all(page, {True: "p", False: "a"}, 12)
        assert "All 20 turns are done" in page.locator("h1").inner_text()
        assert "disagreements" not in page.content()

        page.get_by_text("start under another pseudonym").click()
        begin(page, "bea")
        assert page.locator("[aria-pressed]").count() == 0
        label_all(page, {True: "p", False: "a"}, 19)
        press(page, "s")
        press(page, "d")
        assert page.locator("article").count() == 1
        assert "<b>past</b>" in page.locator(".opinions").inner_text()
        page.get_by_text("agree on absent").click()
        page.locator(".opinions", has_text="agreed on").wait_for()
        with page.expect_download() as download:
            page.get_by_text("Download the labels").click()
        rows = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]

    assert len(rows) == 41
    assert {row["annotator"] for row in rows} == {"ann", "bea", "agreed"}
    assert all(0 < row["probability"] <= 1 for row in rows)
    assert "What people say of the judge" in (path / "report.html").read_text()


def test_a_killed_server_keeps_every_label_that_was_acknowledged(
    browser: Browser, path: Path
) -> None:
    with served(path) as (address, process), opened(browser, address) as page:
        begin(page, "ann")
        label_all(page, {True: "p", False: "a"}, 5)
        process.kill()
        process.wait()
    with Files(path=str(path), reading=True) as store:
        assert len(list(store.read(ReviewLabel))) == 5
    with served(path) as (address, _), opened(browser, address) as page:
        assert "5 of 20" in page.locator("main").inner_text()


def test_neither_lane_nor_model_nor_verdict_is_on_a_page(browser: Browser, path: Path) -> None:
    with served(path) as (address, _), opened(browser, address) as page:
        begin(page, "ann")
        for _ in range(20):
            said = page.content().lower()
            # The behavior's own words are no verdict; `old` and `secret-model` are the models.
            assert not re.search(r"secret-model|candidate|recorded|incumbent|flagged|stratum", said)
            press(page, "s")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_the_page_fits_and_hostile_text_is_text(
    browser: Browser, path: Path, width: int, scheme: Scheme
) -> None:
    with served(path) as (address, _), opened(browser, address, width, scheme) as page:
        assert page.evaluate(CONTRAST) == []
        begin(page, "ann")

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(CONTRAST) == []
        assert page.locator("img, iframe, article script").count() == 0
        assert page.get_by_text("{{7*7}}").first.is_visible()


def test_nobody_without_the_token_gets_in(browser: Browser, path: Path) -> None:
    with served(path) as (address, _):
        context = browser.new_context()
        page = context.new_page()
        bare = address.split("?")[0]

        assert [page.goto(bare).status, page.goto(f"{bare}?token=x").status] == [403, 403]  # type: ignore[union-attr]
        context.close()
