"""Put the outputs that the tutorials show back to what their commands say today.

    python docs/tutorial/refresh.py

Every block runs in an empty folder, on the stage of `tests/unit/docs/stage.py`. Blocks marked
`console by-hand` are left alone: they need the embedded model, and minutes. An output that ends
with a line of three dots stays as long as it is.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from unit.docs.pages import Block, of  # noqa: E402  # not installed
from unit.docs.props import bare  # noqa: E402
from unit.docs.stage import Stage, models, play  # noqa: E402

PAGES = ("your-own-log", "product-team")
TIMED = ("safety-team",)  # whose outputs tell the time
CUT = "..."


def refreshed(page: str, stage: Stage) -> str:
    """A page with today's outputs.

    Args:
        page: its name in the repository.
        stage: an empty one.
    """
    text = (ROOT / page).read_text("utf-8")
    for block in of(page):
        if block.info != "console":
            play(stage, block)
            continue
        text = text.replace(block.text, "".join(_said(stage, block)), 1)
    return text


def _said(stage: Stage, block: Block) -> list[str]:
    """A console's lines, with what each of its commands says now."""
    lines = block.text.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    made = []
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        shown = lines[at + 1 : end]
        said = stage.said(lines[at][2:])
        if shown and shown[-1] == CUT:
            said = [*said[: len(shown) - 1], CUT]
        made += [f"{stage.own_run(line)}\n" for line in (lines[at], *said)]
    return made


if __name__ == "__main__":
    with models() as url:
        for name in (*PAGES, *TIMED):
            with tempfile.TemporaryDirectory() as empty:
                page = f"docs/tutorial/{name}.md"
                (ROOT / page).write_text(refreshed(page, bare(Path(empty), url)), "utf-8")
