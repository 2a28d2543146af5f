"""Where one person's conversations with models lie on this machine."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from foretaste.errors import PlanError
from foretaste.report.wording import some

HOW = """\
No conversations were found where Claude Code and Codex keep theirs. Export your own, and name the
file that you get, as it is:
  ChatGPT:   Settings > Data controls > Export data; the zip comes by e-mail
  Claude.ai: Settings > Privacy > Export data; the zip comes by e-mail
Any other log that `foretaste scan` reads will do as well."""
"""What to do where nothing is found."""

_SUBAGENT = "agent-"


class Place(NamedTuple):
    """A folder of sessions that a program keeps."""

    name: str  # of the program
    path: Path
    use: str  # the format's name
    sessions: int
    newest: datetime  # when the newest session was last written to; UTC

    def __str__(self) -> str:
        """One line for a person."""
        count = some(self.sessions, "session")
        return f"{self.name}: {count}, the newest of {self.newest:%Y-%m-%d}, in {self.path}"


def found(
    home: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[Place, ...]:
    """The places that hold sessions, that with the newest one first.

    `CLAUDE_CONFIG_DIR` and `CODEX_HOME` are looked at instead of the usual folders where they are
    set. Only names and times of files are looked at, and what cannot be opened is passed over.

    Args:
        home: of the person; this user's if left out.
        environment: variables by name; this process's if left out.
    """
    own = home if home is not None else Path.home()
    given = os.environ if environment is None else environment
    places = [
        _place(name, folder, use, pattern)
        for name, folders, use, pattern in _known(own, given)
        for folder in folders
    ]
    return tuple(
        sorted((each for each in places if each is not None), key=lambda p: p.newest, reverse=True)
    )


def _known(
    home: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Path, ...], str, str]]:
    claude, codex = environment.get("CLAUDE_CONFIG_DIR"), environment.get("CODEX_HOME")
    of_claude = (Path(claude),) if claude else (home / ".claude", home / ".config" / "claude")
    of_codex = Path(codex) if codex else home / ".codex"
    projects = tuple(folder / "projects" for folder in of_claude)
    yield "Claude Code", projects, "claude-code", "*/*.jsonl"
    yield "Codex", (of_codex / "sessions",), "codex", "**/rollout-*.jsonl"


def _place(name: str, folder: Path, use: str, pattern: str) -> Place | None:
    times = []
    try:
        for file in folder.glob(pattern):
            told = file.stat()
            if told.st_size and not file.name.startswith(_SUBAGENT):
                times.append(told.st_mtime)
    except OSError:
        pass  # a folder that is not ours to read; what was found before still counts
    if not times:
        return None
    newest = datetime.fromtimestamp(max(times), UTC)
    return Place(name=name, path=folder, use=use, sessions=len(times), newest=newest)


def chosen(
    places: tuple[Place, ...], ask: Callable[[str], str] | None = None
) -> tuple[str, str | None]:
    """The log to take where none is named, and its format if that is known.

    Args:
        places: what was found; the first is taken.
        ask: puts a question to a person and gives the answer, where there is one to ask.

    Raises:
        PlanError: nothing was found, and nobody named a file.
    """
    if places:
        return str(places[0].path), places[0].use
    if ask is None:
        raise PlanError(f"name a log. {HOW}")
    named = ask(f"{HOW}\nPath of the file").strip().strip("'\"")
    if not named:
        raise PlanError("no log was named")
    return str(Path(named).expanduser()), None
