"""Every block of code on a page runs, in the order in which a reader meets them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.docs.pages import Block, blocks, of
from unit.docs.stage import Stage, models, prepared

SHELL = ("sh", "console")
PYTHON = ("python",)  # test_docs.py runs `python run`
BY_HAND = ("sh by-hand", "console by-hand")
FILES = ("yaml", "markdown", "json", "toml")
UNDECIDED = {1, 3}  # a gate may hold, and so few turns are seldom enough
# Of no shell block that does not run in CI may more be in it: it needs a network, a key, minutes,
# a person, or this repository.
ELSEWHERE = re.compile(
    r"(pip|npx|claude|codex|make|docker|git (push|clone)|crontab|export|cd|python docs/"
    r"|python -m venv|then/|head"
    r"|foretaste (diff|save --(id|remove)|watch|export .*--endpoint|behavior adopt|simulator"
    r"|realism|demo|review|models|mcp|record))\b"
)
NAMED = re.compile(r"`([\w./-]+\.(?:yaml|yml|md|py|json|jsonl|toml))`[^`]*$")
RUNNABLE = sorted({block.page for block in blocks(*SHELL, *PYTHON)})


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with models() as url:
        yield url


@pytest.fixture(scope="module")
def ready(server: str, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return prepared(tmp_path_factory.mktemp("docs"), server)


def file_of(block: Block) -> str:
    """The file that a page says a block is: the last one named before it."""
    named = NAMED.search(block.before)
    return named[1] if named else "foretaste.yaml"


def typed(block: Block) -> str:
    """What a reader types of a block: all of it, or what stands behind a prompt."""
    if not block.info.startswith("console"):
        return block.text
    lines = block.text.replace("\\\n", " ").splitlines()
    return "\n".join(line[2:] for line in lines if line.startswith("$ "))


def play(stage: Stage, block: Block) -> None:
    if block.info in FILES:
        stage.write(file_of(block), block.text)
    elif block.info in SHELL:
        said = stage.shell(typed(block))
        assert said.codes <= UNDECIDED, f"{block.place}:\n{typed(block)}\n{said.output}"
    elif block.info in PYTHON:
        said = stage.python(block.text)
        assert not said.codes, f"{block.place}:\n{said.output}"


@pytest.mark.parametrize("page", RUNNABLE)
def test_every_block_of_a_page_runs(page: str, ready: Stage, server: str, tmp_path: Path) -> None:
    stage = ready.copied(tmp_path / "page", server)
    for block in of(page):
        play(stage, block)


@pytest.mark.parametrize("block", blocks(*BY_HAND), ids=lambda block: block.place)
def test_only_what_cannot_run_here_is_left_to_hands(block: Block) -> None:
    lines = typed(block).splitlines()
    strange = [line for line in lines if line and not ELSEWHERE.match(line)]

    assert strange == []
