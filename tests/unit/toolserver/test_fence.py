import os
import socket
from collections.abc import Iterator
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.errors import PlanError
from foretaste.toolserver.fence import Fence

SECRET = "the secret outside"


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """A folder that tools may touch, and beside it one that they may not."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.jsonl").write_text(SECRET)
    inside = tmp_path / "inside"
    (inside / "logs" / "deep").mkdir(parents=True)
    (inside / "log.jsonl").write_text("{}")
    (inside / "logs" / "deep" / "more.jsonl").write_text("{}")
    return inside


def admit(yard: Path, path: str) -> str:
    return Fence((str(yard),)).visit().admit(path)


def refused(yard: Path, path: str) -> str:
    with pytest.raises(PlanError) as caught:
        admit(yard, path)
    return str(caught.value)


@pytest.mark.parametrize(
    "path",
    ["log.jsonl", "logs", "./log.jsonl", "logs/../log.jsonl", "*.jsonl", "logs/**/*.jsonl", "new"],
)
def test_what_lies_in_the_folder_is_let_through(yard: Path, path: str) -> None:
    assert admit(yard, path).startswith(str(yard))


def test_an_absolute_path_into_the_folder_is_let_through(yard: Path) -> None:
    assert admit(yard, str(yard / "log.jsonl")) == str(yard / "log.jsonl")


@pytest.mark.parametrize(
    "path",
    [
        *("..", "../outside", "../outside/secret.jsonl", "logs/../../outside/secret.jsonl"),
        *("/etc/passwd", "/", "//etc/passwd", "/proc/self/environ", "/dev/stdin", "/dev/zero"),
        *("../*/secret.jsonl", "/etc/*", "/*", "*/../../outside/*", "**/../../outside/*.jsonl"),
        *("../inside-too", "../insid?", "logs/*/../../../outside"),
        *("-", "~", "~/.ssh/id_rsa", "~root/.profile", "", "log.jsonl\0", "a\nb", "x" * 5000),
        *("logs/\x1b[2J", "\u202elog", "file:///etc/passwd/../../../../etc/passwd"),
    ],
)
def test_what_leads_out_is_refused(yard: Path, path: str) -> None:
    (yard.parent / "inside-too").mkdir()

    assert SECRET not in refused(yard, path)


def test_a_refusal_says_the_same_of_what_is_there_and_of_what_is_not(yard: Path) -> None:
    there, not_there = "../outside/secret.jsonl", "../outside/nothing.jsonl"

    assert refused(yard, there) == refused(yard, not_there)


def test_a_link_out_is_refused_by_name_in_a_folder_and_in_a_glob(yard: Path) -> None:
    (yard / "logs" / "deep" / "link.jsonl").symlink_to(yard.parent / "outside" / "secret.jsonl")

    for path in ("logs/deep/link.jsonl", "logs", ".", "logs/**", "*/deep/*.jsonl"):
        refused(yard, path)


def test_a_link_to_a_folder_out_is_refused_however_it_is_reached(yard: Path) -> None:
    (yard / "door").symlink_to(yard.parent / "outside")
    (yard / "logs" / "hall").symlink_to(yard / "door")

    for path in ("door", "door/secret.jsonl", "logs/hall/secret.jsonl", "logs", "*"):
        refused(yard, path)


def test_links_that_stay_inside_are_followed_to_what_they_hide(yard: Path) -> None:
    (yard / "other").mkdir()
    (yard / "logs" / "inner").symlink_to(yard / "other")
    assert admit(yard, "logs")

    (yard / "other" / "link").symlink_to("/etc/passwd")

    refused(yard, "logs")


def test_a_circle_of_links_ends(yard: Path) -> None:
    (yard / "logs" / "round").symlink_to(yard / "logs")
    (yard / "a").symlink_to(yard / "b")
    (yard / "b").symlink_to(yard / "a")

    assert admit(yard, "logs")


def test_what_is_neither_file_nor_folder_is_refused(yard: Path) -> None:
    os.mkfifo(yard / "pipe")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(yard / "s"))

        assert "neither a file nor a folder" in refused(yard, "pipe")
        assert "neither a file nor a folder" in refused(yard, "s")


def test_a_folder_whose_name_only_begins_alike_is_outside(yard: Path) -> None:
    (yard.parent / "inside2").mkdir()

    assert not Fence((str(yard),)).holds(str(yard.parent / "inside2"))


def test_a_link_that_is_changed_while_it_is_read_gives_nothing_out(yard: Path) -> None:
    link = yard / "link.jsonl"
    link.symlink_to(yard / "log.jsonl")
    visit = Fence((str(yard),)).visit()
    visit.admit("link.jsonl")
    visit.recheck()

    link.unlink()
    link.symlink_to(yard.parent / "outside" / "secret.jsonl")

    with pytest.raises(PlanError, match="nothing is given out"):
        visit.recheck()


def test_a_folder_that_becomes_a_link_gives_nothing_out(yard: Path) -> None:
    visit = Fence((str(yard),)).visit()
    visit.admit("logs/deep/more.jsonl")

    (yard / "logs").rename(yard / "logs-before")
    (yard / "logs").symlink_to(yard.parent / "outside")

    with pytest.raises(PlanError):
        visit.recheck()


def test_no_folder_and_no_such_folder_are_refused(tmp_path: Path) -> None:
    for folders in ((), (str(tmp_path / "nowhere"),)):
        with pytest.raises(PlanError):
            Fence(folders)


@pytest.fixture(scope="module")
def street() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        (top / "in" / "a" / "b").mkdir(parents=True)
        (top / "out").mkdir()
        (top / "out" / "x").write_text(SECRET)
        (top / "in" / "x").write_text("")
        (top / "in" / "a" / "in").symlink_to(top / "in")
        (top / "in" / "a" / "out").symlink_to(top / "out")
        (top / "in" / "up").symlink_to("..")
        yield top / "in"


def found_by(pattern: str) -> list[str]:
    return glob(pattern, recursive=True)  # noqa: PTH207 - as readers list files


STEPS = st.sampled_from(["..", ".", "a", "b", "x", "in", "out", "up", "*", "**", "?", "[io]*", ""])


@given(steps=st.lists(STEPS, max_size=8), absolute=st.booleans())
def test_nothing_that_a_path_let_through_opens_is_outside(
    street: Path, steps: list[str], absolute: bool
) -> None:
    path = "/".join([str(street), *steps] if absolute else steps)
    try:
        admitted = admit(street, path)
    except PlanError:
        return

    for found in {admitted, *found_by(admitted)}:
        assert os.path.realpath(found).startswith(str(street))
        assert all(
            os.path.realpath(inner).startswith(str(street)) for inner in found_by(f"{found}/**")
        )


@given(path=st.text(max_size=40))
def test_any_text_is_let_through_or_refused_and_never_breaks(street: Path, path: str) -> None:
    try:
        admitted = admit(street, path)
    except PlanError:
        return

    assert os.path.realpath(admitted).startswith(str(street))
