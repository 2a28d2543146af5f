import os
from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.files import LARGEST, Files, Outside, StaysOpen


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "copy" / "sub").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "copy" / "a.txt").write_text("a")
    (tmp_path / "secret").write_text("secret")
    return Files({"/testbed": tmp_path / "copy", "/tmp": tmp_path / "tmp"})


@pytest.mark.parametrize(
    "path",
    ["/testbed/a.txt", "a.txt", "./a.txt", "sub/../a.txt", "//testbed//a.txt", "../testbed/a.txt"],
)
def test_spellings_of_a_path_lead_to_the_same_file(files: Files, path: str) -> None:
    place = files.place(path, "/testbed")

    assert place.path == "/testbed/a.txt"
    assert files.read(place) == "a"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "/",
        "/testbed2/a",
        "../../../etc/passwd",
        "",
        "/testbed/..",
        "a\0b",
        "x" * 9999,
    ],
)
def test_what_leads_out_is_refused(files: Files, path: str) -> None:
    with pytest.raises(Outside):
        files.place(path, "/testbed/.." if path == "" else "/testbed")


def links(files: Files, target: str) -> None:
    (files.folders["/testbed"] / "link").symlink_to(target)


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "../../../../etc/passwd", "link"])
def test_a_link_out_or_in_a_circle_is_refused(files: Files, target: str) -> None:
    links(files, target)
    with pytest.raises(Outside):
        files.place("link", "/testbed")


@pytest.mark.parametrize("target", ["a.txt", "/testbed/a.txt", "sub/../a.txt", "../testbed/a.txt"])
def test_a_link_means_what_it_means_where_the_model_is(files: Files, target: str) -> None:
    links(files, target)

    assert files.read(files.place("link", "/testbed")) == "a"


def test_a_folder_behind_a_link_out_is_refused_for_writing_too(
    files: Files, tmp_path: Path
) -> None:
    links(files, "/var")
    with pytest.raises(Outside):
        files.place("link/new", "/testbed")


def test_bytes_that_are_no_text_survive_an_edit(files: Files) -> None:
    place = files.place("a.txt", "/testbed")
    place.real.write_bytes(b"\xff one\r\n")
    files.write(place, files.read(place).replace("one", "two"))

    assert place.real.read_bytes() == b"\xff two\r\n"


def test_git_s_own_files_and_large_ones_are_not_written(files: Files) -> None:
    with pytest.raises(StaysOpen):
        files.write(files.place(".git/config", "/testbed"), "[core]")
    with pytest.raises(StaysOpen):
        files.write(files.place("a.txt", "/testbed"), "x" * (LARGEST + 1))

    assert files.read(files.place("a.txt", "/testbed")) == "a"


def test_pipes_and_folders_are_no_files(files: Files) -> None:
    os.mkfifo(files.folders["/testbed"] / "pipe")
    for name in ("pipe", "sub"):
        with pytest.raises(IsADirectoryError):
            files.read(files.place(name, "/testbed"))


def test_walking_follows_no_link_and_leaves_git_out(files: Files) -> None:
    links(files, "/etc")
    (files.folders["/testbed"] / ".git").mkdir()
    found = [each.path for each in files.walk(files.place("/testbed"))]

    assert found == ["/testbed/a.txt", "/testbed/link", "/testbed/sub"]
