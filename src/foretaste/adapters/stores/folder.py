"""Whose a folder is: its manifest makes it a run's, its lock makes it one writer's."""

import fcntl
from pathlib import Path
from typing import BinaryIO

import msgspec

from foretaste.adapters.stores import documents
from foretaste.adapters.stores.segments import sync_folder
from foretaste.errors import StoreUnavailable

VERSION = 1
"""Version of the folder's format."""

MANIFEST = "manifest.json"
LOCK = "lock"


class _Manifest(msgspec.Struct):
    format: str
    version: int


def create(folder: Path) -> None:
    """Make an empty folder a run's.

    Raises:
        OSError: it cannot be written.
    """
    manifest = _Manifest(format="foretaste-run", version=VERSION)
    documents.replace(folder / MANIFEST, msgspec.json.encode(manifest))
    sync_folder(folder.parent)


def holds_run(folder: Path) -> bool:
    """Whether a folder holds a run; False for an empty one.

    Raises:
        StoreUnavailable: it holds something else, or a run of a later version.
    """
    data = documents.contents(folder / MANIFEST)
    if data is None:
        # A crash before the manifest was written leaves these.
        own = {LOCK, documents.unfinished_name(folder / MANIFEST).name}
        if folder.exists() and {path.name for path in folder.iterdir()} - own:
            raise StoreUnavailable(f"{folder} holds other files and no run; choose a new folder")
        return False
    try:
        manifest = msgspec.json.decode(data, type=_Manifest)
    except msgspec.MsgspecError as error:
        raise StoreUnavailable(f"{folder / MANIFEST} is no run's manifest: {error}") from error
    if manifest.format != "foretaste-run" or manifest.version > VERSION:
        raise StoreUnavailable(
            f"{folder} has format {manifest.format!r} {manifest.version}, this Foretaste knows "
            f"'foretaste-run' up to {VERSION}; install a later Foretaste, or choose a new folder"
        )
    return True


def locked(folder: Path) -> BinaryIO:
    """The lock, held until the file is closed; the kernel lets go of it when a process dies."""
    file = (folder / LOCK).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise StoreUnavailable(
            f"another process is writing to this run ({folder}); wait for it, or read it with "
            "`reading: true`"
        ) from error
    return file
