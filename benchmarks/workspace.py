"""The workspace simulator: opening a session, a read, an edit, a search, a command.

`python benchmarks/workspace.py [files]`: a repository of so many files of 100 lines in folders of
50, two commits. The least wall time of several, and the mean CPU time, that of child processes
included; the first session of a commit makes what others copy.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from foretaste.adapters.simulators.workspace.simulator import Choice, Workspace
from foretaste.errors import PlanError
from foretaste.protocols import Session
from foretaste.records import Message, Prefix, ToolCall

PATH = "/testbed/pkg0/part0.py"
CALLS = {
    "Read": ("Read", {"file_path": PATH}),
    "Grep": ("Grep", {"pattern": "line 99$"}),
    "cat": ("bash", {"command": "cat pkg0/part0.py"}),
    "grep -rn": ("bash", {"command": "grep -rn 'line 99' pkg0"}),
    "git status": ("bash", {"command": "git status --short"}),
}
OPENED, ASKED = 7, 15


def repository(folder: Path, files: int) -> None:
    text = "".join(f"line {number}\n" for number in range(100))
    for number in range(files):
        place = folder / f"pkg{number // 50}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"part{number}.py").write_text(text)
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
    who = ("-c", "user.name=a", "-c", "user.email=a@example")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "one"),
                  (*who, "commit", "-q", "--allow-empty", "-m", "two")):  # fmt: skip
        subprocess.run(["git", "-C", str(folder), *words], env=env, check=True)


class Took(NamedTuple):
    wall: float  # ms
    cpu: float  # ms


def took(session: Session, tool: str, given: dict[str, str]) -> Took:
    call = ToolCall(id="1", name=tool, arguments=json.dumps(given))
    began, spent = time.perf_counter(), sum(os.times()[:4])
    assert asyncio.run(_ask(session, call)) is not None, tool
    return Took((time.perf_counter() - began) * 1000, (sum(os.times()[:4]) - spent) * 1000)


def said(times: list[Took]) -> str:
    return f"{min(t.wall for t in times):.1f} ms (CPU {fmean(t.cpu for t in times):.1f})"


async def _ask(session: Session, call: ToolCall) -> object:
    return await session(call)


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    prefix = Prefix(parent="p", turn=1, turns=1, user="u", recorded=(),
                    messages=(Message(role="user", content="?"),))  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        repository(Path(place), files)
        shells: tuple[Choice, ...] = ("none", "bubblewrap", "namespaces")
        for shell in shells:
            began = time.perf_counter()
            try:
                simulator = Workspace(repository=place, root="/testbed", shell=shell)
            except PlanError:
                print(f"{shell}: not here")
                continue
            built = (time.perf_counter() - began) * 1000
            tool, given = CALLS["Read"]
            opened = [took(simulator(prefix), tool, given) for _ in range(OPENED)]
            print(f"{shell}, {files} files: self-test and checks {built:.0f} ms, first session "
                  f"{said(opened[:1])}, each later {said(opened[1:])}")  # fmt: skip
            session = simulator(prefix)
            took(session, tool, given)
            for name, (tool, given) in CALLS.items():
                times = [took(session, tool, given) for _ in range(ASKED)]
                print(f"  {name:12} {said(times)}")


if __name__ == "__main__":
    main()
