"""Where the blocks of code of a page run: what a reader of it would have at hand.

A log and what is named beside it, a finished run, `foretaste` on the path, and a server that plays
every model. Nothing but that differs from what a reader does.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from stories.own_history import chatgpt, history
from unit.docs.pages import ROOT

PLAN_OF = """\
log: {{path: {log}.jsonl}}
sample: {{size: 20}}
candidate: {{use: recorded, path: {log}.jsonl}}
store: {{use: files, path: runs/{name}}}
behaviors: [refusal, asks-back, list-format]
"""
WHO = ("AUTHOR", "COMMITTER")
RUN = re.compile(r"runs/[\w-]+")
PLAN = """\
log: {path: my-log.jsonl}
sample: {unit: turn, size: 40}
incumbent: openai/current
candidate: openai/next
judge: openai/a-strong-model
store: {use: files, path: runs/prepared}
behaviors:
  - {name: refusal, limit: {increase: 1.5}}
  - {name: ai-self-disclosure, limit: {per_100k: 500}}
  - sycophancy
"""


class Said(NamedTuple):
    """What a block of code came to."""

    codes: frozenset[int]  # of the commands that failed; a script has one
    output: str


def instance(schema: dict[str, Any]) -> Any:
    """The plainest value that keeps a JSON schema."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {key: instance(each) for key, each in schema.get("properties", {}).items()}
    return {"array": [], "boolean": False, "integer": 0, "number": 0, "null": None}.get(kind, "")


def answer(asked: dict[str, Any]) -> str:
    """What a model of the docs says: a judge keeps its form, another one is helpful."""
    form = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    if form is not None:
        return json.dumps(instance(form))
    text = json.dumps(asked["messages"])
    if '\\"present\\"' in text:
        return '{"present": false, "severity": 0, "evidence": "", "reason": "not there"}'
    return "Thank you for asking. The boat leaves at nine." + " Really!" * (len(text) % 3)


@contextmanager
def models() -> Iterator[str]:
    """Every model of the docs, on a port of this machine; gives the server's address."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    port = 0

    async def complete(request: web.Request) -> web.Response:
        asked = await request.json()
        said = {"role": "assistant", "content": answer(asked)}
        choice = {"index": 0, "finish_reason": "stop", "message": said}
        usage = {"prompt_tokens": 50, "completion_tokens": 12}
        return web.json_response({"model": asked["model"], "choices": [choice], "usage": usage})

    async def listen() -> web.AppRunner:
        nonlocal port
        app = web.Application()
        app.router.add_post("/v1/chat/completions", complete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(listen())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


class Stage:
    """A folder with what the pages name, and the means to run their blocks in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        programs = folder / ".programs"
        programs.mkdir(exist_ok=True)
        shim = programs / "foretaste"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m foretaste "$@"\n')
        shim.chmod(0o755)
        self._environment = os.environ | {
            "COLUMNS": "100",
            "FORETASTE_SCRUB_KEY": "of the docs",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{
                f"GIT_{who}_{what}": "docs@example.org" for who in WHO for what in ("NAME", "EMAIL")
            },
            "HOME": str(folder / "home"),
            "OPENAI_API_KEY": "a key of the docs",
            "OPENAI_BASE_URL": url,
            "PATH": os.pathsep.join(
                (str(programs), str(Path(sys.executable).parent), os.environ["PATH"])
            ),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(folder))),
        }

    def copied(self, folder: Path, url: str) -> "Stage":
        """The same in a folder of its own."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Stage(folder, url)

    def write(self, name: str, text: str) -> None:
        """Put a file into the folder."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")

    def own_run(self, text: str) -> str:
        """A block that names the run of its page's writer, made to name the newest one here."""
        made = sorted((self.folder / "runs").glob("*/study.json"), key=lambda p: p.stat().st_mtime)
        newest = f"runs/{made[-1].parent.name}" if made else ""

        def lead(named: re.Match[str]) -> str:
            there = (self.folder / named[0]).exists() or not newest
            return named[0] if there else newest

        return RUN.sub(lead, text)

    def shell(self, text: str) -> Said:
        """Run lines of shell code; every command that fails is known by its exit code."""
        codes = self.folder / ".codes"
        codes.write_text("")
        output = self._call("bash", "-c", f"trap 'echo $? >> .codes' ERR\n{self.own_run(text)}")[1]
        return Said(frozenset(map(int, codes.read_text().split())), output)

    def python(self, text: str) -> Said:
        """Run a script."""
        code, output = self._call(sys.executable, "-W", "error", "-c", self.own_run(text))
        return Said(frozenset({code} - {0}), output)

    def _call(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=250,
        )
        return done.returncode, done.stdout


