from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.files import Files, Outside, StaysOpen
from foretaste.adapters.simulators.workspace.plain import Plain
from foretaste.adapters.simulators.workspace.repository import Repository
from unit.adapters.simulators.workspace.desks import ROOT, real, repository


class Tried:
    """A copy, and plain commands in it."""

    def __init__(self, folder: Path) -> None:
        self.original = repository(folder / "original")
        self.made = Repository(str(self.original), None)
        commit, _ = self.made.commit_of({})
        self.copy = folder / "copy"
        base = self.made.copy(commit, self.copy)
        files = Files({ROOT: self.copy})
        self.plain = Plain(files=files, root=ROOT, objects=base.packs.parent)

    def __call__(self, command: str, folder: str = ROOT) -> str:
        return self.plain(command, folder, 20.0).output


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "cat app.py docs/guide.md",
        "cat -n app.py | head -n 1",
        "head -1 app.py",
        "tail -n +2 docs/guide.md",
        "ls",
        "ls -R",
        "ls src docs",
        "grep -rn 'x + 2' .",
        'grep -c "rate" app.py missing.py',
        "grep -A1 -n Guide docs/guide.md",
        "grep -r rate --include=*.py .".replace("*", "app"),
        "find . -name '*.py' -type f | sort",
        "find src -maxdepth 1",
        "wc -l app.py",
        "sed -n '1,2p' docs/guide.md",
        "sed -n 2p docs/guide.md",
        "git log --oneline",
        "git log -1 --format=%s -- app.py",
        "git show --stat HEAD~1",
        "git diff HEAD~1 HEAD -- app.py",
        "git status --short",
        "echo one 'two  three'",
        "cd src && ls",
        "cat missing",
    ],
)
def test_a_plain_command_says_what_it_says_on_the_original(tried: Tried, command: str) -> None:
    done = real(tried.original, command)

    assert tried(command) == done.stdout
    assert tried.plain(command, ROOT, 20.0).code == done.returncode


def test_paths_are_those_that_the_model_knows(tried: Tried) -> None:
    assert tried("pwd") == "/testbed\n"
    assert tried("cd src && pwd") == "/testbed/src\n"
    assert tried("grep -rl rate /testbed") == "/testbed/app.py\n"
    assert tried("cat /testbed/no") == "cat: /testbed/no: No such file or directory\n"


@pytest.mark.parametrize(
    "command",
    [
        *("rm app.py", "cat app.py > x", "cat < app.py", "cat $HOME", "cat `id`", "cat *.py"),
        *("echo $(id)", "cat app.py; id", "cat app.py && id", "ls || id", "ls & id", "id", "sh"),
        *(
            "find . -exec id {} +",
            "find . -delete",
            "find . -fprint x",
            "find -L .",
            "find . -newer x",
        ),
        *("grep -f /etc/passwd x", "grep -R root .", "grep --file=/etc/passwd x", "cat", "grep x"),
        *(
            "sed -i s/a/b/ app.py",
            "sed -n '1e id' app.py",
            "sed -n 1,2w app.py",
            "sort -o x app.py",
        ),
        *("sort app.py | uniq - out", "head -f x", "tail -f app.py", "cat -", "ls --hyperlink"),
        *("git checkout HEAD~1", "git commit -m x", "git diff --no-index /etc/passwd app.py"),
        *(
            "git -c alias.log=!id log",
            "git log --output=x",
            "git log --format=%G?",
            "git grep -O x",
        ),
        *("git diff --ext-diff", "git show --textconv HEAD", "git --git-dir=x log", "git"),
        *("cat 'unclosed", "", "|", "cat app.py |", "ls\nid", "cat \\\napp.py", "X=1 ls", "(ls)"),
        *(
            "~/x",
            "cat ~/.ssh/id",
            "cat {a,b}",
            "! ls",
            "cat app.py #",
            "rg x",
            "./app.py",
            "/bin/cat x",
        ),
    ],
)
def test_what_may_do_more_than_read_stays_open(tried: Tried, command: str) -> None:
    if command == "":
        assert tried(command) == "\n"
        return
    with pytest.raises(StaysOpen):
        tried(command)


@pytest.mark.parametrize(
    "command",
    [
        "cat /etc/passwd",
        "cat ../original/app.py",
        "ls /",
        "find / -name x",
        "grep -r x ..",
        "cd .. && ls",
        "head -1 src/../../x",
        "git log -- /etc",
        "wc -l /etc/passwd",
    ],
)
def test_what_leads_out_is_refused(tried: Tried, command: str) -> None:
    with pytest.raises((Outside, StaysOpen)):
        tried(command)


def test_links_are_followed_as_the_model_s_machine_would(tried: Tried) -> None:
    (tried.copy / "inside").symlink_to("/testbed/app.py")
    (tried.copy / "outside").symlink_to("/etc/passwd")
    (tried.copy / "folder").symlink_to("/etc")

    assert tried("cat inside") == tried("cat app.py")
    for command in ("cat outside", "ls folder", "cat folder/passwd", "cd folder && ls"):
        with pytest.raises(Outside):
            tried(command)
    assert "root:" not in tried("grep -r root .")


def test_a_folder_that_looks_like_a_repository_has_no_say(tried: Tried) -> None:
    evil = tried.copy / "evil"
    for name in ("objects", "refs"):
        (evil / name).mkdir(parents=True)
    (evil / "HEAD").write_text("ref: refs/heads/main\n")
    (evil / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = touch {tried.copy}/ran\n")
    tried("cd evil && git status --short")

    assert not (tried.copy / "ran").exists()
