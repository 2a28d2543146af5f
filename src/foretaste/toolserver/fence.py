"""Which files a tool may touch: those in the folders given at start, and nothing else.

A path comes from an agent, or from a plan that anybody may have written. It is looked at before
anything is opened, so a refusal says the same of a file that is there and of one that is not. What
a path leads to can change between the look and the reading: `Visit.recheck` looks again afterwards,
and what was read meanwhile is then not given out.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path

from foretaste.errors import PlanError

LONGEST = 4096  # characters of a path
_MOST = 200_000  # files and folders below one that is named


@dataclass(frozen=True, slots=True)
class Fence:
    """The folders that tools may touch.

    Args:
        folders: as the user names them; the first is where relative paths start.

    Raises:
        PlanError: none is given, or one is no folder.
    """

    folders: tuple[str, ...]
    roots: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if not self.folders:
            raise PlanError("name at least one folder that tools may touch")
        for folder in self.folders:
            if not Path(folder).is_dir():
                raise PlanError(f"{folder} is no folder")
        object.__setattr__(self, "roots", tuple(map(os.path.realpath, self.folders)))

    def holds(self, path: str) -> bool:
        """Whether a path, wherever its links lead, is in one of the folders."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):  # a null byte; a name that is too long
            return False
        return any(real == root or real.startswith(f"{root.rstrip(os.sep)}{os.sep}")
                   for root in self.roots)  # fmt: skip

    def visit(self) -> "Visit":
        """What one call of a tool touches."""
        return Visit(self)


@dataclass(slots=True)
class Visit:
    """The paths that one call of a tool was let through to."""

    fence: Fence
    seen: dict[str, str] = field(default_factory=dict)  # as opened -> where it led

    def admit(self, path: str, *, base: str | None = None, what: str = "path") -> str:
        """Let a path through: a file, a folder with all below it, a glob, or one that is new.

        Args:
            path: as an agent or a plan names it.
            base: folder that it is relative to; None: the first of the fence's in which it is.
            what: it is, for errors.

        Returns:
            The absolute path, with its links as they are.

        Raises:
            PlanError: it leads out of the folders, or is nothing that may be read.
        """
        _refuse_spelling(path, what)
        placed = self._placed(path, base)
        if has_magic(path) and not os.path.lexists(placed):
            self._pattern(placed, what)
        else:
            self._single(placed, what)
        return placed

    def recheck(self) -> None:
        """Look again where every path leads.

        Raises:
            PlanError: one leads elsewhere than when it was let through.
        """
        for path, led in self.seen.items():
            if os.path.realpath(path) != led or not self.fence.holds(led):
                raise PlanError("a file changed its place while it was read; nothing is given out")

    def _placed(self, path: str, base: str | None) -> str:
        if base is not None or Path(path).is_absolute():
            return os.path.join(base or os.sep, path)  # noqa: PTH118 - `Path` takes no empty part
        placed = [os.path.join(root, path) for root in self.fence.roots]  # noqa: PTH118
        return next((each for each in placed if self._is_there(each)), placed[0])

    def _is_there(self, placed: str) -> bool:
        return self.fence.holds(placed) and os.path.lexists(placed)

    def _pattern(self, placed: str, what: str) -> None:
        plain: list[str] = []
        parts = Path(placed).parts
        for part in parts:
            if has_magic(part):
                break
            plain.append(part)
        if ".." in parts[len(plain) :]:
            raise PlanError(f"{what}: no `..` after a wildcard")
        self._single(str(Path(*plain)), what)

    def _single(self, placed: str, what: str) -> None:
        if not self.fence.holds(placed):
            raise PlanError(
                f"{what}: it leads out of the folders that this server was started with"
            )
        real = os.path.realpath(placed)
        self.seen[placed] = real
        kind = _kind(real)
        if kind == "folder":
            for inner in _links_below(real, what):
                if not self.fence.holds(inner):
                    raise PlanError(
                        f"{what}: a link in it leads out of the folders that this server was "
                        "started with"
                    )
                self.seen[inner] = os.path.realpath(inner)
        elif kind == "other":
            raise PlanError(f"{what}: it is neither a file nor a folder")


def _refuse_spelling(path: str, what: str) -> None:
    if not path or len(path) > LONGEST:
        raise PlanError(f"{what}: a path has 1 to {LONGEST:,} characters")
    if "\0" in path or not path.isprintable():
        raise PlanError(f"{what}: a path of this server holds no control characters")
    if path == "-" or path.startswith("~"):
        raise PlanError(f"{what}: neither `-` nor `~` is a path of this server")


def _kind(path: str) -> str:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return "new"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def _links_below(folder: str, what: str) -> Iterator[str]:
    """Every link below a folder, and below the folders that links lead to."""
    waiting, known, count = [folder], {folder}, 0
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue  # what cannot be listed is not read either
        count += len(entries)
        if count > _MOST:
            raise PlanError(f"{what}: more than {_MOST:,} files; name a folder below it")
        for entry in entries:
            if entry.is_symlink():
                yield entry.path
            real = os.path.realpath(entry.path)
            if entry.is_dir() and real not in known:
                known.add(real)
                waiting.append(real)
