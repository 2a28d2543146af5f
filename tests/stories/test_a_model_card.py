"""A release on the sample log: its card is published, pasted, checked, and tampered with."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.after.discovery import Wanted, discover
from foretaste.cli import main
from foretaste.schema import card_schema

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")

SAMPLE = str(files("foretaste") / "data" / "sample.jsonl")
SORRY = "I'm sorry, but I can't help with that."


def model(name: str, refused: float, otherwise: str) -> dict[str, Any]:
    replies = [{"say": SORRY, "share": refused}]
    return {"use": "scripted", "name": name, "replies": replies, "default": otherwise}


def finished(folder: Path, **more: Any) -> str:
    plan = {
        "log": {"path": SAMPLE, "use": "openai-chat"},
        "store": {"use": "files", "path": str(folder / "run")},
        "sample": {"size": None},
        "candidate": model("harbor-2", 0.4, "Of course."),
        "behaviors": ["refusal", "apology", "asks-back", "flattery", "sycophancy"],
        "forecast": {"turns": 1_000},
    }
    return foretaste.run(plan | more).path


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run with an incumbent, compared without a list, and validated on a later log."""
    path = finished(
        tmp_path_factory.mktemp("release"),
        incumbent=model("harbor-1", 0.1, "Of course. Shall I go on?"),
    )
    discover(path, Wanted(regions=False))
    foretaste.validate(path, SAMPLE)
    return path


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["card", *words]) == 0
    return capsys.readouterr().out


def verified(text: str, path: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command says of a card, and that its exit code says the same."""
    (folder / "README.md").write_text(text)
    code = main(["card", "verify", str(folder / "README.md"), path, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert code == (0 if said["whole"] else 1)
    return said


def test_the_card_of_a_release_is_published_read_by_others_and_found_whole(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = printed([release], capsys)
    head = printed([release, "--format", "huggingface"], capsys)
    plain = json.loads(printed([release, "--json"], capsys))
    jsonschema.Draft202012Validator(card_schema()).validate(plain)
    published = f"{head}# Harbor 2\n\n{section}\n## Licence\n\nNone.\n"
    hub_card = hub.ModelCard(published)
    hub_card.save(tmp_path / "hub.md")

    assert hub_card.data.model_name == "harbor-2"
    assert verified(published, release, tmp_path, capsys)["whole"]
    assert verified((tmp_path / "hub.md").read_text(), release, tmp_path, capsys)["whole"]
    assert verified(json.dumps(plain, indent=4), release, tmp_path, capsys)["whole"]
    for said in ("`harbor-2`", "| `refusal` | rises |", "229 of 229 turns", "`openai-chat`"):
        assert said in section
    assert "This one, on `sample.jsonl`" in section
    assert "Behaviors that were not graded: sycophancy" in section
    assert SAMPLE not in section + head + json.dumps(plain)
    assert SORRY not in section + head + json.dumps(plain)


def test_figures_names_and_rows_that_are_changed_are_found_one_by_one(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = printed([release], capsys)
    head = section.index("\n")
    figures = list(re.finditer(r"\d[\d,.]*\d|\d", section[head:]))
    for figure in figures[:: len(figures) // 12]:
        at = head + figure.end() - 1
        changed = section[:at] + str((int(section[at]) + 1) % 10) + section[at + 1 :]
        said = verified(changed, release, tmp_path, capsys)

        assert not said["whole"]
        assert len(said["discrepancies"]) == 1, figure
    row = next(line for line in section.splitlines() if line.startswith("| `flattery`"))
    for changed in (section.replace(row + "\n", "", 1), section.replace("| `asks-back`", "| `a`")):
        assert not verified(changed, release, tmp_path, capsys)["whole"]


def test_a_run_without_an_incumbent_says_what_it_cannot_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = finished(tmp_path)
    section = printed([path], capsys)

    assert "Fidelity unknown: the incumbent was not replayed" in section
    assert "**Change against the incumbent**: the incumbent was not replayed" in section
    assert "**Error of this forecast**: not validated yet" in section
    assert "**Evaluation awareness**" in section
    assert verified(section, path, tmp_path, capsys)["whole"]
