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

from unit.docs.pages import ROOT, Block

STRANGE = 99  # in the place of the exit code of a program that is not ours
WHO = ("AUTHOR", "COMMITTER")
NAMED = re.compile(r"`([\w./-]+\.(?:yaml|yml|md|py|json|jsonl|toml))`[^`]*$")
SHELL = ("sh", "console")
PYTHON = ("python",)  # test_docs.py runs `python run`
FILES = ("yaml", "markdown", "json", "toml")
UNDECIDED = {1, 3}  # a gate may hold, and so few turns are seldom enough
RUN = re.compile(r"runs/[\w-]+(?![\w.-])")


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
        shim.write_text(
            f'#!/bin/sh\n"{sys.executable}" -m foretaste "$@"\n'
            f'code=$?\n[ $code = 0 ] || echo $code >> "{folder}/.codes"\nexit $code\n'
        )
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
        ours, all_of_them = self.folder / ".codes", self.folder / ".failed"
        for file in (ours, all_of_them):
            file.write_text("")
        output = self._call("bash", "-c", f"trap 'echo $? >> .failed' ERR\n{self.own_run(text)}")[1]
        known, failed = (file.read_text().split() for file in (ours, all_of_them))
        others = {STRANGE} if len(failed) > len(known) else set()
        return Said(frozenset({*map(int, known), *others}), output)

    def said(self, line: str) -> list[str]:
        """What a command says, its errors first, without the bars of progress."""
        output = self._call("bash", "-c", f"({self.own_run(line)}) 2>&1 1>.said; cat .said")[1]
        kept = (row.rstrip() for row in output.splitlines() if "\u2501" not in row)
        lines = list(kept)
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        return lines

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


def file_of(block: Block) -> str:
    """The file that a page says a block is: the last one named before it."""
    named = NAMED.search(block.before)
    return named[1] if named else "foretaste.yaml"


def typed(block: Block) -> str:
    """What a reader types of a block: all of it, or what stands behind a prompt."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if not block.info.startswith("console"):
        return "\n".join(lines)
    return "\n".join(line[2:] for line in lines if line.startswith("$ "))


def play(stage: Stage, block: Block) -> None:
    if block.info in FILES:
        stage.write(file_of(block), block.text)
    elif block.info in SHELL:
        said = stage.shell(typed(block))
        assert said.codes <= UNDECIDED, f"{block.place}:\n{typed(block)}\n{said.output}"
    elif block.info in PYTHON:
        said = stage.python(block.text)
        assert not said.codes, f"{block.place}:\n{said.output}"
