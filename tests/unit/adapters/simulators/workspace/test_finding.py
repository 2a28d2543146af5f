from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.files import Files, Refused, StaysOpen
from foretaste.adapters.simulators.workspace.finding import Search, found_names, matching

NAMES = ("a.py", "b.ts", "src/c.py", "src/deep/d.pyi", ".hidden/e.py", "src/f g.py")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"name: {name}\nsecond 12:3\n")
    return Files({"/r": tmp_path})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py"]),
        ("**/*.py", [".hidden/e.py", "a.py", "src/c.py", "src/f g.py"]),
        ("src/**/*.py{,i}", ["src/c.py", "src/deep/d.pyi", "src/f g.py"]),
        ("/r/src/[cd].py", ["src/c.py"]),
        ("?.ts", ["b.ts"]),
        ("nothing", []),
    ],
)
def test_names_fit_a_shell_s_pattern(files: Files, pattern: str, found: list[str]) -> None:
    names = sorted(
        p.path[3:] for p in found_names(files, files.place("/r"), pattern) if p.real.is_file()
    )

    assert names == found


@pytest.mark.parametrize("pattern", ["{a,b}" * 20, "*" * 200 + "x", "**/" * 100 + "x"])
def test_a_hostile_pattern_takes_no_time(files: Files, pattern: str) -> None:
    try:
        assert list(found_names(files, files.place("/r"), pattern)) == []
    except StaysOpen:
        assert pattern.startswith("{")


def search(files: Files, pattern: str, *flags: str, glob: str = "", kind: str = "") -> list[str]:
    return matching(files, files.place("/r"), Search(pattern, glob, kind, list(flags)), 20)


def test_lines_come_with_the_paths_that_the_model_knows(files: Files) -> None:
    assert search(files, r"name: \w+\.py$", "-n") == [
        "/r/.hidden/e.py:1:name: .hidden/e.py" for _ in range(0)
    ] + ["/r/a.py:1:name: a.py"]
    assert search(files, "name: a", "-n", "-A1") == [
        "/r/a.py:1:name: a.py",
        "/r/a.py-2-second 12:3",
    ]
    assert search(files, "second", "-l", kind="ts") == ["/r/b.ts"]
    assert search(files, "second", "-l", glob="src/*.py") == ["/r/src/c.py", "/r/src/f g.py"]
    assert search(files, "second", "-c", glob="b.*") == ["/r/b.ts:1"]
    assert search(files, "second 12", glob="a.py") == ["/r/a.py:second 12:3"]


def test_a_pattern_that_is_none_is_refused_and_an_endless_one_ends(files: Files) -> None:
    with pytest.raises(Refused, match="regex parse error"):
        search(files, "(")
    with pytest.raises(StaysOpen):
        search(files, "x", kind="klingon")
    (files.folders["/r"] / "long").write_text("a" * 5000 + "!")
    with pytest.raises((Refused, StaysOpen)):
        search(files, "(a+)+$|(a|a)*b")
