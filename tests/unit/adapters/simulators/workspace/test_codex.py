import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.simulators.workspace.simulator import _said
from foretaste.records import ToolCall
from unit.adapters.simulators.workspace.desks import Told, desk, stays_open, use

PATCH = "*** Begin Patch\n*** Add File: n.py\n+1\n*** End Patch"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["bash", "-lc", "ls | wc"], "ls | wc"),
        (["/bin/sh", "-c", "ls"], "ls"),
        (["grep", "a b", "x"], "grep 'a b' x"),
        ("ls", "ls"),
    ],
)
def test_a_command_is_a_list_or_a_line(tmp_path: Path, command: Any, line: str) -> None:
    shell = Told()
    told = use(desk(tmp_path / "copy", shell), "shell", command=command, workdir="src")

    assert shell.asked == [(line, "/testbed/src", 30.0)]
    assert json.loads(told) == {
        "output": "out\n",
        "metadata": {"exit_code": 0, "duration_seconds": 0.2},
    }


def test_newer_shells_say_it_in_words(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy", Told("x\n", None))

    assert use(at, "shell_command", command="ls", timeout_ms=1000) == (
        "Exit code: 124\nWall time: 0.2 seconds\nOutput:\nx\n"
    )
    assert "Process exited with code 124\nOutput:\nx\n" in use(at, "exec_command", cmd="ls")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("apply_patch", {"input": PATCH}),
        ("shell", {"command": ["apply_patch", PATCH]}),
        ("shell", {"command": ["bash", "-lc", f"apply_patch <<'EOF'\n{PATCH}\nEOF\n"]}),
        ("shell_command", {"command": f"cd /testbed && apply_patch <<EOF\n{PATCH}\nEOF"}),
    ],
)
def test_a_patch_comes_in_many_ways(tmp_path: Path, name: str, given: dict[str, Any]) -> None:
    shell = Told()
    told = use(desk(tmp_path / "copy", shell), name, **given)

    assert "Success. Updated the following files:" in told
    assert shell.asked == []
    assert (tmp_path / "copy" / "n.py").read_text() == "1\n"


def test_a_patch_can_be_all_of_the_arguments(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert "Success" in _said(at, ToolCall(id="1", name="apply_patch", arguments=PATCH))
    assert '"exit_code": 1' in use(at, "apply_patch", input="nothing")


def test_what_is_not_understood_is_refused_or_stays_open(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert "failed to parse" in use(at, "shell", command=[1])
    assert "No such file" in use(at, "shell", command="ls", workdir="/testbed/nowhere")
    assert stays_open(at, "shell", command="apply_patch < file")
    assert stays_open(at, "shell", command="ls", unknown="x")
