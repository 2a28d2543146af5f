"""The files that a session's tools see, by the paths that the model writes."""

import os
import stat
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

LARGEST = 16 << 20  # bytes of a file that a tool reads or writes
_LINKS = 40  # that one path may lead through


class Refused(Exception):
    """What a tool answers in place of its result."""


class StaysOpen(Exception):
    """A call that cannot be answered here; the message says why."""


class Outside(Refused):
    """A path that leads out of what the session may see."""


class Place(NamedTuple):
    """A path as the model knows it, links resolved, and where that lies."""

    path: str
    real: Path


@dataclass(frozen=True, slots=True)
class Files:
    """Folders of this machine under the paths that a model knows them by.

    Every link on the way is resolved as the model's machine would, and what leads out is refused.
    While a tool here works nothing else writes: commands have ended with all their children.

    Args:
        folders: by path.
        owner: user whom new files belong to; None: whoever runs this.
    """

    folders: Mapping[str, Path]
    owner: int | None = None

    def place(self, path: str, cwd: str = "/") -> Place:
        """Where a path leads.

        Raises:
            Outside: out of the folders, or nowhere.
        """
        if "\0" in path or len(path) > os.pathconf("/", "PC_PATH_MAX"):
            raise Outside(f"{path[:100]!r} is no path")
        left = deque(PurePosixPath(cwd, path).parts[1:])
        walked: list[str] = []
        links = 0
        while left:
            step = left.popleft()
            if step == "..":
                walked[-1:] = []
                continue
            here = self._real("/" + "/".join([*walked, step]))
            if here is None or not here.is_symlink():
                walked.append(step)
                continue
            links += 1
            target = PurePosixPath(os.readlink(here))  # noqa: PTH115  # `Path` drops what it holds
            if links > _LINKS:
                raise Outside(f"Too many levels of symbolic links: {path}")
            if target.is_absolute():
                walked = []
            left.extendleft(reversed([each for each in target.parts if each != "/"]))
        found = "/" + "/".join(walked)
        real = self._real(found)
        if real is None:
            raise Outside(f"Permission denied: {path}")
        return Place(found, real)

    def _real(self, path: str) -> Path | None:
        """Folders may lie in one another: the innermost counts."""
        for folder in sorted(self.folders, key=len, reverse=True):
            if path == folder or path.startswith(folder.rstrip("/") + "/"):
                return Path(self.folders[folder], path[len(folder) :].lstrip("/"))
        return None

    def read(self, place: Place) -> str:
        """A file's text; bytes that are none survive writing it back.

        Raises:
            OSError: it is not there or is no file.
            StaysOpen: it is too large.
        """
        handle = os.open(place.real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:  # noqa: PTH123  # a handle, no path
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise IsADirectoryError(21, "Is a directory", place.path)
            if about.st_size > LARGEST:
                raise StaysOpen(f"a file of {about.st_size:,} bytes")
            return file.read(LARGEST).decode(errors="surrogateescape")

    def write(self, place: Place, text: str) -> None:
        """Write a file anew, with the folders that it lies in.

        Raises:
            OSError: it is a folder, or a file is in the way.
            StaysOpen: git's own files, or too large.
        """
        content = _encoded(text)
        if len(content) > LARGEST or ".git" in PurePosixPath(place.path).parts:
            raise StaysOpen("a file that is too large, or git's own")
        self._folder(place.real.parent)
        kept = place.real.exists()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(place.real, flags, 0o644), "wb") as file:  # noqa: PTH123  # the same
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise IsADirectoryError(21, "Is a directory", place.path)
            file.write(content)
        if not kept:
            self._own(place.real)

    def delete(self, place: Place) -> None:
        """Remove a file.

        Raises:
            OSError: it is not there or is a folder.
        """
        place.real.unlink()

    def walk(self, place: Place, *, hidden: bool = True, depth: int = 64) -> Iterator[Place]:
        """All that a folder holds, in order of names, without git's own; links are not followed.

        Folders come before what they hold. A file holds nothing.
        """
        if depth < 1 or place.real.is_symlink() or not place.real.is_dir():
            return
        for name in sorted(os.listdir(place.real)):  # noqa: PTH208  # names, not paths
            if name == ".git" or (name.startswith(".") and not hidden):
                continue
            child = Place(f"{place.path.rstrip('/')}/{name}", place.real / name)
            yield child
            yield from self.walk(child, hidden=hidden, depth=depth - 1)

    def _folder(self, real: Path) -> None:
        missing = []
        while not real.exists():
            missing.append(real)
            real = real.parent
        for each in reversed(missing):
            each.mkdir()
            self._own(each)

    def _own(self, real: Path) -> None:
        if self.owner is not None:
            os.chown(real, self.owner, self.owner, follow_symlinks=False)


def _encoded(text: str) -> bytes:
    """Bytes that were no text as they were; half a surrogate pair that a model wrote as `?`."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="replace")
