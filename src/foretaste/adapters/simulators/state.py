"""The state that an environment starts from: read once, copied for every session."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from foretaste.errors import PlanError
from foretaste.records import JSON

State = Callable[[object], JSON]
"""Makes a private copy of the state; a copy that is a file goes when the given owner does."""

_SQLITE = b"SQLite format 3\0"


def read_state(path: str) -> State:
    """The state in a JSON file, a folder of JSON files (a table each) or a SQLite file.

    The file itself is not opened again.

    Raises:
        PlanError: nothing is there, or it is neither.
    """
    place = Path(path)
    try:
        if place.is_dir():
            return _tables(place)
        content = place.read_bytes()
    except OSError as error:
        raise PlanError(f"state {path!r} cannot be read: {error.strerror}") from error
    if content.startswith(_SQLITE):
        return _database(place, content)
    _check(place, content)
    return _Documents({"": content})


def _tables(folder: Path) -> State:
    tables = {file.stem: file.read_bytes() for file in sorted(folder.glob("*.json"))}
    if not tables:
        raise PlanError(f"state {str(folder)!r} holds no .json file")
    for name, content in tables.items():
        _check(folder / f"{name}.json", content)
    return _Documents(tables)


def _database(file: Path, content: bytes) -> State:
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        raise PlanError(f"state {str(file)!r} is open elsewhere: {log.name} holds newer rows")
    return _Database(file.name, content)


def _check(file: Path, content: bytes) -> None:
    try:
        msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"state {str(file)!r} is neither JSON nor SQLite: {error}") from error


@dataclass(frozen=True, slots=True)
class _Documents:
    """JSON text by table; under the name "" it is all of the state."""

    tables: dict[str, bytes]

    def __call__(self, owner: object) -> JSON:  # noqa: ARG002
        # Parsing anew is some six times faster than copying what is parsed.
        copies = {name: msgspec.json.decode(content) for name, content in self.tables.items()}
        return copies.get("", copies)


@dataclass(frozen=True, slots=True)
class _Database:
    """A SQLite file's content; a copy is a path."""

    name: str
    content: bytes

    def __call__(self, owner: object) -> str:
        folder = tempfile.mkdtemp(prefix="foretaste-")
        weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
        copy = Path(folder, self.name)
        copy.write_bytes(self.content)
        return str(copy)
