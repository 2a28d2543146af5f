import runpy
from pathlib import Path

import pytest

from unit.docs.pages import ROOT

FOLDER = ROOT / "docs" / "reference"


def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.syspath_prepend(str(FOLDER))
    pages: dict[str, str] = runpy.run_path(str(FOLDER / "generate.py"))["pages"]()
    return pages


def test_the_reference_pages_are_what_the_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = made(monkeypatch)
    stale = [name for name, text in pages.items() if Path(FOLDER / name).read_text() != text]

    assert stale == [], "run: python docs/reference/generate.py"


def test_every_key_and_option_of_a_plan_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [line for line in made(monkeypatch)["plan.md"].splitlines() if line.startswith("|")]
    bare = [row for row in rows if row.replace(" ", "").endswith("||")]

    assert len(rows) > 60
    assert bare == []


def test_every_verb_stands_on_the_page_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from foretaste.cli import VERBS

    page = made(monkeypatch)["cli.md"]

    assert [verb for verb in VERBS if f"\n## {verb}\n" not in page] == []
