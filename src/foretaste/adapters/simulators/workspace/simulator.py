"""Answer file and shell tools over a throw-away copy of a repository."""

import asyncio
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal

from foretaste.adapters.simulators.workspace.containers import Bubblewrap, Docker
from foretaste.adapters.simulators.workspace.desk import Desk, Given, Shell
from foretaste.adapters.simulators.workspace.dialects import TOOLS
from foretaste.adapters.simulators.workspace.files import Files, Refused, StaysOpen
from foretaste.adapters.simulators.workspace.namespaces import Namespaces
from foretaste.adapters.simulators.workspace.plain import Plain
from foretaste.adapters.simulators.workspace.repository import Repository, remove
from foretaste.adapters.simulators.workspace.sandbox import (
    SYSTEM,
    Ran,
    View,
    Walls,
    hand_over,
    holds,
    owner,
    private,
    within,
)
from foretaste.adapters.simulators.workspace.shells import RETURN_CODE
from foretaste.calls import pairs, storable
from foretaste.errors import ItemFailed, PlanError
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Prefix, ToolCall

Choice = Literal["auto", "none", "bubblewrap", "docker", "namespaces"]
_SPELLED = "<returncode>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """File and shell tools of coding agents, over a private copy of a repository for each rollout.

    The copy has the files and the history of the commit that the conversation saw. The tool calls
    of the turns before, and those that another layer answered, are done in it first; then reads
    are true, and writes are seen by later reads and by nothing else. The original is only read.
    Commands run where they can neither reach a network nor see or change anything but the copy;
    where no such place is found, only plain commands that read are answered. Tools of Claude Code,
    Codex, OpenHands, SWE-agent and mini-SWE-agent are known by their names; others stay open.

    Args:
        repository: folder of a git repository.
        commit: any revision; where left out, the one that a conversation's tag `commit` names,
            else the newest before its tag `time`, else the repository's newest.
        root: path under which production's tools saw the repository; where left out, its own.
        shell: what keeps commands inside. `auto` takes the first of `bubblewrap`, `docker` (if
            there is an `image`) and `namespaces` that passes a test of getting out; `none` answers
            plain reading commands only.
        image: of `docker`; must be there already.
        programs: folders of this machine that commands may read besides its programs, such as a
            virtual environment.
        seconds: a command may take; one that hangs is killed, and answered as its tool would.
        output: how a command's result is spelled, with `{output}` and `{code}`; where left out,
            as its tool spells it, or as mini-SWE-agent does where the conversation has that.
        unsure: answer also after a call that may have written and could not be done here.

    Raises:
        PlanError: no repository, no such commit, or a `shell` that is not here or does not hold.
    """

    repository: str
    commit: str | None = None
    root: str | None = None
    shell: Choice = "auto"
    image: str | None = None
    programs: tuple[str, ...] = ()
    seconds: float = 30.0
    output: str | None = None
    unsure: bool = False
    _repository: Repository = field(init=False, repr=False, compare=False)
    _walls: Walls | None = field(init=False, repr=False, compare=False)
    _root: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        root = PurePosixPath(self.root or Path(self.repository).absolute())
        if not root.is_absolute() or ".." in root.parts or len(root.parts) < 2:
            raise PlanError(f"workspace, root: {str(root)!r} is no absolute path below /")
        if self.shell != "none" and root.parts[1] in SYSTEM:
            raise PlanError(f"workspace, root: commands see this machine's own /{root.parts[1]}")
        if self.output is not None and "{output}" not in self.output:
            raise PlanError(f"workspace, output: {self.output!r} does not hold {{output}}")
        if not self.seconds > 0:
            raise PlanError(f"workspace, seconds: {self.seconds:g} is not more than 0")
        for each in self.programs:
            if not Path(each).is_absolute() or not Path(each).is_dir():
                raise PlanError(f"workspace, programs: {each!r} is no absolute path of a folder")
        object.__setattr__(self, "_root", str(root))
        object.__setattr__(self, "_repository", Repository(self.repository, self.commit))
        object.__setattr__(self, "_walls", chosen(self.shell, self.image))

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session; nothing is copied before its first call."""
        return _WorkspaceSession(self, self._repository, self._walls, self._root, prefix)


@cache
def chosen(shell: Choice, image: str | None) -> Walls | None:
    """The walls that a plan asks for, tried once in a process; None: there are none.

    Raises:
        PlanError: the plan asks for walls that do not hold.
    """
    known: list[Walls] = [Bubblewrap(), Namespaces()]
    if image is not None:
        known.insert(1, Docker(image))
    if shell == "none":
        return None
    if shell == "docker" and image is None:
        raise PlanError("workspace, shell: docker needs an `image`")
    for walls in known:
        if shell in ("auto", walls.name) and holds(walls):
            return walls
    if shell == "auto":
        return None
    raise PlanError(
        f"workspace, shell: {shell!r} is not here or lets commands out; "
        "`auto` takes what holds, `none` answers plain reading commands"
    )


