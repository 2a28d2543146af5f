"""What long work tells whoever waits for it: progress, and its price before it spends."""

from collections.abc import Callable

from foretaste.stages.preview import Cost

Watch = Callable[[str, int, int | None], None]
"""Told of progress: step, items done, items in all if that is known."""

Announce = Callable[[tuple[Cost, ...]], None]
"""Told what a run will cost, before anything is sent."""


def quiet(step: str, done: int, total: int | None) -> None:
    """Watch a run without saying anything."""


def silent(quoted: tuple[Cost, ...]) -> None:
    """Let a run spend without saying what."""
