import zipfile
from pathlib import Path

import pytest

from foretaste.adapters.readers.files.archives import is_zip, member, members
from foretaste.adapters.readers.files.streams import Line, LogFile, files, filled_lines, unpacked


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


def test_what_is_no_archive_or_is_damaged_has_no_members(tmp_path: Path) -> None:
    path = packed(tmp_path, a_json=b"{}")
    path.write_bytes(path.read_bytes()[:30])

    assert is_zip(path)
    assert members(path) == []
    (tmp_path / "plain").write_bytes(b"{}")
    assert not is_zip(tmp_path / "plain")
    assert not is_zip(tmp_path / "nothing")
