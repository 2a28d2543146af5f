from pathlib import Path
from typing import Any

import pytest

from unit.adapters.simulators.workspace.desks import desk, stays_open, use

APP = "/testbed/app.py"
EDITOR = "str_replace_editor"


def test_files_and_folders_are_viewed(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert use(at, EDITOR, command="view", path=APP, view_range=[2, 2]) == (
        f"Here's the result of running `cat -n` on {APP}:\n     2\t    return x + 2\n"
    )
    assert use(at, EDITOR, command="view", path="/testbed") == (
        "Here's the files and directories up to 2 levels deep in /testbed, excluding hidden "
        "items:\n/testbed\n/testbed/app.py\n/testbed/docs\n/testbed/docs/guide.md\n/testbed/src\n"
        "/testbed/src/late.py\n"
    )


def test_an_edit_shows_its_place_and_can_be_undone(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    told = use(at, EDITOR, command="str_replace", path=APP, old_str="x + 2", new_str="9")

    assert told == (
        f"The file {APP} has been edited. Here's the result of running `cat -n` on a snippet of "
        f"{APP}:\n     1\tdef rate(x):\n     2\t    return 9\n     3\t\nReview the changes and "
        "make sure they are as expected. Edit the file again if necessary."
    )
    use(at, EDITOR, command="insert", path=APP, insert_line=0, new_str="import os")
    assert (tmp_path / "copy" / "app.py").read_text().startswith("import os\ndef rate")
    assert "undone successfully" in use(at, EDITOR, command="undo_edit", path=APP)
    assert "undone successfully" in use(at, EDITOR, command="undo_edit", path=APP)
    assert "No edit history" in use(at, EDITOR, command="undo_edit", path=APP)
    assert "x + 2" in (tmp_path / "copy" / "app.py").read_text()


def test_a_file_is_created_once(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    given = {"command": "create", "path": "/testbed/n.py", "file_text": "1"}

    assert use(at, EDITOR, **given) == "File created successfully at: /testbed/n.py"
    assert "File already exists" in use(at, EDITOR, **given)
    assert stays_open(at, EDITOR, command="undo_edit", path="/testbed/n.py")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"command": "view", "path": "app.py"}, "Maybe you meant /testbed/app.py?"),
        ({"command": "view", "path": "/testbed/no"}, "does not exist"),
        ({"command": "view", "path": "/etc/passwd"}, "Permission denied"),
        ({"command": "insert", "path": "/testbed"}, "is a directory"),
        ({"command": "fly", "path": APP}, "Unrecognized command fly"),
        ({"command": "view", "path": APP, "view_range": [9, 10]}, "Invalid `view_range`"),
        ({"command": "view", "path": APP, "view_range": "all"}, "list of two integers"),
        ({"command": "view", "path": APP, "view_range": [2, 1]}, "larger or equal"),
        ({"command": "view", "path": "/testbed", "view_range": [1, 2]}, "not allowed"),
        ({"command": "insert", "path": APP, "insert_line": 99, "new_str": ""}, "[0, 3]"),
        ({"command": "str_replace", "path": APP, "old_str": "zz"}, "did not appear verbatim"),
        ({"command": "str_replace", "path": APP, "old_str": "x"}, "in lines [1, 2]"),
        ({"path": APP}, "`command` is missing"),
    ],
)
def test_a_wrong_call_gets_the_editor_s_error(
    tmp_path: Path, given: dict[str, Any], told: str
) -> None:
    assert told in use(desk(tmp_path / "copy"), EDITOR, **given)
