"""Text in Markdown: what models, logs and files of behaviors say is shown and is never markup."""

import re
from collections.abc import Iterable, Sequence

from foretaste.report.visible import one_line

_MARKS = re.compile(
    r"[\\`*_\[\]<>&~$#^]"  # of a line's own markup
    r"|:(?=//)|(?<=www)\."  # links that need no mark at all
    r"|^[-+=](?=\s)|(?<=^\d)[.)](?=\s)",  # lists and headings
    re.IGNORECASE,
)
_TICKS = re.compile(r"`+")
_BAR = "\N{MATHEMATICAL LEFT ANGLE BRACKET}U+007C\N{MATHEMATICAL RIGHT ANGLE BRACKET}"


def code(text: str, limit: int = 200) -> str:
    """A name as a code span: no link, no mention, no markup can be in it."""
    # No escape of a bar within a code span is read alike by all who draw tables.
    line = one_line(text, limit).replace("|", _BAR)
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(line)), default=0))
    return f"{fence} {line} {fence}" if "`" in (line[0], line[-1]) else f"{fence}{line}{fence}"


def prose(text: str, limit: int = 600) -> str:
    """A sentence of somebody's as plain words: what would be Markdown is escaped."""
    # An escaped @ is still taken for an address, or for the name of somebody to be told.
    line = one_line(text, limit).replace("@", "(at)")
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", line).replace("|", "&#124;")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table's lines, of cells that are Markdown already."""
    return [_row(cells) for cells in (head, ["---"] * len(head), *rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
