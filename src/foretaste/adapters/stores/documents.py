"""Small files of a run: written whole or not at all."""

import os
import re
from pathlib import Path

from foretaste.adapters.stores.segments import sync_folder
from foretaste.errors import StoreUnavailable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")


def document(folder: Path, name: str) -> Path:
    """Where a document lies.

    Raises:
        StoreUnavailable: the name could lead out of the folder, or to a hidden file.
    """
    if len(name) > 100 or not _NAME.fullmatch(name):
        raise StoreUnavailable(
            f"{name!r} is no document's name; use letters, digits, '-', '_' and single dots"
        )
    return folder / name


def replace(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it.

    Raises:
        OSError: it cannot be written.
    """
    unfinished = unfinished_name(path)
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def unfinished_name(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.unfinished")


def contents(path: Path) -> bytes | None:
    """A file's bytes, or None where there is none.

    Raises:
        StoreUnavailable: it is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailable(f"cannot read {path}: {error}") from error
