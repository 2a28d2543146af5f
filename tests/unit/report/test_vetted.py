"""A judge's figures as a table; tests/unit/cli/test_judge.py prints a whole one."""

from io import StringIO

from rich.console import Console

from foretaste.records import Outcome, Verdict
from foretaste.report.vetted import vetted_table
from foretaste.stages.vet import Seen, vet


def test_what_cannot_be_said_is_not_enough_evidence() -> None:
    one = Verdict(parent="r", behavior="b", outcome=Outcome.ABSENT, grader="g")
    found = vet("b", [Seen(length=3, verdicts=(one,), turned=None, own=False)])
    console = Console(width=160, record=True, file=StringIO())
    console.print(vetted_table(found))
    said = console.export_text()

    assert "AUC of its verdicts" in said
    assert said.count("not enough evidence") >= 12
    assert "1 answer, 0 with a label" in said
