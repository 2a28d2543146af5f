"""The outputs that the tutorial shows are those that its commands give."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from unit.docs.pages import ROOT, blocks
from unit.docs.props import bare
from unit.docs.stage import models

PAGE = "docs/tutorial/your-own-log.md"
PLUGIN = "docs/howto/own-plugin.md"


def call(folder: Path, *words: str) -> tuple[int, list[str]]:
    """Run a command as a user would; its exit code, and its lines on both streams."""
    environment = os.environ | {
        "COLUMNS": "100",
        "PYTHONPATH": str(ROOT / "src"),
        "FORETASTE_SCRUB_KEY": "of this test",
    }
    done = subprocess.run(
        [sys.executable, "-m", "foretaste", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log = (ROOT / "src/foretaste/data/sample.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "my-log.jsonl").write_text("".join(log))
    (tmp_path / "before.jsonl").write_text("".join(log[:80]))
    (tmp_path / "after.jsonl").write_text("".join(log[-40:]))
    rehearsal = next(block.text for block in blocks("yaml") if block.page == PAGE)
    (tmp_path / "rehearsal.yaml").write_text(rehearsal)
    return tmp_path


SCRIPT = runpy.run_path(str(ROOT / "docs/tutorial/refresh.py"))


@pytest.mark.parametrize("name", SCRIPT["PAGES"])
def test_the_tutorials_show_what_their_commands_say(name: str, tmp_path: Path) -> None:
    page = f"docs/tutorial/{name}.md"
    with models() as url:
        made = SCRIPT["refreshed"](page, bare(tmp_path, url))

    assert made == (ROOT / page).read_text("utf-8"), "run: python docs/tutorial/refresh.py"


def test_a_sealed_forecast_that_was_changed_is_refused_as_the_tutorial_says(folder: Path) -> None:
    call(folder, "run", "rehearsal.yaml")
    path = next((folder / "runs").iterdir())
    study = path / "study.json"
    before, sealed, after = study.read_text().partition('"sealed":')
    study.write_text(before + sealed + after.replace('"rate":0.', '"rate":0.1', 1))
    code, said = call(folder, "validate", str(path), "--log", "after.jsonl")

    assert code == 2
    assert any("is not what was sealed as" in line for line in said)


def test_the_plug_in_of_the_docs_works_in_a_run(folder: Path) -> None:
    module = next(b for b in blocks("python run") if b.page == PLUGIN)
    plan = next(b for b in blocks("yaml") if b.page == PLUGIN)
    answers = "candidate: {use: recorded, path: my-log.jsonl}"
    (folder / "my_graders.py").write_text(module.text)
    (folder / "own.yaml").write_text(plan.text.replace("candidate: openai/next", answers))
    (folder / "shouting.md").write_text(
        "---\nname: shouting\ndescription: It shouts.\nkind: style\n---\n\nMany marks.\n"
    )
    code, said = call(folder, "run", "own.yaml")

    assert code == 0
    assert any(line.startswith("shouting") for line in said)


def test_the_behavior_of_the_docs_works_in_a_run(folder: Path) -> None:
    page = "docs/howto/own-behavior.md"
    plan = next(b for b in blocks("yaml") if b.page == page)
    answers = "candidate: {use: recorded, path: my-log.jsonl}"
    definition = next(b for b in blocks("markdown") if b.page == page)
    (folder / "unasked-discount.md").write_text(definition.text)
    (folder / "own.yaml").write_text(plan.text.replace("candidate: openai/next", answers))
    code, said = call(folder, "run", "own.yaml")

    assert code == 3  # one sighting among 229 turns keeps the limit open
    assert any(line.startswith("unasked-discount") for line in said)


def test_forecasts_for_other_traffic_say_what_the_docs_show(folder: Path) -> None:
    page = "docs/howto/traffic-shift.md"
    plans = [block.text for block in blocks("yaml") if block.page == page]
    shown = [block.text.strip() for block in blocks("text") if block.page == page]
    commands = [["plan", "shares.yaml"], ["run", "shares.yaml"], ["run", "newer.yaml"]]
    for name, text in zip(("shares", "newer"), plans, strict=True):
        (folder / f"{name}.yaml").write_text(text)
    outputs = [call(folder, *words) for words in commands]

    assert [code for code, _ in outputs] == [0, 0, 0]
    whole = " ".join(" ".join(said) for _, said in outputs)
    assert all(each in " ".join(whole.split()) for each in shown)
