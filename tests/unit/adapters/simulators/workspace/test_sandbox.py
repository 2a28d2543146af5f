import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.repository import remove
from foretaste.adapters.simulators.workspace.sandbox import (
    Ran,
    View,
    Walls,
    hand_over,
    holds,
    private,
    within,
)
from unit.adapters.simulators.workspace.walled import WALLS


@dataclass(frozen=True)
class Open:
    """No walls at all."""

    name: str = "open"

    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:
        return ["env", "-i", f"PATH={os.environ['PATH']}", "-C", str(view.writable[folder])]

    def end(self, name: str) -> None:
        return


@dataclass(frozen=True)
class Broken(Open):
    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:
        return ["false"]


class Inside:
    """Commands behind walls, in a folder of the test's."""

    def __init__(self, walls: Walls, folder: Path) -> None:
        self.walls = walls
        self.view = private(folder, {"/tmp": "tmp", "/testbed": "copy"})
        self.copy = folder / "copy"
        hand_over(folder)

    def __call__(self, command: str, seconds: float = 30.0) -> Ran:
        return within(self.walls, self.view, command, "/testbed", seconds)


@pytest.fixture(params=WALLS)
def inside(request: pytest.FixtureRequest) -> Iterator[Inside]:
    folder = Path(tempfile.mkdtemp(prefix="foretaste-"))
    yield Inside(request.param, folder)
    remove(folder)


def test_walls_that_let_out_or_do_not_stand_are_noticed() -> None:
    assert not holds(Open())
    assert not holds(Broken())


def test_walls_that_do_not_stand_give_no_answer(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it said"):
        within(Broken(), private(tmp_path, {"/testbed": "copy"}), "echo x", "/testbed", 5)


def test_a_command_runs_in_the_copy_and_tells_its_last_folder(inside: Inside) -> None:
    ran = inside("mkdir new; cd new; echo hi > file; cat file; exit 3")

    assert (ran.output, ran.code, ran.folder) == ("hi\n", 3, "/testbed/new")
    assert (inside.copy / "new" / "file").read_text() == "hi\n"
    assert inside("cat new/file; pwd").output == "hi\n/testbed\n"
    assert inside("nosuch").output == "bash: line 1: nosuch: command not found\n"


def test_nothing_outside_is_written(inside: Inside, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    inside(f"echo x > {tmp_path}/x; mkdir -p {tmp_path}/y; touch /x /usr/x /etc/x /proc/sys/x")
    inside(
        "mount -o remount,rw /usr; mount -o remount,rw /; touch /usr/x /x;unshare -Urm touch /usr/x"
    )
    inside(f"ln -s {tmp_path} out; echo x > out/x; cp /bin/sh s; chmod 4755 s")

    assert list(tmp_path.iterdir()) == []
    assert not any(Path(p).exists() for p in ("/x", "/usr/x", "/etc/x"))


def test_nothing_outside_is_read(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETASTE_TEST_KEY", "hunter2")
    (tmp_path / "secret").write_text("hunter2")
    tmp_path.chmod(0o777)
    ran = inside(
        f"env; set; cat {tmp_path}/secret; cat /proc/*/environ; cat ~/.ssh/*; ls /home /root /var;"
        f"cat /etc/shadow /etc/hostname; cat /proc/1/root{tmp_path}/secret; ls /proc/{os.getpid()}"
    )

    assert "hunter2" not in ran.output
    assert "root:" not in ran.output
    assert "FORETASTE" not in ran.output


def test_no_socket_is_reached(inside: Inside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        ran = inside(
            f'bash -c "exec 3<>/dev/tcp/127.0.0.1/{port}" && echo in;python3 -c "{code}" && echo in'
        )

        assert "in\n" not in ran.output.replace("unreachable in\n", "")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_command_that_hangs_is_killed_and_leaves_nothing(inside: Inside) -> None:
    ran = inside(
        "(sleep 2; echo late > late) & setsid sh -c 'sleep 2; echo l > late' &echo early; sleep 60",
        1.0,
    )
    time.sleep(2.5)

    assert (ran.output, ran.code) == ("early\n", None)
    assert not (inside.copy / "late").exists()


def test_what_a_command_leaves_in_the_background_ends_with_it(inside: Inside) -> None:
    inside("nohup setsid sh -c 'sleep 1; echo late > late' >/dev/null 2>&1 & sleep 0.1")
    time.sleep(1.5)

    assert not (inside.copy / "late").exists()


def test_processes_outside_are_neither_seen_nor_killed(inside: Inside) -> None:
    ran = inside(f"kill -9 {os.getpid()}; kill -9 -1; echo never")

    assert "never" not in ran.output or ran.code is not None
    assert inside("ls /proc | grep -c '^[0-9]'").output.strip() in {"3", "4", "5", "6"}


def test_a_fork_bomb_stays_small(inside: Inside) -> None:
    count = sum(1 for _ in Path("/proc").iterdir())
    most = [count]
    watching = threading.Event()

    def watch() -> None:
        while not watching.is_set():
            most[0] = max(most[0], sum(1 for _ in Path("/proc").iterdir()))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    inside("b() { b | b & }; b; sleep 1", 3.0)
    watching.set()
    watcher.join()

    assert most[0] < count + 400
    assert inside("echo alive").output == "alive\n"


def test_a_file_cannot_grow_without_end(inside: Inside) -> None:
    ran = inside("truncate -s 3G big; head -c 10 /dev/zero | wc -c; ulimit -f; ulimit -u")

    assert not (inside.copy / "big").exists() or (inside.copy / "big").stat().st_size < 2**30
    assert ran.output.splitlines()[-3:] == ["10", "1048576", "256"]


def test_binary_output_is_read_as_far_as_it_is_text(inside: Inside) -> None:
    assert inside(r"printf '\xff\x00ok'").output == "\ufffd\x00ok"
