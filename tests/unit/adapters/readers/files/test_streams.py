"""Bytes of the files that a user names."""

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from foretaste.adapters.readers.files import streams
from foretaste.adapters.readers.files.streams import (
    Broken,
    CutOff,
    Line,
    beginning,
    chunks,
    files,
    lines,
)
from foretaste.errors import LogError


def names(path: object) -> list[str]:
    return [file.name for file in files(str(path))]


def read(path: Path) -> list[Line | Broken]:
    (file,) = files(str(path))
    return list(lines(file))


def test_a_file_is_named_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    assert names(tmp_path / "log") == ["log"]


def test_a_glob_names_its_files_relative_to_the_folder_before_the_first_sign(
    tmp_path: Path,
) -> None:
    for name in ("x/1.jsonl", "y/1.jsonl", "y/2.txt", "y/.3.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert names(tmp_path / "*" / "*.jsonl") == ["x/1.jsonl", "y/1.jsonl"]
    assert names(tmp_path / "**" / "2.*") == ["y/2.txt"]


def test_a_glob_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").touch()
    monkeypatch.chdir(tmp_path)

    assert names("*.log") == ["a.log"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "log[1]").touch()
    (tmp_path / "log1").touch()

    assert names(tmp_path / "log[1]") == ["log[1]"]


@pytest.mark.parametrize("path", ["nowhere", "nothing*", "\x00", "a\x00*"])
def test_a_path_that_names_nothing_is_an_error(path: str, tmp_path: Path) -> None:
    with pytest.raises(LogError):
        files(str(tmp_path / path))


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="names no file"):
        files(str(tmp_path))


def test_a_socket_is_neither_a_file_nor_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")

        with pytest.raises(LogError, match="to read a pipe, use '-'"):
            files("s")


def test_a_zip_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"PK\x03\x04rest")

    with pytest.raises(LogError, match="zip archive"):
        read(tmp_path / "log")


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    (file,) = files(str(tmp_path / "log"))
    (tmp_path / "log").unlink()

    with pytest.raises(LogError, match="cannot be opened"):
        list(lines(file))


def test_lines_are_numbered_whatever_ends_them(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\r\n\nb\x00\x85\x0b\nc")

    assert [line.number for line in read(tmp_path / "log")] == [1, 2, 3, 4]
    assert [line.data.strip() for line in read(tmp_path / "log") if isinstance(line, Line)] == [
        b"a",
        b"",
        b"b\x00\x85",
        b"c",
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_line_that_is_too_long_is_skipped_and_reading_goes_on(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LONGEST", 1 << 20)
    too_long = b"x" * ((1 << 20) + 1)
    just = b"y" * ((1 << 20) - 1)
    (tmp_path / "log").write_bytes(pack(b"a\n" + too_long + b"\n" + just + b"\nb\n" + too_long))

    found = read(tmp_path / "log")

    assert found[1] == Broken(2, "line longer than 1 MiB")
    assert found[2] == Line(3, just + b"\n")
    assert found[3:] == [Line(4, b"b\n"), Broken(5, "line longer than 1 MiB")]


def test_pieces_of_a_damaged_file_are_whole_up_to_the_damage(tmp_path: Path) -> None:
    noise = os.urandom(1 << 20)
    (tmp_path / "log").write_bytes(gzip.compress(noise)[: 700 << 10])
    (file,) = files(str(tmp_path / "log"))
    found: list[bytes] = []

    with pytest.raises(CutOff, match="cut off or damaged"):
        found.extend(chunks(file))
    assert noise.startswith(b"".join(found))
    assert sum(map(len, found)) > 600 << 10


def test_the_beginning_of_a_file_is_decompressed_and_bounded(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(gzip.compress(b"x" * (1 << 20)))
    (file,) = files(str(tmp_path))

    assert beginning(file) == b"x" * streams.HEAD
