"""Git as a witness: a commit or a note that holds a seal, for others to check when it was there.

The git command line does the work, with fixed arguments and never through a shell.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from foretaste.errors import PlanError

NOTES = "foretaste"
"""Notes are kept under `refs/notes/` in this name."""


class Witness(NamedTuple):
    """What git now holds."""

    commit: str  # that brought in the first file, or that the note is attached to
    new: bool  # False: it was there before


def commit(paths: Sequence[str], message: str) -> Witness:
    """Commit these files alone, in the repository that holds the first; what is staged stays so.

    Files are added even where the repository ignores them. Nothing is committed if none changed;
    where only later ones did, the commit that brought in the first file is still the one it names.

    Raises:
        PlanError: there is no git or no repository here, a file lies outside of it, or git refuses.
    """
    folder = _repository(Path(paths[0]).parent)
    files = [str(Path(path).absolute()) for path in paths]
    _git(folder, "add", "--force", "--", *files)
    known = _answers(folder, "diff", "--cached", "--quiet", "--", files[0])
    if not _answers(folder, "diff", "--cached", "--quiet", "--", *files):
        _git(folder, "commit", "--quiet", f"--message={message}", "--", *files)
    return Witness(_git(folder, "log", "-1", "--format=%H", "--", files[0]), new=not known)


def note(folder: str, text: str) -> Witness:
    """Attach a line to the present commit as a git note, unless it is attached already.

    Raises:
        PlanError: there is no git, no repository or no commit here, or git refuses.
    """
    place = _repository(Path(folder))
    if not _answers(place, "rev-parse", "--verify", "--quiet", "HEAD"):
        raise PlanError(f"the git repository of {folder} has no commit yet to attach a note to")
    head = _git(place, "rev-parse", "HEAD")
    if _answers(place, "notes", f"--ref={NOTES}", "show", head):
        written = _git(place, "notes", f"--ref={NOTES}", "show", head)
        if text in written.splitlines():
            return Witness(head, new=False)
    _git(place, "notes", f"--ref={NOTES}", "append", f"--message={text}", head)
    return Witness(head, new=True)


def head(folder: str) -> str:
    """The newest commit of the repository that holds a folder.

    Raises:
        PlanError: there is no git, no repository or no commit here.
    """
    return _git(Path(folder), "rev-parse", "--verify", "HEAD")


def _repository(folder: Path) -> Path:
    """The folder, if it lies in a repository's working tree."""
    if not _answers(folder, "rev-parse", "--show-toplevel"):
        raise PlanError(f"{folder} lies in no git repository; `git init` one, or leave out --git")
    return folder


def _answers(folder: Path, *words: str) -> bool:
    return _run(folder, *words).returncode == 0


def _git(folder: Path, *words: str) -> str:
    done = _run(folder, *words)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise PlanError(f"git {words[0]} failed: {said}")
    return done.stdout.strip()


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("git")
    if program is None:
        raise PlanError("git is not installed, or not on the PATH")
    # A path is a path, whatever it looks like; and nobody is asked for a password.
    setting = {"GIT_LITERAL_PATHSPECS": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return subprocess.run(  # noqa: S603  # fixed words, own paths behind --, no shell
        [program, "-C", str(folder), *words],
        capture_output=True,
        text=True,
        env=os.environ | setting,
        stdin=subprocess.DEVNULL,
        check=False,
    )
