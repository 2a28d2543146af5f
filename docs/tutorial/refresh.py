"""Put the outputs that the tutorial shows back to what its commands say today.

    python docs/tutorial/refresh.py

Blocks marked `console by-hand` are left alone: they need the embedded model, and minutes.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).with_name("your-own-log.md")
SOURCE = Path(__file__).parents[2] / "src"
LOG = SOURCE / "foretaste" / "data" / "sample.jsonl"
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PLANS = ("rehearsal.yaml", "foretaste.yaml")


def refreshed(page: str, folder: Path) -> str:
    """The page with today's outputs; the commands run in an empty folder."""
    lines = LOG.read_text("utf-8").splitlines(keepends=True)
    for name, part in (("my-log", lines), ("before", lines[:80]), ("after", lines[-40:])):
        (folder / f"{name}.jsonl").write_text("".join(part), "utf-8")
    plans = iter(PLANS)

    def fill(block: re.Match[str]) -> str:
        kind, text = block[1], block[2]
        if kind == "yaml":
            (folder / next(plans)).write_text(text, "utf-8")
            return block[0]
        command = text.splitlines()[0]
        words = shlex.split(command.removeprefix("$ foretaste"))
        if words[0] == "validate":
            words[1] = str(next((folder / "runs").iterdir()).relative_to(folder))
        said = _run(words, folder)
        return f"```console\n$ foretaste {shlex.join(words)}\n{said}```"

    return BLOCK.sub(fill, page)


def _run(words: list[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603  # the tutorial's own commands
        [sys.executable, "-m", "foretaste", *words],
        cwd=folder,
        env=os.environ
        | {"COLUMNS": "100", "PYTHONPATH": str(SOURCE), "FORETASTE_SCRUB_KEY": "tutorial"},
        capture_output=True,
        text=True,
        check=False,
    )
    announced = [line for line in done.stderr.splitlines() if line.strip() and "━" not in line]
    said = [*announced, *done.stdout.splitlines()]
    return "".join(f"{line.rstrip()}\n" for line in said)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        PAGE.write_text(refreshed(PAGE.read_text("utf-8"), Path(empty)), "utf-8")
