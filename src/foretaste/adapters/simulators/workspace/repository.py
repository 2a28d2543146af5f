"""A repository at one commit: made once, copied for every session, the original only read."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from foretaste.adapters.simulators.workspace.sandbox import hand_over
from foretaste.errors import ItemFailed, PlanError

COMMIT = "commit"
TIME = "time"
"""Tags of a conversation that say which state of the repository it saw."""

_KEPT = 8  # commits whose files are kept at a time
_NAME = re.compile(r"[0-9a-fA-F]{7,64}")
_PACKS = Path(".git", "objects", "pack")


@dataclass(frozen=True, slots=True)
class Base:
    """The files of one commit with its history, to be copied, and what copies share."""

    commit: str
    folder: Path

    @property
    def packs(self) -> Path:
        """Git's objects; read by all copies, written by none."""
        return self.folder / "pack"


class Repository:
    """Bases by commit, the most recently used few of them kept.

    Only commits that the wanted one descends from are taken over: neither later history nor other
    branches, uncommitted changes, hooks, filters or the configuration of the original.
    """

    def __init__(self, place: str, commit: str | None) -> None:
        self.name = Path(place).resolve().name
        self.place = str(Path(place).absolute())
        self._lock = threading.Lock()
        self._bases: OrderedDict[str, Base] = OrderedDict()
        if not Path(place).is_dir():
            raise PlanError(f"workspace, repository: there is no folder {place!r}")
        head = self._named(commit or "HEAD")
        if head is None:
            wanted = f"no commit {commit!r}" if commit else "no git repository with a commit"
            raise PlanError(f"workspace, repository: {place!r} holds {wanted}")
        self._head = head
        self._fixed = commit is not None
        self._folder = Path(tempfile.mkdtemp(prefix="foretaste-"))
        weakref.finalize(self, remove, self._folder)

    def commit_of(self, tags: Mapping[str, str]) -> tuple[str, str]:
        """The commit that a conversation saw, and how that is known.

        Raises:
            ItemFailed: its tags name a commit or a time that this repository does not have.
        """
        if self._fixed:
            return self._head, "named in the plan"
        if COMMIT in tags:
            named = self._named(tags[COMMIT]) if _NAME.fullmatch(tags[COMMIT]) else None
            if named is None:
                raise ItemFailed(f"workspace: the repository has no commit {tags[COMMIT]!r}")
            return named, "named by the log"
        if TIME in tags:
            found = self._before(tags[TIME])
            if found is None:
                raise ItemFailed(f"workspace: the repository has no commit before {tags[TIME]!r}")
            return found, f"the newest before {tags[TIME]}"
        return self._head, "the repository's newest"

    def copy(self, commit: str, to: Path) -> Base:
        """Copy a commit's files to a folder that is not there yet."""
        with self._lock:  # the first session of a commit makes it, others wait
            base = self._bases.pop(commit, None) or self._make(commit)
            self._bases[commit] = base
            # What a copy stands on must outlive it: bases are dropped, their objects are not.
            while len(self._bases) > _KEPT:
                _, old = self._bases.popitem(last=False)
                remove(old.folder / "tree")
            subprocess.run(  # noqa: S603  # fixed words and own paths
                [shutil.which("cp") or "cp", "-RPp", str(base.folder / "tree"), str(to)], check=True
            )
        return base

    def _named(self, revision: str) -> str | None:
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^0")
        return found.stdout.strip() or None if found.returncode == 0 else None

    def _before(self, time: str) -> str | None:
        try:
            seconds = int(datetime.fromisoformat(time).timestamp())
        except (ValueError, OverflowError, OSError):
            return None
        found = self._git("rev-list", "-1", f"--before={seconds}", "HEAD")
        return found.stdout.strip() or None if found.returncode == 0 else None

    def _make(self, commit: str) -> Base:
        folder = self._folder / commit
        tree, packs = folder / "tree", folder / "pack"
        known = packs.is_dir()
        tree.mkdir(parents=True)
        branch = self._git("symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip() or "main"
        own(tree, "init", "--quiet", "--template=", "--initial-branch", branch)
        settings = {"core.checkStat": "minimal", "core.trustctime": "false", "gc.auto": "0"}
        settings |= {
            "core.logAllRefUpdates": "false",
            "user.name": "user",
            "user.email": "user@user",
        }
        for name, value in settings.items():
            own(tree, "config", name, value)
        if known:
            (tree / _PACKS).parent.mkdir(exist_ok=True)
            shutil.copytree(packs, tree / _PACKS, dirs_exist_ok=True)
        else:
            wanted = ("--no-tags", "--quiet", "--keep", "--update-shallow", self.place, commit)
            fetched = _run(tree, ("-c", "protocol.version=2", "fetch", *wanted), _users())
            if fetched.returncode:
                raise ItemFailed(f"workspace: {commit} cannot be fetched: {fetched.stderr.strip()}")
        own(tree, "reset", "--quiet", "--hard", commit)
        (tree / ".git" / "FETCH_HEAD").unlink(missing_ok=True)
        _set_times(tree, int(own(tree, "log", "-1", "--format=%ct").stdout))
        own(tree, "update-index", "--quiet", "--refresh", check=False)
        if known:
            remove(tree / _PACKS)
        else:
            (tree / _PACKS).rename(packs)
        (tree / _PACKS).mkdir()
        hand_over(packs)
        for each in (self._folder, folder):
            hand_over(each, deep=False)
        return Base(commit, folder)

    def _git(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Ask the original; it is not written to, and locks are not taken."""
        return _run(Path(self.place), words, _users())


def _users() -> dict[str, str]:
    """Environment of a git that reads the original: the user's, who may trust its owner there."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return own | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}


def own(folder: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git in a copy, without anybody's configuration.

    Raises:
        ItemFailed: git refuses, and `check` is set.
    """
    done = _run(folder, words, plain_settings())
    if check and done.returncode:
        raise ItemFailed(f"workspace: git {words[0]} failed: {done.stderr.strip()}")
    return done


def plain_settings() -> dict[str, str]:
    """Environment of a git that reads no configuration but the copy's own."""
    return {
        "PATH": os.pathsep.join(filter(os.path.isabs, os.get_exec_path())),
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "LC_ALL": "C.UTF-8",
    }


def _run(
    folder: Path, words: tuple[str, ...], env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    program = shutil.which("git")
    if program is None:
        raise PlanError("workspace: git is not installed, or not on the PATH")
    return subprocess.run(  # noqa: S603  # an argument list; names from logs are held to a form
        [program, "-C", str(folder), *words],
        capture_output=True,
        text=True,
        errors="replace",
        env=dict(env),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _set_times(tree: Path, seconds: int) -> None:
    """All files as old as the commit, so that what is written later is newer everywhere alike."""
    for place, folders, files in os.walk(tree):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *files):
            os.utime(Path(place, name), (seconds, seconds), follow_symlinks=False)


def remove(folder: Path) -> None:
    """Remove a folder with all it holds, also where a command has forbidden that."""
    for place, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(place, name)
            if not path.is_symlink():
                with suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
