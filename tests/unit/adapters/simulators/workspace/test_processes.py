import os
import time
from pathlib import Path

import pytest

from foretaste.adapters.simulators.workspace.processes import MOST, run

ENV = {"PATH": os.environ["PATH"]}


def test_a_program_gets_the_environment_it_is_given_and_no_other() -> None:
    done = run(["env"], env={**ENV, "ONLY": "this"}, seconds=20)

    assert set(done.output.decode().split()) == {f"PATH={ENV['PATH']}", "ONLY=this"}
    assert done.code == 0


def test_input_goes_in_and_both_streams_come_out(tmp_path: Path) -> None:
    done = run(["sh", "-c", "cat; pwd >&2"], env=ENV, seconds=20, folder=tmp_path, given=b"in\n")

    assert done.output.decode() == f"in\n{tmp_path}\n"


def test_what_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    began = time.monotonic()
    command = f"(sleep 3; echo late > {tmp_path}/late) & echo early; sleep 60"
    done = run(["sh", "-c", command], env=ENV, seconds=0.5)
    spent = time.monotonic() - began

    assert (done.output, done.code) == (b"early\n", None)
    assert spent < 3
    time.sleep(3.2 - min(3.2, time.monotonic() - began))
    assert not (tmp_path / "late").exists()


def test_a_child_in_the_background_keeps_nobody_waiting() -> None:
    done = run(["sh", "-c", "sleep 60 & echo done"], env=ENV, seconds=50)

    assert done.output == b"done\n"
    assert done.seconds < 20


def test_long_output_keeps_its_beginning_and_its_end() -> None:
    done = run(["sh", "-c", "head -c 5000000 /dev/zero; echo end"], env=ENV, seconds=30)

    assert MOST < len(done.output) < MOST + 10_000
    assert done.output.endswith(b"end\n")
    assert b"bytes left out" in done.output


def test_a_signal_is_an_exit_status_below_zero() -> None:
    assert run(["sh", "-c", "kill -9 $$"], env=ENV, seconds=20).code == -9


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        run(["no-such-program"], env=ENV, seconds=1)
