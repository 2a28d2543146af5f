"""A small git repository for the tests of tools, and sessions over it."""

import asyncio
import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foretaste.adapters.simulators.workspace.desk import Desk, Given
from foretaste.adapters.simulators.workspace.dialects import TOOLS
from foretaste.adapters.simulators.workspace.files import Files, StaysOpen
from foretaste.adapters.simulators.workspace.sandbox import Ran
from foretaste.adapters.simulators.workspace.simulator import Workspace, _said
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Message, ToolCall
from unit.adapters.simulators.asking import call
from unit.rows import prefix, user

ROOT = "/testbed"
FIRST = {"app.py": "def rate(x):\n    return x + 1\n", "docs/guide.md": "# Guide\n\nRead me.\n"}
SECOND = {"app.py": "def rate(x):\n    return x + 2\n", "src/late.py": "import app\n"}


def git(folder: Path, *words: str, day: int = 1) -> str:
    moment = f"2026-01-{day:02}T12:00:00+00:00"
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "A"}
    who |= {"GIT_COMMITTER_EMAIL": "a@x", "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **who}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def real(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """What a command really prints in a folder, both streams as they come."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )


def repository(folder: Path) -> Path:
    """Two commits, on the first and the second of January 2026."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for day, files in enumerate((FIRST, SECOND), 1):
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", f"day {day}", day=day)
    return folder


def hashed(folder: Path) -> str:
    """Hash of all that a folder holds, names, modes and git's own files included."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)} {path.lstat().st_mode}\n".encode())
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def opened(folder: Path, *before: Message, tags: dict[str, str] | None = None, **plan: Any) -> Any:
    """A session over a repository, plain reading unless the plan says otherwise."""
    chosen = {"shell": "none", "root": ROOT, **plan}
    simulator = Workspace(repository=str(folder), **chosen)
    return simulator(prefix(messages=(user(), *before), tags=tags or {}))


def answered(session: Session, asked: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
    async def ask() -> ToolAnswer | None:
        return await session(asked, before)

    return asyncio.run(ask())


def desk(folder: Path, shell: Any = None, output: str | None = None) -> Desk:
    """A desk over a folder, without git."""
    folder.mkdir(exist_ok=True)
    for name, text in (FIRST | SECOND).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    files = Files({ROOT: folder})
    return Desk(files, shell or Told(), ROOT, 30.0, output, ROOT)


class Told:
    """A shell that says what it is told to, and keeps what it was asked."""

    def __init__(self, output: str = "out\n", code: int | None = 0, folder: str = ROOT) -> None:
        self.ran = Ran(output, code, 0.25, folder)
        self.asked: list[tuple[str, str, float]] = []

    def __call__(self, command: str, folder: str, seconds: float) -> Ran:
        self.asked.append((command, folder, seconds))
        return self.ran


def use(at: Desk, name: str, **given: Any) -> str:
    """What a tool says on a desk."""
    return _said(at, call(name, **given))


def stays_open(at: Desk, name: str, **given: Any) -> bool:
    try:
        TOOLS[name](at, Given(json.dumps(given)))
    except StaysOpen:
        return True
    return False
