"""What the docs say must be true: links lead somewhere, commands parse, plans load, code runs."""

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from foretaste.cli import VERBS, app
from foretaste.planfile import load_plan
from foretaste.registry import build
from foretaste.runs.sources import model_of, scrubber_of
from unit.docs.pages import ROOT, Block, blocks, commands, name_of, pages, prose

SHELL = ("sh", "sh by-hand", "console", "console by-hand")
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)|(?:src|srcset|href)=\"(?!\w+:)([^\"]+)\"")
MADE = re.compile(r"^#+ (.+)$", re.MULTILINE)


def place(block: Block) -> str:
    return block.place


def anchors(page: Path) -> set[str]:
    """The anchors that headings get, as GitHub makes them."""
    found = set()
    for heading in MADE.findall(prose(page)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading))
        found.add(plain.lower().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in ("".join(found) for found in LINK.findall(prose(page))):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def parsed(words: list[str]) -> None:
    """Parse one command line without running it; raises where it is wrong."""
    words = words[2:] if words[:2] == ["python", "-m"] else words
    context = click.Context(app, info_name="foretaste")
    name, command, rest = app.resolve_command(context, words[1:])
    assert command is not None
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name, parent=context)
        name, command, rest = command.resolve_command(context, rest)
        assert command is not None
    command.make_context(name, rest, parent=context)


def calls(block: Block) -> list[list[str]]:
    return [
        words
        for words in commands(block)
        if words[:1] == ["foretaste"] or words[:3] == ["python", "-m", "foretaste"]
    ]


@pytest.mark.parametrize("block", blocks(*SHELL), ids=place)
def test_every_command_exists_with_its_options(block: Block) -> None:
    for words in calls(block):
        try:
            parsed(words)
        except click.exceptions.Exit:  # --help
            continue
        except click.ClickException as error:
            pytest.fail(f"{' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("wrong", ["foretaste skan log", "foretaste run --fast", "foretaste gate"])
def test_a_command_that_does_not_exist_would_be_noticed(wrong: str) -> None:
    with pytest.raises(click.ClickException):
        parsed(wrong.split())


def test_the_docs_show_every_verb() -> None:
    shown = {words[1] for block in blocks(*SHELL) for words in calls(block)}

    assert VERBS.keys() - shown <= {"demo", "schema"}  # named in the text


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_verb_named_in_the_text_exists(page: Path) -> None:
    named = set(re.findall(r"`foretaste ([a-z]+)", prose(page)))

    assert named - VERBS.keys() == set()


def test_every_make_target_of_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        words[1] for block in blocks(*SHELL) for words in commands(block) if words[:1] == ["make"]
    }

    assert {"demo", "test"} <= named <= targets


def test_the_layers_shown_to_contributors_are_those_that_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(each["layers"] for each in settings["contracts"] if each["type"] == "layers")

    assert "\n".join(layers) + "\n" in [block.text for block in blocks("text")]


@pytest.mark.parametrize("block", blocks("yaml"), ids=place)
def test_every_plan_loads_and_names_models_with_their_options(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "foretaste.yaml"
    file.write_text(block.text)
    plan = load_plan(file)
    build("engines", plan.engine)
    parts = [part for part in (plan.incumbent, plan.candidate, plan.judge) if part is not None]
    models = [model_of(plan, part, scrubber_of(plan)) for part in parts]

    assert models


@pytest.mark.parametrize("block", blocks("python", "python run", "python fragment"), ids=place)
def test_every_python_block_compiles(block: Block) -> None:
    compile(block.text, block.place, "exec")


@pytest.mark.parametrize("block", blocks("python run"), ids=place)
def test_every_block_that_is_marked_so_runs(block: Block) -> None:
    spoken: dict[str, Any] = {"__name__": "example"}
    exec(compile(block.text, block.place, "exec"), spoken)  # our own pages

    assert len(spoken) > 1


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    known = {*SHELL, "yaml", "yaml fragment", "python", "python run", "python fragment"}
    shown = {"text", "json", "toml", "markdown"}
    every = re.compile(r"^```(\S[^\n]*)?$", re.MULTILINE)
    infos = {info for page in pages() for info in every.findall(page.read_text())} - {""}

    assert infos <= known | shown
