from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.repository import Repository
from foretaste.errors import ItemFailed, PlanError
from unit.adapters.simulators.workspace.desks import FIRST, SECOND, git, hashed, repository


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return repository(tmp_path / "original")


def commits(original: Path) -> list[str]:
    return git(original, "rev-list", "--reverse", "HEAD").split()


def test_the_log_says_which_commit_it_saw(original: Path) -> None:
    first, second = commits(original)
    found = Repository(str(original), None)

    assert found.commit_of({}) == (second, "the repository's newest")
    assert found.commit_of({"commit": first[:10]}) == (first, "named by the log")
    assert found.commit_of({"time": "2026-01-01T18:00:00+00:00"})[0] == first
    assert found.commit_of({"time": "2026-01-03", "commit": first})[0] == first
    assert Repository(str(original), "HEAD~1").commit_of({"commit": second})[0] == first


@pytest.mark.parametrize(
    "tags",
    [
        {"commit": "0" * 40},
        {"commit": "--all"},
        {"commit": "main"},
        {"time": "2020-01-01"},
        {"time": "soon"},
    ],
)
def test_a_state_that_the_repository_lacks_fails_the_item(
    original: Path, tags: dict[str, str]
) -> None:
    with pytest.raises(ItemFailed, match="no commit"):
        Repository(str(original), None).commit_of(tags)


def test_a_copy_holds_the_commit_s_files_and_nothing_of_later(
    original: Path, tmp_path: Path
) -> None:
    first, second = commits(original)
    before = hashed(original)
    made = Repository(str(original), None)
    base = made.copy(first, tmp_path / "copy")
    packs = tmp_path / "copy" / ".git" / "objects" / "pack"

    assert (tmp_path / "copy" / "app.py").read_text() == FIRST["app.py"]
    assert not (tmp_path / "copy" / "src").exists()
    assert hashed(original) == before
    packs.rmdir()
    packs.symlink_to(base.packs)
    assert git(tmp_path / "copy", "log", "--all", "--format=%H").split() == [first]
    assert git(tmp_path / "copy", "status", "--short") == ""
    assert second not in git(tmp_path / "copy", "cat-file", "--batch-check", "--batch-all-objects")


def test_copies_are_made_again_after_their_base_was_dropped(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foretaste.adapters.simulators.workspace.repository._KEPT", 1)
    made = Repository(str(original), None)
    for number, commit in enumerate(commits(original) * 2):
        made.copy(commit, tmp_path / str(number))

    assert (tmp_path / "2" / "app.py").read_text() == FIRST["app.py"]
    assert (tmp_path / "3" / "app.py").read_text() == SECOND["app.py"]


@pytest.mark.parametrize("commit", [None, "HEAD"])
def test_what_is_no_repository_is_a_wrong_plan(tmp_path: Path, commit: str | None) -> None:
    with pytest.raises(PlanError, match="there is no folder"):
        Repository(str(tmp_path / "nowhere"), commit)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(PlanError, match="holds no"):
        Repository(str(tmp_path), commit)