class _WorkspaceSession:
    """One copy, made when it is first needed and gone with the session."""

    def __init__(
        self,
        plan: Workspace,
        repository: Repository,
        walls: Walls | None,
        root: str,
        prefix: Prefix,
    ) -> None:
        self._plan = plan
        self._repository = repository
        self._walls = walls
        self._root = root
        self._prefix = prefix
        self._desk: Desk | None = None
        self._since = ""
        self._undone = ""  # the first call that may have written and could not be done
        self._done = 0  # calls of this rollout that the copy has seen
        self._working = asyncio.Lock()

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        if call.name not in TOOLS:
            return None
        async with self._working:
            return await asyncio.to_thread(self._next, call, tuple(before))

    def _next(self, call: ToolCall, before: Sequence[Act]) -> ToolAnswer | None:
        desk = self._desk or self._opened()
        for act in before[self._done :]:  # answered by others
            if act.answer.done:
                self._caught_up(desk, act.call)
        self._done = len(before)
        if self._undone and not self._plan.unsure:
            return None
        try:
            content = _said(desk, call)
        except StaysOpen:
            return None
        self._done += 1
        unsure = f", {self._undone} not done" if self._undone else ""
        how = self._walls.name if self._walls else "plain reading"
        return ToolAnswer(content, "workspace", f"{self._since}{unsure}; shell: {how}")

    def _opened(self) -> Desk:
        commit, known = self._repository.commit_of(self._prefix.tags)
        folder = Path(tempfile.mkdtemp(prefix="foretaste-"))
        weakref.finalize(self, remove, folder)
        tmp = "/tmp"  # noqa: S108  # the session's own
        base = self._repository.copy(commit, folder / "copy")
        view = private(folder, {tmp: "tmp", self._root: "copy"})
        if self._walls is not None:
            hand_over(folder)
        files = Files(view.writable, owner() if self._walls else None)
        desk = Desk(
            files=files,
            shell=self._shell(files, view, base.packs),
            root=self._root,
            seconds=self._plan.seconds,
            output=self._plan.output or _spelling(self._prefix),
            cwd=self._root,
        )
        past = self._catch_up(desk)
        self._since = f"{self._repository.name} at {commit[:12]} ({known}), {past}"
        self._desk = desk
        return desk

    def _shell(self, files: Files, view: View, packs: Path) -> Shell:
        walls = self._walls
        if walls is None:
            return Plain(files=files, root=self._root, objects=packs.parent)
        seen = {each: Path(each) for each in self._plan.programs}
        seen[f"{self._root}/.git/objects/pack"] = packs
        whole = view._replace(readable=seen)

        def run(command: str, folder: str, seconds: float) -> Ran:
            try:
                return within(walls, whole, command, folder, seconds)
            except OSError as error:
                raise ItemFailed(f"workspace: {walls.name} cannot be started: {error}") from error

        return run

    def _catch_up(self, desk: Desk) -> str:
        """Do what was done before the cut; says how much, and how it went."""
        count = differing = 0
        for call, result in pairs(self._prefix.messages):
            said = self._caught_up(desk, call)
            count += said is not None
            differing += said is not None and result is not None and said != result.content
        told = f"after {count} earlier calls" if count else "from the start"
        return told + (f", {differing} of them answered otherwise than recorded" * bool(differing))

    def _caught_up(self, desk: Desk, call: ToolCall) -> str | None:
        """Do a call that has its answer already; None where that cannot be done."""
        if call.name not in TOOLS:
            return None
        try:
            return _said(desk, call)
        except StaysOpen:
            self._undone = self._undone or call.name
            return None


def _said(desk: Desk, call: ToolCall) -> str:
    """The tool's text, or its error's.

    Raises:
        StaysOpen: this call cannot be answered here.
    """
    try:
        text = TOOLS[call.name](desk, Given(call.arguments))
    except Refused as refused:
        text = str(refused)
    except OSError as error:
        text = error.strerror or type(error).__name__  # no path of this machine
    return storable(text)


def _spelling(prefix: Prefix) -> str | None:
    """mini-SWE-agent's, if the conversation's commands were answered in it."""
    said = (*prefix.messages, *prefix.recorded)
    mini = any(each.role == "tool" and each.content.startswith(_SPELLED) for each in said)
    return RETURN_CODE if mini else None
