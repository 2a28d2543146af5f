"""What a person sees: progress with time left on the error stream, results on the output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from foretaste.errors import PlanError
from foretaste.stages.preview import Cost

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def show(*parts: RenderableType) -> None:
    """Print to the output."""
    for part in parts:
        output.print(part)


def as_json_text(value: Any) -> str:
    """A value as JSON to read, with a line's end."""
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def say_json(value: Any) -> None:
    """Print a value as JSON to the output, whole and unwrapped."""
    sys.stdout.write(as_json_text(value))


def keep(file: str, text: str) -> None:
    """Write a file.

    Raises:
        PlanError: it cannot be written there.
    """
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise PlanError(f"{file} cannot be written: {error.strerror}") from error


def announce(quoted: tuple[Cost, ...]) -> None:
    """Say on the error stream what will be asked of whom, and what that costs."""
    for each in quoted:
        usd = "price unknown" if each.usd is None else f"about ${each.usd:,.2f}"
        tokens = f"~{each.input_tokens:,} tokens in, ~{each.output_tokens:,} out"
        errors.print(Text(f"{each.what}: {each.calls:,} calls of {each.model}, {tokens}, {usd}"))


class Bars:
    """A bar for each step, with the time left; on the error stream, so output can be piped."""

    def __init__(self) -> None:
        self.drawn = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(compact=True),
            console=errors,
            expand=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Watch a step; see `runs.watch.Watch`."""
        known = self._tasks.get(step)
        if known is None or done < self.drawn.tasks[known].completed:  # a step that is taken again
            self.close()
            self._tasks[step] = self.drawn.add_task(step, total=total)
        self.drawn.update(self._tasks[step], completed=done, total=total)

    def close(self) -> None:
        """A step of unknown length ends where the next one begins."""
        for task in self.drawn.tasks:
            if task.total is None:
                self.drawn.update(task.id, total=task.completed)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Draw nothing for a while: a person is asked something."""
        self.drawn.stop()
        yield
        self.drawn.start()


@contextmanager
def progress() -> Iterator[Bars]:
    """Bars while something works."""
    bars = Bars()
    with bars.drawn:
        yield bars
        bars.close()
