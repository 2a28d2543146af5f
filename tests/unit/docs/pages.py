"""The pages for users, and the blocks of code in them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: where it stands, what its fence says, what it holds."""

    page: str
    line: int
    info: str
    text: str
    before: str = ""  # the page from the block before it to here

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    tops = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*tops, *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(*infos: str) -> list[Block]:
    return [block for page in pages() for block in _of(page) if block.info in infos]


def _of(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    end = 0
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(name_of(page), line, match[1].strip(), match[2], text[end : match.start()])
        end = match.end()


def of(page: str) -> list[Block]:
    return list(_of(ROOT / page))


def prose(page: Path) -> str:
    return _BLOCK.sub("", page.read_text("utf-8"))


def commands(block: Block) -> list[list[str]]:
    """The commands of a shell block, as words; those behind a prompt in a console's."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.info.startswith("console"):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [words for line in lines for words in _commands(line)]


def _commands(line: str) -> Iterator[list[str]]:
    words: list[str] = []
    parts = shlex.shlex(line, posix=True, punctuation_chars=True)
    parts.whitespace_split = True
    for word in parts:
        if set(word) <= set("();<>|&"):
            yield words
            words = []
        else:
            words.append(word)
    yield words
