"""A coding agent replayed in a copy of its repository: other routes find what is true there."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.adapters.stores.files import Files
from foretaste.records import Lane, Prefix, Rollout
from stories.coding import ROOT, Step, Talk, last_turn, played, project
from stories.planted import behavior, write_log
from unit.adapters.simulators.workspace.desks import hashed
from unit.adapters.simulators.workspace.walled import FOUND, walled

TOOLS = "foretaste.adapters.simulators.workspace.simulator:Workspace"
AGENT = "stories.coding:Agent"
READS = (
    *("ls pkg", "grep -rn 'count' pkg", "git log --oneline | wc -l", "git diff", "cat README.md"),
    *("find . -name '*.py' -not -path './.git/*' | sort", "wc -l README.md", "git status --short"),
    *("head -n 1 README.md", "sed -n '1,2p' README.md", "cat missing.txt"),
)
WRITES = (
    *("echo extra > pkg/new.py", "cat pkg/new.py", "sed -i 's/count/amount/' pkg/part0.py"),
    *("grep -rn amount pkg", "rm README.md; ls", "git status --short", "python3 -c 'print(6 * 7)'"),
    *(
        "cd pkg; echo 1 > /tmp/note",
        "cat /tmp/note",
        "git commit -qam mine; git log --format=%s -1",
    ),
)


def bash(*commands: str) -> list[Step]:
    # Each in the repository's root, as production's tool runs it.
    return [("bash", {"command": command}) for command in commands]


@pytest.fixture
def talks(tmp_path: Path) -> list[Talk]:
    original = tmp_path / "original"
    commits = project(original)
    return [played(original, c, n, tmp_path / f"machine{n}") for n, c in enumerate(commits)]


def run(folder: Path, talks: list[Talk], route: Iterable[Step], shell: str) -> list[Rollout]:
    """Replay the last turns; the candidate takes another route."""
    plan: dict[str, Any] = {
        "log": {"path": write_log(folder / "log.jsonl", [t.line for t in talks])},
        "store": {"use": "files", "path": str(folder / "run")},
        "sample": {"unit": "final"},
        "incumbent": {"use": AGENT, "route": [], "price": {"input": 0, "output": 0}},
        "candidate": {"use": AGENT, "route": list(route), "price": {"input": 0, "output": 0}},
        "engine": {"use": "local", "concurrency": 3},
        "forecast": {"turns": 1_000},
        "tools": {"use": TOOLS, "repository": str(folder / "original"), "root": ROOT},
        "behaviors": [behavior(folder, "done")],
    }
    plan["tools"]["shell"] = shell
    path, _ = foretaste.run(plan)
    with Files(path=path) as store:
        of = {prefix.id: prefix.tags["commit"] for prefix in store.read(Prefix)}
        found = {of[r.parent]: r for r in store.read(Rollout) if r.lane is Lane.CANDIDATE}
    return [found[talk.line["id"]] for talk in talks]


def results(rollout: Rollout) -> list[str]:
    return [each.content for each in rollout.messages if each.role == "tool"]


def held(rollout: Rollout, talk: Talk) -> None:
    """Every answer names its layer and what it rests on."""
    assert {each.layer for each in rollout.answered} == {"workspace"}
    for each in rollout.answered:
        assert f"original at {talk.line['id'][:12]} (named by the log)" in each.why
        assert "after 2 earlier calls;" in each.why  # and all answered as recorded


def test_reads_of_another_route_are_true_without_any_sandbox(
    tmp_path: Path, talks: list[Talk]
) -> None:
    before = hashed(tmp_path / "original")
    path = {"file_path": f"{ROOT}/pkg/part0.py"}
    plain = [each for each in READS if "-not" not in each]
    route = [*bash(*plain), ("Read", path), ("Grep", {"pattern": "def", "path": f"{ROOT}/pkg"})]
    rollouts = run(tmp_path, talks, route, "none")

    for rollout, talk in zip(rollouts, talks, strict=True):
        held(rollout, talk)
        *said, read, grepped = results(rollout)
        assert said == [talk.machine.run(each) for each in plain]
        assert read == talk.machine("Read", path)
        names = talk.machine.run("grep -l def pkg/*.py").split()
        assert grepped.splitlines()[1:] == [f"{ROOT}/{each}" for each in names]
        assert rollout.text == "All done!"
    assert hashed(tmp_path / "original") == before


@walled
def test_writes_are_seen_by_later_reads_and_leave_nothing_behind(
    tmp_path: Path, talks: list[Talk]
) -> None:
    before = hashed(tmp_path / "original")
    rollouts = run(tmp_path, talks, bash("pwd", *READS, *WRITES), FOUND or "none")

    for rollout, talk in zip(rollouts, talks, strict=True):
        held(rollout, talk)
        where, *said = results(rollout)
        assert where == f"{ROOT}\n"
        # `bash` keeps its folder: one command goes to `pkg`, and those after it are said there.
        moved = WRITES.index("cd pkg; echo 1 > /tmp/note")
        commands = [*READS, *WRITES[: moved + 1], *(f"cd pkg; {e}" for e in WRITES[moved + 1 :])]
        truth = [talk.machine.run(each.replace("/tmp/note", "../.git/note")) for each in commands]
        assert said[: len(READS)] == truth[: len(READS)]
        assert said[:-1] == truth[:-1]
        assert said[-1] == "mine\n"
    assert hashed(tmp_path / "original") == before


def test_production_s_own_route_gets_what_production_got(tmp_path: Path, talks: list[Talk]) -> None:
    for number, talk in enumerate(talks[:2]):
        folder = tmp_path / f"own{number}"
        folder.mkdir()
        (folder / "original").symlink_to(tmp_path / "original")
        (rollout,) = run(folder, [talk], last_turn(talk.number), "none")

        recorded = [m["content"] for m in talk.line["messages"] if m["role"] == "tool"]
        assert results(rollout) == recorded[-1:]
        assert json.dumps(rollout.answered[0].why)
