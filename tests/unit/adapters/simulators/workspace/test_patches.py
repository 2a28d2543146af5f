from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.files import Refused
from foretaste.adapters.simulators.workspace.patches import apply
from unit.adapters.simulators.workspace.desks import desk


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])


def test_files_are_added_updated_moved_and_deleted(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    told = apply(
        at,
        patch(
            *("*** Update File: app.py", "@@ def rate(x):", "-    return x + 2", "+    return 3"),
            *("*** Delete File: src/late.py", "*** Add File: new/one.py", "+one", "+two"),
            *("*** Update File: docs/guide.md", "*** Move to: docs/moved.md", " # Guide", "-"),
        ),
    )

    assert told == (
        "Success. Updated the following files:\nA new/one.py\nM app.py\nM docs/guide.md\n"
        "D src/late.py\n"
    )
    found = {p.name: p.read_text() for p in (tmp_path / "copy").rglob("*") if p.is_file()}
    assert found == {
        "app.py": "def rate(x):\n    return 3\n",
        "one.py": "one\ntwo\n",
        "moved.md": "# Guide\nRead me.\n",
    }


def test_several_hunks_and_loose_space_are_found(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")
    (tmp_path / "copy" / "x").write_text("a  \nb\nc\nd\nb\n")
    apply(at, patch("*** Update File: x", "@@", "-a", "+A", " b", "@@ c", " d", "-b", "+B"))
    apply(at, patch("*** Update File: x", "@@", "+end", "*** End of File"))

    assert (tmp_path / "copy" / "x").read_text() == "A\nb\nc\nd\nB\nend\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line"),
        ("*** Begin Patch", "last line"),
        (patch(), "No files were modified"),
        (patch("*** Update File: app.py", "-nothing"), "expected lines"),
        (patch("*** Update File: app.py", "@@ nowhere", "-x"), "Failed to find context"),
        (patch("*** Update File: gone.py", "-x"), "Failed to read"),
        (patch("something"), "not a valid hunk header"),
        (patch("*** Update File: app.py", "?x"), "Unexpected line"),
        (patch("*** Add File: ../../etc/x", "+x"), "Permission denied"),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(tmp_path: Path, text: str, message: str) -> None:
    at = desk(tmp_path / "copy")
    with pytest.raises(Refused, match=message):
        apply(at, text)

    assert "x + 2" in (tmp_path / "copy" / "app.py").read_text()
