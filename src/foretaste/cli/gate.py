"""`foretaste gate`: release, hold, or not enough evidence."""

import os
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from foretaste.after.release import decided, definitions
from foretaste.cli.terminal import keep, say_json, show
from foretaste.findings import Decision, Ruling, Study
from foretaste.report.gating.junit import junit as as_junit
from foretaste.report.gating.limits import limit_rows
from foretaste.report.gating.pull_request import summary as for_pull_request
from foretaste.report.gating.sarif import sarif as as_sarif

CODES = {Ruling.RELEASE: 0, Ruling.HOLD: 1, Ruling.NOT_ENOUGH_EVIDENCE: 3}
STYLES = {Ruling.RELEASE: "green", Ruling.HOLD: "bold red", Ruling.NOT_ENOUGH_EVIDENCE: "yellow"}


def exit_code(decision: Decision | None) -> int:
    """A decision as an exit code; a plan without limits has nothing to hold."""
    return CODES[decision.ruling] if decision else 0


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@click.option("--junit", metavar="FILE", help="Write it as JUnit XML, a test case for each limit.")
@click.option("--sarif", metavar="FILE", help="Write it as SARIF 2.1.0, for code scanning.")
@click.option("--summary", metavar="FILE", help="Write a Markdown table; - prints it instead.")
@click.option(
    "--plan",
    default="foretaste.yaml",
    metavar="FILE",
    help="Plan that SARIF points at.",
    show_default=True,
)
def gate(
    path: str,
    *,
    as_json: bool,
    junit: str | None,
    sarif: str | None,
    summary: str | None,
    plan: str,
) -> int:
    """Decide on a run: release, hold, or not enough evidence.

    Exit code 0, 1 or 3.
    """
    study = decided(path)
    if junit:
        keep(junit, as_junit(study))
    if sarif:
        places = {name: _here(file) for name, file in definitions(path, study).items()}
        keep(sarif, as_sarif(study, places, _here(plan)))
    if summary and summary != "-":
        keep(summary, for_pull_request(study, path))
    if as_json:
        say_json(study.decision)
    elif summary == "-":
        click.echo(for_pull_request(study, path), nl=False)
    else:
        show(*_told(study))
    return exit_code(study.decision)


def _here(file: str) -> str:
    """A path as seen from here, in the form of a URI."""
    return Path(os.path.relpath(file)).as_posix()


def _told(study: Study) -> tuple[Table, Text]:
    table = Table(box=None, pad_edge=False)
    for column in ("behavior", "limit", "ruling", "found [95 %]", "seen", "why"):
        # A name that is cut in two cannot be searched for.
        table.add_column(column, overflow="fold", no_wrap=column == "behavior")
    for row in limit_rows(study):
        ruling = Text(str(row.ruling), STYLES[row.ruling])
        plain = (Text(each) for each in (row.reading, row.counts, row.reason))
        table.add_row(Text(row.behavior), Text(row.limit), ruling, *plain)
    decided_on = study.decision.ruling if study.decision else Ruling.NOT_ENOUGH_EVIDENCE
    return table, Text(f"decision: {decided_on}", STYLES[decided_on])
