from pathlib import Path

import pytest

from foretaste.adapters.readers.files.fingerprint import fingerprint
from foretaste.errors import LogError

LARGE = b"0123456789" * 100_000


def log(folder: Path, data: bytes, name: str = "log.jsonl") -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_a_copy_elsewhere_is_the_same_log(tmp_path: Path) -> None:
    here, there = (log(tmp_path / name, LARGE) for name in ("here", "there"))

    assert fingerprint(here) == fingerprint(there)


@pytest.mark.parametrize(
    "changed",
    [LARGE + b"0", LARGE[:-1], b"x" + LARGE[1:], LARGE[:-1] + b"x", b""],
    ids=["appended", "cut", "another beginning", "another end", "emptied"],
)
def test_a_changed_log_is_another(tmp_path: Path, changed: bytes) -> None:
    before = fingerprint(log(tmp_path, LARGE))

    assert fingerprint(log(tmp_path, changed)) != before


def test_a_folder_is_another_log_with_another_file(tmp_path: Path) -> None:
    log(tmp_path / "logs", b"{}", "a.jsonl")
    before = fingerprint(str(tmp_path / "logs"))
    log(tmp_path / "logs", b"{}", "b.jsonl")

    assert fingerprint(str(tmp_path / "logs")) != before


def test_standard_input_cannot_be_compared_so_each_reading_is_another_log() -> None:
    assert fingerprint("-") != fingerprint("-")


def test_nothing_has_no_fingerprint(tmp_path: Path) -> None:
    with pytest.raises(LogError):
        fingerprint(str(tmp_path / "none.jsonl"))
