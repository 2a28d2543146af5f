"""A coding agent on a small repository: its real tools, its log, and a candidate's other route."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from foretaste.protocols import Reply, Request
from foretaste.records import JSON, Message, Stop, ToolCall
from foretaste.testing import ScriptedModel
from unit.adapters.simulators.workspace.desks import real

ROOT = "/testbed"
Step = tuple[str, dict[str, JSON]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Takes the steps of its route, one tool call after another, then a scripted model closes.

    Args:
        route: what it calls in a turn: a tool's name and its arguments.
        name: the model's name.
    """

    route: tuple[tuple[str, dict[str, JSON]], ...]
    name: str = "agent"
    _voice: ScriptedModel = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_voice", ScriptedModel(default="All done!", name=self.name))

    async def __call__(self, request: Request) -> Reply:
        last = max(k for k, each in enumerate(request.messages) if each.role == "user")
        done = sum(each.role == "tool" for each in request.messages[last:])
        if done == len(self.route):
            return await self._voice(request)
        tool, given = self.route[done]
        call = ToolCall(id=f"{last}-{done}", name=tool, arguments=json.dumps(given))
        message = Message(role="assistant", content="", tool_calls=(call,))
        return Reply(message=message, stop=Stop.FINAL, asked_model=self.name)


def git(folder: Path, *words: str) -> str:
    who = {f"GIT_{role}_{what}": f"{what.lower()}@example" for role in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **who}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def project(folder: Path) -> list[str]:
    """A repository of four commits, each with more modules; returns them, oldest first."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commits = []
    for number in range(4):
        (folder / "pkg").mkdir(exist_ok=True)
        (folder / "pkg" / f"part{number}.py").write_text(
            f'"""Part {number}."""\n\n\ndef price(count):\n    return count * {number}\n'
        )
        (folder / "README.md").write_text(f"# Shop\n\n{number + 1} parts.\n")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", f"Part {number}")
        commits.append(git(folder, "rev-parse", "HEAD"))
    return commits


class Machine:
    """Production's tools, run for real in a checkout of its own."""

    def __init__(self, original: Path, commit: str, folder: Path) -> None:
        git(original.parent, "clone", "--quiet", str(original), str(folder))
        git(folder, "checkout", "--quiet", "-B", "main", commit)
        self.folder = folder

    def __call__(self, tool: str, given: dict[str, Any]) -> str:
        if tool == "bash":
            return self.run(given["command"])
        path = self.folder / given["file_path"].removeprefix(f"{ROOT}/")
        if tool == "Read":
            lines = path.read_text().split("\n")
            return "\n".join(f"{n:6}→{line}" for n, line in enumerate(lines, 1))
        assert tool == "Edit"
        path.write_text(path.read_text().replace(given["old_string"], given["new_string"]))
        shown = self("Read", given)
        return (
            f"The file {given['file_path']} has been updated. Here's the result of running "
            f"`cat -n` on a snippet of the edited file:\n{shown}"
        )

    def run(self, command: str) -> str:
        """What a command really prints."""
        return real(self.folder, command).stdout


class Talk(NamedTuple):
    """One line of the log, and production's machine in the state that the last turn met."""

    line: dict[str, Any]
    machine: Machine
    number: int  # of the part that was edited


def first_turn(number: int) -> tuple[Step, ...]:
    path = f"{ROOT}/pkg/part{number}.py"
    edit = {"old_string": f"count * {number}", "new_string": f"count * {number} + 1"}
    return (("Read", {"file_path": path}), ("Edit", {"file_path": path, **edit}))


def last_turn(number: int) -> tuple[Step, ...]:
    return (("bash", {"command": f"cat pkg/part{number}.py"}),)


def played(original: Path, commit: str, number: int, folder: Path) -> Talk:
    """Let production's agent work at a commit; its tools run for real, until the last turn."""
    machine = Machine(original, commit, folder)
    messages: list[dict[str, Any]] = []
    for turn, route in enumerate((first_turn(number), last_turn(number))):
        messages.append({"role": "user", "content": f"Step {turn} for part {number}, please."})
        for place, (tool, given) in enumerate(route):
            call = {"name": tool, "arguments": json.dumps(given)}
            name = f"{turn}-{place}"
            calls = [{"id": name, "type": "function", "function": call}]
            messages.append({"role": "assistant", "content": "", "tool_calls": calls})
            said = machine(tool, given)
            messages.append({"role": "tool", "tool_call_id": name, "content": said})
        messages.append({"role": "assistant", "content": "Done."})
    line = {"model": "old", "id": commit, "user": f"u{number}", "messages": messages}
    return Talk(line | {"metadata": {"commit": commit}}, machine, number)
