from dataclasses import replace
from io import StringIO

from rich.console import Console

from foretaste.awareness import Awareness
from foretaste.report.awareness_table import awareness_table
from unit.report.test_awareness import FOUND


def drawn(found: Awareness, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(awareness_table(found))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_table_fits_and_names_everything() -> None:
    said = " ".join(drawn(FOUND).split())

    assert max(map(len, drawn(FOUND).splitlines())) <= 80
    for part in (
        "7 turns lack",
        "+12 points",
        "97 %",
        "(with word: Mr)",
        "let the scrubber",
        "0.60 / 0.20",
    ):
        assert part in said, part
    assert "5.4 %" in drawn(FOUND, 140)
    assert "3.0 to 9.0 %" in drawn(FOUND, 140)


def test_marks_beyond_a_dozen_are_counted() -> None:
    said = drawn(replace(FOUND, marks=FOUND.marks * 14))

    assert said.rstrip().endswith("2 marks more in awareness.json.")
