"""The page of `foretaste diff` as a browser draws it."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.test_report import CHROMIUM, CONTRAST, WINDOWS, open_all, opened
from foretaste.report.sides.page import render
from unit.report.compared import comparison

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sides") / "diff.html"
    path.write_text(render(comparison()), encoding="utf-8")
    return path


@pytest.fixture(params=WINDOWS, ids=str)
def page(browser: Browser, sides: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, sides, *request.param) as page:
        yield page


def test_the_page_fits_its_window_and_can_be_read_with_everything_open(page: Page) -> None:
    open_all(page)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CONTRAST) == []
    assert page.locator("script, img, iframe, link").count() == 0


def test_old_and_new_stand_side_by_side_where_there_is_room(page: Page) -> None:
    old, new = (
        each.bounding_box() for each in page.locator("article").first.locator(".two > .lane").all()
    )

    assert old
    assert new
    wide = (page.viewport_size or {"width": 0})["width"] > 1_000
    assert (new["y"] == old["y"]) is wide


def test_hostile_text_is_text(page: Page) -> None:
    open_all(page)

    assert page.get_by_text("</script><script>alert(1)</script>").first.is_visible()
    assert page.get_by_text("{{7*7}}").first.is_visible()


def test_the_filter_goes_by_keyboard_and_leaves_the_turns_with_the_flag(page: Page) -> None:
    page.locator("#only-all").focus()
    page.keyboard.press("ArrowRight")
    seen = [each for each in page.locator("article").all() if each.is_visible()]

    assert page.locator("#only-name").is_checked()
    assert [each.locator("h3").inner_text() for each in seen] == ["Write the order confirmation."]

    page.get_by_label("no new answer (1)").check()
    seen = [each for each in page.locator("article").all() if each.is_visible()]
    assert [each.locator("h3").inner_text() for each in seen] == ["And this?"]


def test_right_to_left_text_runs_from_the_right(page: Page) -> None:
    text = page.locator("article").nth(2).locator(".lane .text").first

    assert text.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_every_control_has_a_name_and_every_heading_its_place(page: Page) -> None:
    names = page.locator("input").evaluate_all("all => all.map(i => i.labels[0].innerText.trim())")
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(h => +h.tagName[1])")
    ids = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")

    assert all(names)
    assert len(ids) == len(set(ids))
    assert all(after <= before + 1 for before, after in pairwise(levels))
    scrolling = page.locator(".lane .text, .steps").evaluate_all(
        "all => all.filter(e => e.scrollHeight > e.clientHeight + 1 && e.tabIndex < 0).length"
    )
    assert scrolling == 0
