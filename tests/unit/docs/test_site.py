"""The pages as a site: every link leads somewhere, nothing is fetched from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import foretaste
from unit.docs.pages import ROOT

FETCHED = re.compile(r"<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=\"(https?:)?//[^\"]*\"")
CANONICAL = re.compile(r"<link[^>]*rel=\"canonical\"[^>]*>")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_of_the_docs_has_its_place_in_the_site(site: Path) -> None:
    pages = {page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")}
    missing = [page for page in pages if not (site / _as_html(page)).is_file()]

    assert missing == []


def _as_html(page: Path) -> Path:
    return page.with_name("index.html" if page.name == "README.md" else f"{page.stem}.html")


def test_every_page_can_be_reached_from_the_navigation(site: Path) -> None:
    told = (ROOT / "mkdocs.yml").read_text()
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
    listed = [page for page in pages if page.as_posix() not in told]

    assert [page for page in listed if page.parent.name != "decisions"] == []


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    fetched = [
        (page.name, found[0])
        for page in site.rglob("*.html")
        for found in FETCHED.finditer(CANONICAL.sub("", page.read_text("utf-8")))
    ]

    assert fetched == []


def test_the_reference_of_python_shows_every_public_name(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text("utf-8")

    assert [name for name in foretaste.__all__ if f'id="foretaste.{name}"' not in text] == []


def test_each_shipped_behavior_has_its_page(site: Path) -> None:
    page = (site / "reference" / "behaviors.html").read_text("utf-8")

    assert 'href="behaviors/refusal.html"' in page
    assert (site / "reference" / "behaviors" / "refusal.html").is_file()


def test_every_block_of_code_is_drawn_as_one(site: Path) -> None:
    inline = re.compile(r"<p><code>(?:sh|console|yaml|text|json)\s|(?:sh|console) by-hand")
    broken = [page for page in site.rglob("*.html") if inline.search(page.read_text("utf-8"))]

    assert broken == []
