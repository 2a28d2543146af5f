import csv
from pathlib import Path

import polars as pl
import pytest

from foretaste.adapters.exporters.spreadsheet import CSV
from unit.adapters.exporters.findings import STUDY, graded, linked, saying, written


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_every_verdict_is_a_row_and_ungraded_is_never_a_number(tmp_path: Path) -> None:
    found = rows(written(CSV(), linked(), tmp_path) / "verdicts.csv")

    outcomes = [row["outcome"] for row in found]
    assert outcomes[::2] == outcomes[1::2] == ["present", "absent", "ungraded", "outside"]
    assert [row["score"] for row in found[::2]] == ["0.75", "", "", ""]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_would_be_a_formula_is_made_harmless(tmp_path: Path, begins: str) -> None:
    text = f'{begins}HYPERLINK("http://x",1)\r\n"a", b'
    (row,) = rows(written(CSV(), saying(text), tmp_path) / "verdicts.csv")

    assert row["evidence"] == f"'{text}"


def test_lines_end_as_the_standard_has_it_and_numbers_stay_numbers(tmp_path: Path) -> None:
    file = written(CSV(), graded(), tmp_path) / "forecasts.csv"

    assert file.read_bytes().endswith(b"\r\n")
    found = pl.read_csv(file)
    assert found["rate"].dtype == pl.Float64
    assert found.height == len(STUDY.estimates) + len(STUDY.sealed.forecasts)
