import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from foretaste.adapters import pinned
from foretaste.adapters.pinned import Pinned
from foretaste.errors import MachineFailed

CONTENT = b"weights " * 1000
NAME = "foretaste_test_wheel"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pinned:
    """A wheel in a folder that pip looks into instead of any network."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    wheel = folder / f"{NAME}-1.0-py3-none-any.whl"
    info = f"{NAME}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{NAME}/big.bin", CONTENT)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return Pinned(
        package=NAME.replace("_", "-"),
        version="1.0",
        wheel_sha256=sha256(wheel.read_bytes()),
        member=f"{NAME}/big.bin",
        sha256=sha256(CONTENT),
        bytes=len(CONTENT),
        license="Apache-2.0",
        source="this test",
    )


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_fetched_file_is_the_pinned_one_and_is_found_again(shelf: Pinned, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    said: list[str] = []
    path = pinned.fetch(shelf, cache, said.append)

    assert path.read_bytes() == CONTENT
    assert pinned.find(shelf, cache) == path
    assert pinned.fetch(replace(shelf, wheel_sha256="0" * 64), cache) == path
    assert "downloading" in said[0]
    assert "Apache-2.0" in said[1]


def test_a_wheel_of_another_hash_leaves_nothing_behind(shelf: Pinned, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    with pytest.raises(MachineFailed, match="another content than the pinned one"):
        pinned.fetch(replace(shelf, wheel_sha256="0" * 64), cache)
    assert files(cache) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "another content"),
        ({"bytes": 7}, "has 8000 bytes, not 7"),
        ({"member": f"{NAME}/none.bin"}, "does not hold"),
    ],
)
def test_a_member_of_another_content_leaves_nothing_behind(
    shelf: Pinned, tmp_path: Path, change: dict[str, str | int], reason: str
) -> None:
    cache = tmp_path / "cache"

    with pytest.raises(MachineFailed, match=reason):
        pinned.fetch(replace(shelf, **change), cache)  # type: ignore[arg-type]
    assert files(cache) == []


def test_a_package_that_cannot_be_had_says_what_to_look_at(shelf: Pinned, tmp_path: Path) -> None:
    with pytest.raises(MachineFailed, match="is there a network"):
        pinned.fetch(replace(shelf, package="foretaste-test-nowhere"), tmp_path)


def test_a_python_without_pip_is_named(
    shelf: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))

    with pytest.raises(MachineFailed, match="has no pip"):
        pinned.fetch(shelf, tmp_path / "cache")


def test_a_cached_file_that_changed_counts_as_absent(shelf: Pinned, tmp_path: Path) -> None:
    path = pinned.fetch(shelf, tmp_path)
    path.write_bytes(CONTENT[::-1])

    assert pinned.find(shelf, tmp_path) is None
    assert pinned.fetch(shelf, tmp_path).read_bytes() == CONTENT


def test_an_installed_package_is_found_without_running_it(
    shelf: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / NAME
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "big.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(package.parent))

    assert pinned.find(shelf, tmp_path / "cache") == package / "big.bin"


def test_a_module_without_a_spec_is_no_installed_package(
    shelf: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, NAME, ModuleType(NAME))

    assert pinned.find(shelf, tmp_path) is None


def test_a_hash_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path, cache = tmp_path / "file", tmp_path / "cache"
    path.write_bytes(b"one")
    first = pinned.checksum(path, cache)
    note = next((cache / "checked").iterdir())
    note.write_bytes(note.read_bytes().replace(first.encode(), b"f" * 64))
    remembered = pinned.checksum(path, cache)
    path.write_bytes(b"two!")

    assert first == sha256(b"one")
    assert remembered == "f" * 64
    assert pinned.checksum(path, cache) == sha256(b"two!")


def test_a_note_that_cannot_be_read_or_written_costs_only_time(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    cache = tmp_path / "file" / "is-no-folder"

    assert pinned.checksum(path, cache) == sha256(b"one")


def test_a_cache_that_cannot_be_written_stops_with_a_reason(shelf: Pinned, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")

    with pytest.raises(MachineFailed, match=r"cannot keep big\.bin"):
        pinned.fetch(shelf, tmp_path / "blocked")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORETASTE_CACHE", "some/where")

    assert pinned.cache_folder() == Path("some/where")
