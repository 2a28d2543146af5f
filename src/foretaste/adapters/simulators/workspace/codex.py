"""Codex's tools: commands as argument lists or text, and patches."""

import json
import re
import shlex
from collections.abc import Mapping

from foretaste.adapters.simulators.workspace.desk import Desk, Given, Tool
from foretaste.adapters.simulators.workspace.files import Refused, StaysOpen
from foretaste.adapters.simulators.workspace.patches import apply
from foretaste.adapters.simulators.workspace.sandbox import Ran
from foretaste.adapters.simulators.workspace.shells import filled

_HEREDOC = re.compile(
    r"\s*(?:cd\s+(?P<folder>[\w./-]+)\s*&&\s*)?(?:apply_patch|applypatch)\s*<<\s*"
    r"(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)\n(?P<patch>.*?)\n(?P=end)\s*",
    re.DOTALL,
)
_TIMED_OUT = 124
_BESIDE = ("justification", "login", "max_output_tokens", "sandbox_permissions", "tty")
_TIMES = ("timeout_ms", "timeout", "yield_time_ms")
_FOLDERS = ("workdir", "cwd")


def _shell(desk: Desk, given: Given) -> str:
    """`shell`: the result as JSON."""
    ran = _run(desk, given, _line(given.value("command")))
    return _json(ran) if desk.output is None else filled(desk.output, ran)


def _shell_command(desk: Desk, given: Given) -> str:
    """`shell_command`: the result as text."""
    ran = _run(desk, given, given.text("command"))
    if desk.output is not None:
        return filled(desk.output, ran)
    return f"Exit code: {_code(ran)}\nWall time: {ran.seconds:.1f} seconds\nOutput:\n{ran.output}"


def _exec_command(desk: Desk, given: Given) -> str:
    """`exec_command`: the result as text, with other words."""
    ran = _run(desk, given, given.text("cmd"))
    if desk.output is not None:
        return filled(desk.output, ran)
    return (
        f"Wall time: {ran.seconds:.4f} seconds\nProcess exited with code {_code(ran)}\n"
        f"Output:\n{ran.output}"
    )


def _apply_patch(desk: Desk, given: Given) -> str:
    """`apply_patch`: the patch as an argument, or as all of the arguments."""
    patch = given.raw if given.broken else given.text("input", given.text("patch", ""))
    return _json(_patched(desk, patch, desk.root))


def _run(desk: Desk, given: Given, line: str | list[str]) -> Ran:
    given.only("command", "cmd", *_BESIDE, *_TIMES, *_FOLDERS)
    folder = next((given.text(each) for each in _FOLDERS if given.value(each)), desk.root)
    if isinstance(line, list):
        if line[:1] in (["apply_patch"], ["applypatch"]) and len(line) == 2:
            return _patched(desk, line[1], folder)
        script = len(line) == 3 and line[0].rpartition("/")[2] in ("bash", "sh", "zsh")
        line = line[2] if script and line[1] in ("-c", "-lc") else shlex.join(line)
    patch = _HEREDOC.fullmatch(line)
    if patch is not None:
        place = desk.place(patch["folder"] or ".", desk.place(folder, desk.root).path)
        return _patched(desk, patch["patch"], place.path)
    if re.match(r"\s*applypatch|\s*apply_patch", line):
        raise StaysOpen("a patch in a script")
    wanted = next((given.number(each, 0) for each in _TIMES[:2] if given.value(each)), 0)
    return desk.run(line, desk.place(folder, desk.root).path, wanted / 1000 or None)


def _line(command: object) -> str | list[str]:
    if isinstance(command, str):
        return command
    if isinstance(command, list) and command and all(isinstance(each, str) for each in command):
        return command
    raise Refused("failed to parse function arguments: `command` is missing or no list of text")


def _patched(desk: Desk, patch: str, folder: str) -> Ran:
    try:
        return Ran(apply(desk, patch, folder), 0, 0.0)
    except Refused as refused:
        return Ran(f"{refused}\n", 1, 0.0)


def _code(ran: Ran) -> int:
    return _TIMED_OUT if ran.code is None else ran.code


def _json(ran: Ran) -> str:
    about = {"exit_code": _code(ran), "duration_seconds": round(ran.seconds, 1)}
    return json.dumps({"output": ran.output, "metadata": about}, ensure_ascii=False)


TOOLS: Mapping[str, Tool] = {
    "shell": _shell,
    "shell_command": _shell_command,
    "exec_command": _exec_command,
    "apply_patch": _apply_patch,
}
