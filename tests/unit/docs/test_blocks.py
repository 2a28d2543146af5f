"""Every block of code on a page runs, in the order in which a reader meets them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.docs.pages import Block, blocks, of
from unit.docs.props import prepared
from unit.docs.stage import PYTHON, SHELL, Stage, models, play, typed

BY_HAND = ("sh by-hand", "console by-hand")
# Of no shell block that does not run in CI may more be in it: it needs a network, a key, minutes,
# a person, or this repository.
ELSEWHERE = re.compile(
    r"(pip|npx|claude|codex|make|docker|echo|git (push|clone)|crontab|export|cd|python docs/"
    r"|python -m venv|then/|head"
    r"|foretaste (diff|save --(id|remove)|watch|export .*--endpoint|behavior adopt|simulator"
    r"|awareness|(init|scan) recorded"
    r"|run foretaste.yaml|gate runs|realism|demo|review|models|mcp|record))\b"
)
# `test_tutorial.py` runs these, and holds them to what they show.
HELD = {"docs/tutorial/your-own-log.md", "docs/tutorial/product-team.md"}
RUNNABLE = sorted({block.page for block in blocks(*SHELL, *PYTHON)} - HELD)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with models() as url:
        yield url


@pytest.fixture(scope="module")
def ready(server: str, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return prepared(tmp_path_factory.mktemp("docs"), server)


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
