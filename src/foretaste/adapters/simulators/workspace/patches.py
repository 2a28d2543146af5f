"""Codex's patches: `*** Begin Patch`, files to add, delete and update, `*** End Patch`."""

from collections.abc import Iterator
from typing import NamedTuple

from foretaste.adapters.simulators.workspace.desk import Desk
from foretaste.adapters.simulators.workspace.files import Place, Refused

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_SIGNS = {"*** Add File: ": "A", "*** Delete File: ": "D", "*** Update File: ": "M"}
_MOVE, _TO_END = "*** Move to: ", "*** End of File"


class Section(NamedTuple):
    """What a patch does to one file."""

    sign: str  # A, D or M
    path: str
    to: str  # another path for it; empty: it stays
    lines: list[str]  # of the patch, without headers


def apply(desk: Desk, text: str, folder: str | None = None) -> str:
    """Apply a patch, wholly or not at all, and say which files it changed.

    Raises:
        Refused: it is no patch, or does not fit the files.
    """
    lines = text.strip().split("\n")
    if lines[0].strip() != _BEGIN:
        raise Refused(f"Invalid patch: The first line of the patch must be '{_BEGIN}'")
    if lines[-1].strip() != _END:
        raise Refused(f"Invalid patch: The last line of the patch must be '{_END}'")
    found = list(_sections(lines[1:-1]))
    if not found:
        raise Refused("No files were modified.")
    changes = [(each, *_after(desk, each, folder)) for each in found]
    for each, place, content in changes:
        if content is None or each.to:
            desk.files.delete(place)
        if content is not None:
            desk.files.write(desk.place(each.to, folder) if each.to else place, content)
    told = sorted(("AMD".index(each.sign), f"{each.sign} {each.path}") for each in found)
    return "Success. Updated the following files:\n" + "\n".join(line for _, line in told) + "\n"


def _sections(lines: list[str]) -> Iterator[Section]:
    at = 0
    while at < len(lines):
        header = lines[at]
        mark = next((each for each in _SIGNS if header.startswith(each)), None)
        if mark is None:
            raise Refused(
                f"Invalid patch hunk on line {at + 2}: '{header}' is not a valid hunk header."
            )
        at += 1
        to, sign = "", _SIGNS[mark]
        if sign == "M" and at < len(lines) and lines[at].startswith(_MOVE):
            to = lines[at].removeprefix(_MOVE).strip()
            at += 1
        body = []
        while at < len(lines) and not lines[at].startswith(tuple(_SIGNS)):
            body.append(lines[at])
            at += 1
        yield Section(sign, header.removeprefix(mark).strip(), to, body)


def _after(desk: Desk, section: Section, folder: str | None) -> tuple[Place, str | None]:
    """The file, and its text afterwards; None where it is deleted."""
    place = desk.place(section.path, folder)
    if section.sign == "A":
        return place, "".join(f"{each[1:]}\n" for each in section.lines if each.startswith("+"))
    try:
        text = desk.files.read(place)
    except OSError as error:
        raise Refused(f"Failed to read file to update {place.path}: {error.strerror}") from None
    return place, None if section.sign == "D" else _updated(text, section)


def _updated(text: str, section: Section) -> str:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    done: list[str] = []
    at = 0
    for context, old, new, ends in _hunks(section.lines):
        if context:
            at_context = _find(lines, [context], at)
            if at_context is None:
                raise Refused(f"Failed to find context '{context}' in {section.path}")
            done += lines[at : at_context + 1]
            at = at_context + 1
        place = len(lines) if not old else _find(lines, old, at, ends=ends)
        if place is None:
            raise Refused(f"Failed to find expected lines in {section.path}:\n" + "\n".join(old))
        done += lines[at:place] + new
        at = place + len(old)
    return "\n".join([*done, *lines[at:], ""])


def _hunks(lines: list[str]) -> Iterator[tuple[str, list[str], list[str], bool]]:
    """Context to go to, lines before, lines after, and whether they end the file."""
    context, ends = "", False
    old: list[str] = []
    new: list[str] = []
    for line in lines:
        if line.startswith("@@"):
            if old or new:
                yield context, old, new, ends
                old, new, ends = [], [], False
            context = line[2:].strip(" ")
        elif line == _TO_END:
            ends = True
        else:
            sign, rest = line[:1] or " ", line[1:]
            if sign not in " +-":
                raise Refused(f"Unexpected line found in update hunk: '{line}'")
            if sign != "+":
                old.append(rest)
            if sign != "-":
                new.append(rest)
    if old or new:
        yield context, old, new, ends


def _find(lines: list[str], wanted: list[str], start: int, *, ends: bool = False) -> int | None:
    """Where these lines are: exactly, else without the space at their ends, else without any."""
    first = max(start, len(lines) - len(wanted)) if ends else start
    for same in (str, str.rstrip, str.strip):
        sought = [same(each) for each in wanted]
        for at in range(first, len(lines) - len(wanted) + 1):
            if [same(each) for each in lines[at : at + len(wanted)]] == sought:
                return at
    return None
