"""CSV by RFC 4180, in UTF-8: verdicts, and estimates with forecasts."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, ClassVar

from foretaste.adapters.exporters.rows import FigureRow, VerdictRow, figure_rows, verdict_rows
from foretaste.findings import Study
from foretaste.protocols import Graded

_FORMULAS = frozenset("=+-@\t\r")


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
        with cells(opened("verdicts.csv"), VerdictRow._fields) as verdict:
            for row in verdict_rows(study, graded):
                verdict(row)
                counts["verdicts"] += 1
                counts["linked"] += row.trace is not None
        with cells(opened("forecasts.csv"), FigureRow._fields) as figure:
            for each in figure_rows(study):
                figure(each)
                counts["estimates and forecasts"] += 1
        return counts


@contextmanager
def cells(
    stream: IO[bytes], names: Iterable[str]
) -> Iterator[Callable[[Iterable[object]], object]]:
    """Write a header; gives what writes a row, formulas made harmless. The stream stays open."""
    text = TextIOWrapper(stream, "utf-8", newline="")
    table = csv.writer(text)
    table.writerow(names)
    yield lambda row: table.writerow(
        [f"'{cell}" if type(cell) is str and cell[:1] in _FORMULAS else cell for cell in row]
    )
    text.detach()  # which flushes it
