import subprocess
from pathlib import Path

import pytest

from foretaste.adapters import git
from foretaste.errors import PlanError


def call(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that ignores runs, with one commit, and settings of no user's."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no settings"))
    folder = tmp_path / "repository"
    (folder / "runs").mkdir(parents=True)
    call(folder, "init", "--quiet")
    call(folder, "config", "user.name", "A Tester")
    call(folder, "config", "user.email", "tester@example.com")
    (folder / ".gitignore").write_text("runs/\n")
    call(folder, "add", ".gitignore")
    call(folder, "commit", "--quiet", "--message=begin")
    return folder


def test_files_are_committed_though_they_are_ignored_and_what_is_staged_stays(
    repository: Path,
) -> None:
    file = repository / "runs" / ":(top)odd name.json"
    file.write_text("{}")
    (repository / "other").write_text("staged")
    call(repository, "add", "other")
    found = git.commit([str(file)], "Seal\n--amend")

    assert found.new
    assert found.commit == call(repository, "rev-parse", "HEAD").strip()
    shown = call(repository, "show", "--stat", "--format=%B", found.commit)
    assert "odd name.json" in shown
    assert "| 1 +" in shown
    assert "other" not in shown
    assert call(repository, "status", "--porcelain").split() == ["A", "other"]


def test_what_is_committed_already_is_not_committed_again(repository: Path) -> None:
    files = [repository / "runs" / "forecast.json", repository / "runs" / "ledger.jsonl"]
    for file in files:
        file.write_text("1\n")
    names = [str(file) for file in files]
    first = git.commit(names, "one")

    assert git.commit(names, "two") == git.Witness(first.commit, new=False)
    files[1].write_text("1\n2\n")
    assert git.commit(names, "three") == git.Witness(first.commit, new=False)
    assert call(repository, "log", "--format=%s").split() == ["three", "one", "begin"]


def test_a_note_is_attached_once_beside_others(repository: Path) -> None:
    head = call(repository, "rev-parse", "HEAD").strip()

    assert git.note(str(repository / "runs"), "seal 1") == git.Witness(head, new=True)
    assert git.note(str(repository), "seal 2").new
    assert not git.note(str(repository), "seal 1").new
    said = call(repository, "notes", f"--ref={git.NOTES}", "show", head)
    assert [line for line in said.splitlines() if line] == ["seal 1", "seal 2"]


def test_outside_of_a_repository_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1")

    with pytest.raises(PlanError, match="no git repository; `git init`"):
        git.commit([str(tmp_path / "file")], "one")
    with pytest.raises(PlanError, match="no git repository; `git init`"):
        git.note(str(tmp_path), "one")


def test_a_repository_without_a_commit_has_nothing_to_attach_a_note_to(tmp_path: Path) -> None:
    call(tmp_path, "init", "--quiet")

    with pytest.raises(PlanError, match="no commit yet"):
        git.note(str(tmp_path), "one")


def test_what_git_refuses_is_said_in_git_s_words(repository: Path, tmp_path: Path) -> None:
    inside, outside = repository / "inside", tmp_path / "outside"
    for file in (inside, outside):
        file.write_text("1")

    with pytest.raises(PlanError, match=r"git add failed: .*outside"):
        git.commit([str(inside), str(outside)], "one")


def test_without_git_it_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))

    with pytest.raises(PlanError, match="git is not installed"):
        git.note(str(repository), "one")
