"""The report as a browser draws it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Dialog, Page

from foretaste.records import Lane
from foretaste.report.html import render, render_backtest
from unit.report.backtested import backtested, many, point
from unit.report.dialogues import HOSTILE, example, examples
from unit.report.discovered import EMPTY, FOUND
from unit.report.studies import scorecard, study, weighted

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WINDOWS = [(width, scheme) for width in (1280, 390) for scheme in SCHEMES]

# Contrast of every text against the nearest solid background (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => parse(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const back = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if ((parse(c)[3] ?? 1) > .99) return c; } return 'rgb(255, 255, 255)'; };
  const bad = [];
  for (const e of document.querySelectorAll('main *, header *, footer')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), svg = e instanceof SVGElement;
    const [a, b] = [light(svg ? style.fill : style.color), light(back(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5 && e.tagName !== 'title') bad.push(`${e.tagName}.${e.className} ${ratio}`);
  }
  return bad;
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {Lane.INCUMBENT: "w" * 1_000_000, Lane.CANDIDATE: HOSTILE}
    hostile = example("refusal", 1, (Lane.CANDIDATE,), texts, question=HOSTILE)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(
        render(
            weighted(study()),
            [hostile, *examples()],
            [(HOSTILE, scorecard())],
            discoveries=[FOUND, EMPTY],
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def backtest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backtest") / "backtest.html"
    bent = backtested(points=(*many(2_500), point(HOSTILE, HOSTILE, realized=90)))
    path.write_text(render_backtest(bent), encoding="utf-8")
    return path


@contextmanager
def opened(browser: Browser, file: Path, width: int, scheme: Scheme) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(20_000)
    heard: list[str] = []

    def overheard(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", overheard)
    page.on("request", lambda request: heard.append(request.url))
    page.goto(file.as_uri())
    yield page
    # Whatever the test did: the file itself was the only request, and nothing spoke or ran.
    assert heard == [file.as_uri()]
    context.close()


@pytest.fixture(params=WINDOWS, ids=str)
def page(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, report, *request.param) as page:
        yield page


@pytest.fixture(params=WINDOWS, ids=str)
def past(browser: Browser, backtest: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, backtest, *request.param) as page:
        yield page


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def test_the_page_fits_its_window_with_everything_open(page: Page) -> None:
    open_all(page)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_text_is_text(page: Page) -> None:
    open_all(page)

    assert page.locator("script, img, iframe, link").count() == 0
    assert page.get_by_text("</script><script>alert(1)</script>").first.is_visible()
    assert page.get_by_text("{{7*7}}").first.is_visible()


def test_a_behavior_opens_by_keyboard(page: Page) -> None:
    summary = page.locator("details.behavior > summary").first
    summary.focus()
    page.keyboard.press("Enter")

    assert page.locator("details.behavior").first.get_attribute("open") is not None


def test_every_text_can_be_told_from_its_background(page: Page) -> None:
    open_all(page)

    assert page.evaluate(CONTRAST) == []


def test_every_bar_of_the_plot_has_a_name_and_its_marks(page: Page) -> None:
    bars = page.locator(".plot:not(.budget) svg[role=img]")

    assert bars.count() == 10 + 2
    assert all(bar.get_attribute("aria-label") for bar in bars.all())
    assert page.locator(".plot .row .ahead-dot").count() == 8 + 2


def test_every_part_of_a_budget_is_drawn_named_and_said(page: Page) -> None:
    open_all(page)
    bars = page.locator(".budget .row svg[role=img]")
    row = page.locator("section[aria-labelledby=h-budget] tbody tr").first

    assert bars.count() == 10
    assert all(
        "judge not measured" in (bar.get_attribute("aria-label") or "") for bar in bars.all()
    )
    assert bars.first.locator("rect").count() == 3  # what is too small to see is not drawn
    assert "not measured" in row.inner_text()
    assert page.get_by_text("What would help most: Mend the replay").is_visible()
    boxes = [each.bounding_box() for each in bars.first.locator("rect").all()]
    ends = [box["x"] + box["width"] for box in boxes if box]
    assert ends == sorted(ends)
    assert page.get_by_text("leans 0.7 on the replay, 0.2 on today's rate").first.is_visible()


def test_a_forecast_for_other_traffic_says_so(page: Page) -> None:
    assert page.get_by_text("shares by language").is_visible()
    assert page.get_by_text("unlike all that was sampled").first.is_visible()
    assert page.get_by_text("with unseen traffic").first.is_visible()


def test_a_backtest_s_page_fits_its_window_and_can_be_read(past: Page) -> None:
    open_all(past)

    assert past.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert past.evaluate(CONTRAST) == []
    assert past.locator("script, img, iframe, link").count() == 0


def test_every_picture_of_a_backtest_has_a_name_and_is_drawn(past: Page) -> None:
    pictures = past.locator("figure svg[role=img]")

    assert pictures.count() == 3 + 4
    assert all(each.get_attribute("aria-label") for each in pictures.all())
    assert past.locator("svg path.square").count() > 6
    assert past.locator(".histograms rect").count() == 40
    boxes = [each.bounding_box() for each in pictures.all()]
    assert all(box and box["width"] > 100 and box["height"] > 60 for box in boxes)