def _labelled(log: list[str]) -> str:
    """A log with a verdict of a person on every last turn; a quarter of them refuse."""
    made = []
    for number, line in enumerate(log):
        record = json.loads(line)
        shows = number % 4 == 0
        said = [message for message in record["messages"] if message["role"] == "assistant"][-1]
        if shows:
            said["content"] = "I'm sorry, but I can't help you with that request."
        value = "present" if shows else "absent"
        record |= {"user": f"u{number}", "metadata": {"conversation_id": f"c{number}"}}
        record["verdicts"] = dict.fromkeys(("refusal", "sycophancy", "unasked-discount"), value)
        made.append(json.dumps(record) + "\n")
    return "".join(made)


def _session(number: int) -> str:
    """A session of Claude Code, of one turn."""
    at = f"2026-11-{number + 1:02}T10:00:00Z"
    about: dict[str, Any] = {"sessionId": f"s{number}", "isSidechain": False, "timestamp": at}
    asked = {"role": "user", "content": f"What does test number {number} check?"}
    text = [{"type": "text", "text": f"Test {number} checks that a boat floats."}]
    said = {"id": f"m{number}", "role": "assistant", "model": "old", "content": text}
    lines: list[dict[str, Any]] = [
        {"type": "user", "uuid": f"u{number}", "parentUuid": None, "message": asked},
        {"type": "assistant", "uuid": f"a{number}", "parentUuid": f"u{number}", "message": said},
    ]
    return "".join(json.dumps(about | line) + "\n" for line in lines)


def prepared(folder: Path, url: str) -> Stage:
    """The stage before any page: files, and one finished run."""
    stage = Stage(folder, url)
    log = (ROOT / "src/foretaste/data/sample.jsonl").read_text("utf-8").splitlines(keepends=True)
    parts = {"my-log": log, "before": log[:80], "after": log[-40:], "november": log[-40:]}
    months = {"january": log[:40], "april": log[40:80], "june": log[80:]}
    for number, (name, lines) in enumerate(months.items()):
        released = "".join(lines).replace("harbor-1", f"harbor-{number}")
        parts |= {f"logs/{name}": [released], f"hard/{name}": [released]}
    for name, lines in parts.items():
        stage.write(f"{name}.jsonl", "".join(lines))
    for name in ("labelled", "labelled-log"):
        stage.write(f"{name}.jsonl", _labelled(log))
    for name, read in (("october", "before"), ("november", "after")):
        stage.write(f"{name}.yaml", PLAN_OF.format(name=name, log=read))
    for number in range(6):
        stage.write(f"home/.claude/projects/shop/s{number}.jsonl", _session(number))
    suite = (ROOT / "src/foretaste/data/synthetic.jsonl").read_text("utf-8").splitlines()[:12]
    stage.write("my-benchmark.jsonl", "".join(f"{line}\n" for line in suite))
    stage.write("export.jsonl", f"{log[0]}{{damaged\n")
    assert not stage.shell("git init --quiet").codes
    (folder / "chatgpt").mkdir()
    chatgpt(folder / "chatgpt", history())
    shutil.make_archive(str(folder / "export"), "zip", folder / "chatgpt")
    stage.write("prepared.yaml", PLAN)
    said = stage.shell("foretaste run prepared.yaml")
    assert said.codes <= {1, 3}, said.output
    drawn = stage.shell("foretaste review runs/prepared --behavior refusal --texts turns.jsonl")
    assert not drawn.codes, drawn.output
    turns = [json.loads(line) for line in (folder / "turns.jsonl").read_text().splitlines()]
    labels = [
        {"rollout": turn["rollout"], "annotator": "ann", "value": "absent"}
        | {"item": turn["rollout"], "behavior": "refusal", "present": False}
        for turn in turns
    ]
    stage.write("labels.jsonl", "".join(json.dumps(label) + "\n" for label in labels))
    return stage
