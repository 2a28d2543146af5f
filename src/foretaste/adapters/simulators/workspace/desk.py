"""What the tools of one session work on, and the arguments they get."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from foretaste.adapters.simulators.workspace.files import Files, Place, Refused, StaysOpen
from foretaste.adapters.simulators.workspace.sandbox import Ran
from foretaste.records import JSON

_DEEP = 10_000_000  # characters of arguments that are looked at


class Shell(Protocol):
    """Runs a command line in the copy."""

    def __call__(self, command: str, folder: str, seconds: float) -> Ran:
        """Run it.

        Raises:
            StaysOpen: it cannot be run here.
        """
        ...


@dataclass(slots=True)
class Desk:
    """The files, the shell and what tools remember from one call to the next."""

    files: Files
    shell: Shell
    root: str
    seconds: float  # that a command may take
    output: str | None  # how a command's result is spelled; None: as its tool does
    cwd: str = ""  # of tools whose shell stays open between calls
    read: set[str] = field(default_factory=set)  # paths that the model has seen
    earlier: dict[str, list[str | None]] = field(default_factory=dict)  # contents, to undo

    def place(self, path: str, cwd: str | None = None) -> Place:
        """Where a path leads; a relative one from where the session is."""
        return self.files.place(path, cwd or self.cwd)

    def run(self, command: str, folder: str | None = None, seconds: float | None = None) -> Ran:
        """Run a command line, for no longer than the plan allows."""
        place = self.place(folder or self.cwd)
        if not place.real.is_dir():
            raise Refused(f"{folder or self.cwd}: No such file or directory")
        return self.shell(command, place.path, min(seconds or self.seconds, self.seconds))

    def follow(self, ran: Ran) -> None:
        """Stay where a command's shell was at its end, if that is in the copy; else go back."""
        if ran.folder is None:
            return
        try:
            place = self.place(ran.folder)
        except Refused:
            self.cwd = self.root
            return
        self.cwd = place.path if place.real.is_dir() else self.root


class Given:
    """A call's arguments; what is missing or of the wrong kind is answered as an error."""

    def __init__(self, arguments: str) -> None:
        self.raw = arguments
        try:
            parsed: JSON = msgspec.json.decode(arguments[:_DEEP] or "{}")
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            parsed = None
        self._values: Mapping[str, Any] = parsed if isinstance(parsed, dict) else {}
        self.broken = not isinstance(parsed, dict)

    def text(self, name: str, default: str | None = None) -> str:
        """A text that must be there, unless there is a default."""
        value = self._values.get(name, default)
        if not isinstance(value, str):
            raise Refused(f"The required parameter `{name}` is missing or no text")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 10:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**40:
            raise Refused(f"The parameter `{name}` is no number")
        return int(value)

    def flag(self, name: str) -> bool:
        """A truth value; false where it is left out."""
        return self._values.get(name) in (True, "true")

    def value(self, name: str) -> JSON:
        """Whatever is there, or None."""
        return self._values.get(name)

    def only(self, *names: str) -> None:
        """Refuse to guess what other arguments mean.

        Raises:
            StaysOpen: there is one of another name, with a value.
        """
        other = [key for key, value in self._values.items() if value and key not in names]
        if other:
            raise StaysOpen(f"arguments that are not known: {', '.join(map(repr, other))[:200]}")


Tool = Callable[[Desk, Given], str]
"""Answers one call.

It raises `Refused` for what the tool itself would answer as an error, and `StaysOpen`, before it
has changed anything, for what cannot be answered here.
"""
