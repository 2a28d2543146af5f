import zipfile
from pathlib import Path

import pytest

from foretaste.adapters.readers.files.archives import (
    BAD_ARCHIVE,
    is_zip,
    member,
    members,
    opened,
)
from foretaste.adapters.readers.files.compression import DAMAGE
from foretaste.adapters.readers.files.streams import Line, LogFile, files, filled_lines, unpacked
from foretaste.errors import LogError
from formats.inspect_eval import zstd_zip


def packed(folder: Path, **content: bytes) -> Path:
    path = folder / "log.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return path


def test_the_files_of_an_archive_are_read_like_others(tmp_path: Path) -> None:
    path = packed(tmp_path, a_jsonl=b"one\ntwo\n", deep__b_json=b"three")
    (archive,) = files(str(path))

    inside = unpacked(archive)
    assert [file.name for file in inside] == ["log.zip/a.jsonl", "log.zip/deep/b.json"]
    found = [line for file in inside for line in filled_lines(file)]
    assert found == [Line(1, b"one\n"), Line(2, b"two\n"), Line(1, b"three")]


def test_pages_pictures_and_hidden_files_hold_no_records(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("chat.html", "a/b.PNG", "__MACOSX/x.json", ".hidden/x.json", "x.json", "d/"):
            archive.writestr(name, b"")

    assert [file.member for file in unpacked(LogFile("log.zip", path))] == ["x.json"]


def test_a_path_that_climbs_out_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    (tmp_path.parent / "secret.json").write_bytes(b"secret")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../secret.json", b"harmless")

    # It begins with a dot, so it is not even looked at; opened, it is what the archive holds.
    assert unpacked(LogFile("log.zip", path)) == []
    with member(path, "../secret.json") as stream:
        assert stream.read() == b"harmless"


def test_a_bomb_is_given_up(tmp_path: Path) -> None:
    path = packed(tmp_path, bomb_json=bytes(200 << 20))

    with member(path, "bomb.json") as stream, pytest.raises(EOFError, match="unpacks to over"):
        stream.read()


@pytest.mark.parametrize(
    ("whole", "damaged"),
    [
        ("é.jsonl".encode(), b"\x00\x00.jsonl"),  # a name that is empty
        ("é.jsonl".encode(), b"\xf4\xf4.jsonl"),  # one that is not UTF-8
        (b"PK\x01\x02", b"PK\x01\x03"),  # no directory
    ],
)
def test_an_archive_with_a_damaged_directory_is_a_log_error_or_holds_nothing(
    whole: bytes, damaged: bytes, tmp_path: Path
) -> None:
    path = packed(tmp_path, é_jsonl=b"one\n")
    path.write_bytes(path.read_bytes().replace(whole, damaged))

    for file in unpacked(LogFile("log.zip", path)):
        with pytest.raises(LogError, match=r"cannot be (read|opened)"):
            list(filled_lines(file))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_is_damaged_where_it_begins_is_a_log_error(
    method: int, tmp_path: Path
) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.jsonl", b"one\n" * 100)
    raw = bytearray(path.read_bytes())
    raw[40:60] = b"\xff" * 20
    path.write_bytes(raw)
    (file,) = unpacked(LogFile("log.zip", path))

    with pytest.raises(LogError, match=r"cannot be (read|opened)"):
        list(filled_lines(file))


def test_what_is_no_archive_or_is_damaged_has_no_members(tmp_path: Path) -> None:
    path = packed(tmp_path, a_json=b"{}")
    path.write_bytes(path.read_bytes()[:30])

    assert is_zip(path)
    assert members(path) == []
    (tmp_path / "plain").write_bytes(b"{}")
    assert not is_zip(tmp_path / "plain")
    assert not is_zip(tmp_path / "nothing")


def test_members_in_zstd_are_read_like_others(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    path.write_bytes(zstd_zip({"a.jsonl": b"one\ntwo\n", "b.jsonl": b"three" * 100_000}))

    (one, two) = unpacked(LogFile("log.zip", path))
    assert list(filled_lines(one)) == [Line(1, b"one\n"), Line(2, b"two\n")]
    assert list(filled_lines(two)) == [Line(1, b"three" * 100_000)]


def test_an_archive_is_opened_once_for_many_of_its_files(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    path.write_bytes(zstd_zip({"a": b"one", "b": b"two"}))

    with opened(path) as archive:
        assert archive.names == ["a", "b"]
        assert [archive.read(name, 10) for name in ("b", "a", "b")] == [b"two", b"one", b"two"]
        assert archive.read("a", 2) is None  # longer than was asked for
        with pytest.raises(KeyError):
            archive.read("c", 10)


def test_a_bomb_in_zstd_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    path.write_bytes(zstd_zip({"bomb.json": bytes(200 << 20)}))

    with member(path, "bomb.json") as stream, pytest.raises(EOFError, match="unpacks to over"):
        stream.read()


@pytest.mark.parametrize("spot", [38, 42, 50])
def test_damage_in_a_zstd_member_is_noticed(spot: int, tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    data = bytearray(zstd_zip({"a.jsonl": b"some text that zstd leaves as it is"}))
    data[spot] ^= 0xFF
    path.write_bytes(data)

    with opened(path) as archive, pytest.raises((*DAMAGE, *BAD_ARCHIVE)):
        archive.read("a.jsonl", 1000)


def test_an_encrypted_zstd_member_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    data = bytearray(zstd_zip({"a.jsonl": b"text"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    with pytest.raises(RuntimeError, match="encrypted"):
        member(path, "a.jsonl")
