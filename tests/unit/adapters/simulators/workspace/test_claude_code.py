from pathlib import Path

import pytest

from unit.adapters.simulators.workspace.desks import Told, desk, stays_open, use

APP = "/testbed/app.py"


def test_a_file_is_read_with_numbers_from_an_offset(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert use(at, "Read", file_path=APP) == "     1→def rate(x):\n     2→    return x + 2\n     3→"
    assert use(at, "Read", file_path=APP, offset=2, limit=1) == "     2→    return x + 2"
    assert "shorter than the provided offset (9)" in use(at, "Read", file_path=APP, offset=9)
    assert use(at, "Read", file_path="/testbed/no") == (
        "<tool_use_error>File does not exist.</tool_use_error>"
    )
    assert "EISDIR" in use(at, "Read", file_path="/testbed/src")
    assert use(at, "Read", file_path="/etc/passwd") == "Permission denied: /etc/passwd"


def test_an_edit_needs_a_reading_and_one_place(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    edit = {"file_path": APP, "old_string": "x + 2", "new_string": "x + 3"}

    assert "has not been read yet" in use(at, "Edit", **edit)
    use(at, "Read", file_path=APP)
    assert use(at, "Edit", **edit) == (
        f"The file {APP} has been updated. Here's the result of running `cat -n` on a snippet of "
        "the edited file:\n     1→def rate(x):\n     2→    return x + 3\n     3→"
    )
    assert "String to replace not found" in use(at, "Edit", **edit)
    assert "Found 2 matches" in use(at, "Edit", file_path=APP, old_string="x", new_string="y")
    use(at, "Edit", file_path=APP, old_string="x", new_string="y", replace_all=True)
    assert (tmp_path / "copy" / "app.py").read_text() == "def rate(y):\n    return y + 3\n"


def test_several_edits_are_made_together_or_not_at_all(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    use(at, "Read", file_path=APP)
    one, two = ({"old_string": old, "new_string": "z"} for old in ("rate", "missing"))

    assert "not found" in use(at, "MultiEdit", file_path=APP, edits=[one, two])
    assert "rate" in (tmp_path / "copy" / "app.py").read_text()
    assert "Applied 1 edit to" in use(at, "MultiEdit", file_path=APP, edits=[one])
    assert "rate" not in (tmp_path / "copy" / "app.py").read_text()


def test_a_new_file_is_written_and_a_known_one_only_after_reading(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    new = {"file_path": "/testbed/new/x.py", "content": "1\n"}

    assert use(at, "Write", **new) == "File created successfully at: /testbed/new/x.py"
    assert "has been updated" in use(at, "Write", **new)
    assert "has not been read yet" in use(at, "Write", file_path=APP, content="")


def test_names_and_lines_are_found(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert use(at, "Glob", pattern="src/*.py") == "/testbed/src/late.py"
    assert use(at, "Glob", pattern="*.rs") == "No files found"
    assert use(at, "Grep", pattern="rate") == "Found 1 file\n/testbed/app.py"
    assert use(at, "Grep", pattern="RATE", output_mode="content", **{"-i": True}) == (
        "/testbed/app.py:1:def rate(x):"
    )
    assert use(at, "Grep", pattern="rate", output_mode="count") == "/testbed/app.py:1"
    assert use(at, "Grep", pattern="nowhere") == "No files found"
    assert use(at, "LS", path="/testbed") == (
        "- /testbed/\n  - app.py\n  - docs/\n    - guide.md\n  - src/\n    - late.py"
    )


def test_a_command_is_spelled_as_claude_code_does_and_its_folder_stays(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy", Told("one\n", 0, "/testbed/src"))

    assert use(at, "Bash", command="cd src") == "one"
    assert at.cwd == "/testbed/src"
    assert use(desk(tmp_path / "copy", Told("no\n", 2)), "Bash", command="x") == "Exit code 2\nno"
    late = desk(tmp_path / "copy", Told("part\n", None))
    assert use(late, "Bash", command="x", timeout=5000) == "Command timed out after 5s\npart"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Bash", {"command": "x", "run_in_background": True}),
        ("Grep", {"pattern": "x", "multiline": True}),
        ("Read", {"file_path": APP, "pages": "1-2"}),
        ("Task", {"prompt": "do"}),
        ("Write", {"file_path": "/testbed/.git/config", "content": "x"}),
    ],
)
def test_what_is_not_simulated_stays_open(tmp_path: Path, name: str, given: dict[str, str]) -> None:
    assert stays_open(desk(tmp_path / "copy"), name, **given)
