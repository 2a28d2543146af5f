import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foretaste.cli import VERBS, main
from stories.planted import behavior, plain_log, plan, says

RATES = {"alpha": 0.3}


def foretaste(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "foretaste", *words],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def written(folder: Path, **more: Any) -> str:
    log = plain_log(folder / "log.jsonl", RATES, users=20, seed=1)
    given = plan(folder, log, RATES, candidate=says(RATES, "new")) | more
    (folder / "plan.yaml").write_text(json.dumps(given))
    return str(folder / "plan.yaml")


def limited(folder: Path, **limit: float) -> list[Any]:
    return [behavior(folder, "alpha") | {"limit": limit}]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished, sealed run whose limit is kept; `later.jsonl` came after it."""
    folder = tmp_path_factory.mktemp("finished")
    assert main(["run", written(folder, behaviors=limited(folder, per_100k=90_000))]) == 0
    assert main(["seal", str(folder / "run")]) == 0
    plain_log(folder / "later.jsonl", RATES, users=20, seed=2)
    call = {"id": "1", "type": "function", "function": {"name": "get", "arguments": "{}"}}
    agent = [
        {"role": "user", "content": "What is there?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "Nothing.", "tool_call_id": "1"},
    ]
    record = {"messages": agent, "metadata": {"task": "1"}}
    (folder / "agent.jsonl").write_text(json.dumps(record) + "\n")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["scan", "{}/log.jsonl"],
        ["convert", "{}/log.jsonl", "{}/log.parquet", "--force"],
        ["init", "{}/log.jsonl", "-o", "{}/made.yaml", "--force"],
        ["plan", "{}/plan.yaml"],
        ["run", "{}/plan.yaml"],
        ["report", "{}/run"],
        ["gate", "{}/run"],
        ["card", "{}/run"],
        ["seal", "{}/run"],
        ["validate", "{}/run", "--log", "{}/later.jsonl", "--replay"],
        ["ledger", "{}"],
        ["bridge", "{}/run"],
        ["save", "{}/log.jsonl", "--to", "{}/cases"],
        ["watch", "{}/log.jsonl", "--model", "openai/x", "--state", "{}/state.json"],
        ["models"],
        ["schema"],
        ["simulator", "score", "{}/agent.jsonl", "--leave-out", "task"],
    ],
    ids=lambda words: str(words[0]),
)
def test_json_of_a_verb_is_json_and_nothing_else_is_on_the_output(
    finished: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*(word.format(finished) for word in words), "--json"])
    said = capsys.readouterr()

    assert code == 0
    assert isinstance(json.loads(said.out), dict)
    assert "{" not in said.err


def test_every_verb_but_the_demo_and_servers_is_held_to_json_above() -> None:
    tried = {"scan", "init", "plan", "run", "report", "gate", "validate", "models", "schema"}
    tried |= {"seal", "ledger", "bridge", "simulator", "convert", "card", "save", "watch"}
    # In files of their own here, and in tests/unit/after.
    tried |= {"backtest", "realism", "discover", "awareness", "review", "behavior", "judge"}
    tried |= {"screen", "diff", "export"}

    assert set(VERBS) - tried == {"demo"} | SERVERS


def test_progress_goes_to_the_error_stream_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", written(tmp_path), "--json"])
    said = capsys.readouterr()

    assert "replay candidate" in said.err
    assert set(json.loads(said.out)) >= {"run", "decision", "forecasts", "seal"}


def test_a_kept_limit_is_zero(finished: Path) -> None:
    assert main(["gate", str(finished / "run")]) == 0
    assert main(["run", str(finished / "plan.yaml")]) == 0


@pytest.mark.parametrize(("per_100k", "code"), [(1_000, 1), (30_000, 3)])
def test_a_broken_limit_is_one_and_an_open_one_three(
    tmp_path: Path, per_100k: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    given = written(tmp_path, behaviors=limited(tmp_path, per_100k=per_100k))

    assert main(["run", given]) == code
    assert main(["gate", str(tmp_path / "run"), "--json"]) == code
    assert '"ruling"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["run", "none.yaml"],
        ["plan", "none.yaml"],
        ["gate", "{}/unlimited/run"],
        ["scan", "none.jsonl"],
        ["scan", "{}/log.jsonl", "--where", "draw"],
        ["validate", "{}/run", "--log", "none.jsonl"],
        ["seal", "{}/run", "--git", "note"],
        ["seal", "{}/run", "--git", "tag"],
        ["ledger", "{}/none"],
        ["ledger", "none.jsonl"],
        ["models", "--install", "no-such-model"],
        ["gaet", "x"],
        ["gate"],
        ["run", "--no-such-option"],
    ],
    ids=str,
)
def test_a_wrong_call_is_two_and_one_line_without_a_traceback(
    finished: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if "unlimited" in words[-1]:
        assert main(["run", written(finished / "unlimited")]) == 0
    capsys.readouterr()

    assert main([word.format(finished) for word in words]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert said.out == ""
    last = said.err.strip().splitlines()[-1]
    assert last.startswith(("foretaste: ", "Error: "))


def test_a_misspelt_verb_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    main(["valdate", "x"])

    assert "did you mean 'validate'?" in capsys.readouterr().err


def test_a_broken_seal_is_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", written(tmp_path)])
    study = tmp_path / "run" / "study.json"
    study.write_text(study.read_text().replace('"method":"direct"', '"method":"ratio-anchored"'))

    assert main(["report", str(tmp_path / "run")]) == 2
    assert "not what was sealed" in capsys.readouterr().err


def test_a_machine_that_fails_is_four(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        server = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        model = {"use": "openai", "model": "m", "base_url": server, "retries": 0}
        assert main(["run", written(tmp_path, candidate=model)]) == 4
    assert main(["report", str(tmp_path / "nothing")]) == 4

    said = capsys.readouterr().err
    assert "no connection" in said
    assert "Traceback" not in said


# Where the tests run in the background of a shell, they and what they start ignore the signal.
INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from foretaste.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_an_interrupted_run_is_130_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        given = written(tmp_path, candidate={"use": "openai", "model": "m", "base_url": server})
        command = [sys.executable, "-c", INTERRUPTIBLE, "run", given]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            silent.settimeout(60)
            asked, _ = silent.accept()  # it has begun to ask, and gets no answer
            process.send_signal(signal.SIGINT)
            said = process.stderr.read() if process.stderr else ""
            asked.close()

    assert process.returncode == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said


def test_help_waits_for_no_library() -> None:
    code = (
        "import sys; from foretaste.cli import main; code = main(['--help']);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert not {"numpy", "scipy", "msgspec", "aiohttp", "jinja2"} & set(done.stderr.split())
    assert all(verb in done.stdout for verb in VERBS)


SERVERS = {"mcp", "record"}  # they run until they are stopped, and have no result


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    inner = {"simulator": ["score"], "behavior": ["test"], "judge": ["check"]}
    inner |= {"screen": ["train"], "card": ["write"]}
    assert main([verb, *inner.get(verb, []), "--help"]) == 0
    said = capsys.readouterr().out

    assert "Usage: foretaste" in said
    assert ("--json" in said) == (verb not in SERVERS)


def test_every_verb_is_a_file_of_its_own() -> None:
    assert all(importlib.util.find_spec(f"foretaste.cli.{verb}") for verb in VERBS)


def test_the_command_runs_as_a_module_and_says_its_version() -> None:
    done = foretaste("--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().count(".") == 2


def test_without_a_key_one_is_made_once_for_this_user_and_kept_from_the_run(
    tmp_path: Path,
) -> None:
    given = written(tmp_path)
    home = tmp_path / "home"
    environment = {"HOME": str(home), "XDG_DATA_HOME": str(home), "FORETASTE_SCRUB_KEY": ""}

    assert foretaste("run", given, **environment).returncode == 0
    (file,) = home.rglob("scrub.key")
    key = file.read_text()
    assert len(key) == 64
    assert file.stat().st_mode & 0o077 == 0
    assert foretaste("plan", given, **environment).returncode == 0
    assert file.read_text() == key
    assert not any(key.encode() in p.read_bytes() for p in (tmp_path / "run").rglob("*.json"))


def test_a_reader_that_leaves_early_is_no_error(finished: Path) -> None:
    command = f"{sys.executable} -m foretaste schema | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_hostile_text_of_a_log_reaches_the_screen_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    tags = {"[bold red]loud[/]": "\x1b[31mred"}
    talk = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hi."}]
    record = {"model": "[blink]m[/blink]", "messages": talk, "metadata": tags}
    log.write_text("".join(json.dumps(record | {"id": n}) + "\n" for n in range(3)))

    assert main(["scan", str(log)]) == 0
    said = capsys.readouterr().out
    assert "[blink]m[/blink]" in said
    assert "\x1b[31m" not in said


def test_hostile_text_in_an_error_is_one_visible_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(tmp_path / "a\x1b[31m\nforetaste: all is well.jsonl")]) == 2

    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert said.count("\n") == 1
