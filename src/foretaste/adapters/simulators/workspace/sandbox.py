"""Where a candidate's commands may run: the port, its limits, and the proof that it holds."""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from foretaste.adapters.simulators.workspace.processes import Done, run

NOBODY = 65534
"""Commands run as this user where Foretaste runs as root, so that limits hold for them."""

SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Folders of this machine that commands may read: its programs."""

LIMITS = ("--nproc=256", "--fsize=1073741824", "--as=8589934592", "--nofile=1024", "--core=0")
"""For each command, as `prlimit` takes them: processes, bytes of a file, bytes of memory."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The shell says that it is there, and at its end in which folder, behind a mark that is new for
# each command.
_WRAPPED = 'echo {mark}; trap \'printf "\\n{mark}%s\\n" "$PWD"\' EXIT; eval "$1"'
_PROOF = """echo inside > ./written
echo outside > "$OUTSIDE/written"
echo outside > /written
echo outside > /usr/written
cat "$OUTSIDE/secret"
cat /etc/shadow
env
bash -c 'exec 3<>/dev/tcp/127.0.0.1/$PORT && echo connected'
echo interfaces:; cat /proc/net/dev
"""


class View(NamedTuple):
    """The folders that commands see, by the path they see them under."""

    writable: Mapping[str, Path]
    readable: Mapping[str, Path]
    empty: Path  # a folder of the session's own, to build a root in


class Ran(NamedTuple):
    """What a command came to."""

    output: str
    code: int | None  # None: its time was up
    seconds: float
    folder: str | None = None  # that the shell was in at its end, where it said so


class Walls(Protocol):
    """One way to keep a command inside."""

    @property
    def name(self) -> str:
        """As plans and answers name it."""
        ...

    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:
        """What to put before a command; `name` is new for each."""
        ...

    def end(self, name: str) -> None:
        """Make sure that nothing of this command still runs."""
        ...


def within(walls: Walls, view: View, command: str, folder: str, seconds: float) -> Ran:
    """Run a shell command behind walls.

    Raises:
        OSError: the walls cannot be built, and so the command was not run.
    """
    mark = secrets.token_hex(16)
    env = {"PATH": _PATH, "HOME": "/tmp", "LANG": "C.UTF-8", "TERM": "dumb"}  # noqa: S108
    argv = walls.argv(view, env, folder, mark)
    shell = ["sh", "-c", 'command -v bash >/dev/null && exec bash -c "$@"; exec sh -c "$@"', "sh"]
    told = _WRAPPED.format(mark=mark)
    try:
        done = run([*argv, *shell, told, "bash", command], env=outer(), seconds=seconds)
    finally:
        walls.end(mark)
    return _ran(done, mark)


def outer() -> dict[str, str]:
    """The few variables that the walls' own program gets; none of them holds a secret."""
    known = ("PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "HOME")
    return {name: os.environ[name] for name in known if name in os.environ}


def _ran(done: Done, mark: str) -> Ran:
    said, there, output = done.output.partition(f"{mark}\n".encode())
    if not there:
        raise OSError(f"it said {said[:300].decode(errors='replace')!r}")
    head, found, tail = output.rpartition(f"\n{mark}".encode())
    if not found:  # killed, or replaced by a program
        return Ran(output.decode(errors="replace"), done.code, done.seconds)
    # A child in the background may have written after the mark.
    folder, _, rest = tail.partition(b"\n")
    shown = (head + rest).decode(errors="replace")
    return Ran(shown, done.code, done.seconds, folder.decode(errors="replace"))


def owner() -> int | None:
    """The user who must own what commands write, where it is not the one who runs Foretaste."""
    return NOBODY if os.geteuid() == 0 else None


def holds(walls: Walls) -> bool:
    """Whether these walls let nothing out, tried with a command that tries to get out.

    It writes to and reads from a folder outside, writes to the system, connects to a port of this
    machine and prints its environment. Walls that cannot be put up do not hold.
    """
    with tempfile.TemporaryDirectory(prefix="foretaste-") as place, _listener() as listener:
        folder = Path(place)
        view = private(folder, {"/proof": "copy"})
        outside = folder / "outside"
        outside.mkdir()
        secret = secrets.token_hex(16)
        (outside / "secret").write_text(secret)
        outside.chmod(0o777)
        hand_over(folder)
        port = listener.getsockname()[1]
        command = f"OUTSIDE={outside} PORT={port}\nexport OUTSIDE PORT\n{_PROOF}"
        try:
            ran = _with_secret(secret, lambda: within(walls, view, command, "/proof", 20.0))
        except OSError:
            return False
        written = folder / "copy" / "written"
        interfaces = ran.output.partition("interfaces:")[2].splitlines()
        return (
            ran.code == 0
            and written.is_file()
            and written.read_text() == "inside\n"
            and not (outside / "written").exists()
            and not Path("/written").exists()
            and not Path("/usr/written").exists()
            and secret not in ran.output
            and "root:" not in ran.output
            and "connected" not in ran.output
            and not _reached(listener)
            and {line.partition(":")[0].strip() for line in interfaces if ":" in line} <= {"lo"}
        )


def private(folder: Path, seen: Mapping[str, str]) -> View:
    """Make folders for a session: one for each path that commands write to, and an empty one."""
    for name in (*seen.values(), "root"):
        (folder / name).mkdir(exist_ok=True)
    return View({path: folder / name for path, name in seen.items()}, {}, folder / "root")


def hand_over(folder: Path, *, deep: bool = True) -> None:
    """Give a folder, with all it holds, to the user whom commands run as."""
    user = owner()
    if user is None:
        return
    for place, folders, files in os.walk(folder) if deep else ():
        for name in (*folders, *files):
            os.chown(Path(place, name), user, user, follow_symlinks=False)
    os.chown(folder, user, user)


def as_nobody() -> list[str]:
    """What to put before a program so that it does not run as root."""
    if owner() is None:
        return []
    return [_program("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _program(name: str) -> str:
    return shutil.which(name) or name


def _listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    return listener


def _reached(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _with_secret(secret: str, work: Callable[[], Ran]) -> Ran:
    """Do it while a secret is in this process's environment."""
    os.environ["FORETASTE_PROOF"] = secret
    try:
        return work()
    finally:
        del os.environ["FORETASTE_PROOF"]
