"""CSV by RFC 4180, in UTF-8: verdicts, and estimates with forecasts."""

import codecs
import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, ClassVar

from foretaste.adapters.exporters.rows import FigureRow, VerdictRow, figure_rows, verdict_rows
from foretaste.findings import Study
from foretaste.protocols import Graded

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class CSV:
    """Writes `verdicts.csv` and `forecasts.csv`.

    A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage
    return) gets an apostrophe before it. Empty cells are values that there are not.
    """

    files: ClassVar[tuple[str, ...]] = ("verdicts.csv", "forecasts.csv")

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write both, a row at a time."""
        counts = dict.fromkeys(("verdicts", "linked", "estimates and forecasts"), 0)
        verdict = cells(opened("verdicts.csv"), VerdictRow._fields)
        for row in verdict_rows(study, graded):
            verdict(row)
            counts["verdicts"] += 1
            counts["linked"] += row.trace is not None
        figure = cells(opened("forecasts.csv"), FigureRow._fields)
        for each in figure_rows(study):
            figure(each)
            counts["estimates and forecasts"] += 1
        return counts


def cells(stream: IO[bytes], names: Iterable[str]) -> Callable[[Iterable[object]], None]:
    """Write a header; gives what writes a row, formulas made harmless."""
    # Unbuffered here: the stream below has a buffer, and is flushed when it is closed.
    text = codecs.getwriter("utf-8")(stream)
    table = csv.writer(text)
    table.writerow(names)

    def row(values: Iterable[object]) -> None:
        table.writerow([_harmless(cell) if type(cell) is str else cell for cell in values])

    return row


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text
