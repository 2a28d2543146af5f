"""`foretaste gate`: release, hold, or not enough evidence."""

import click
from rich.table import Table
from rich.text import Text

from foretaste.after.release import gate as decide
from foretaste.cli.terminal import say_json, show
from foretaste.findings import Decision, Ruling

CODES = {Ruling.RELEASE: 0, Ruling.HOLD: 1, Ruling.NOT_ENOUGH_EVIDENCE: 3}
STYLES = {Ruling.RELEASE: "green", Ruling.HOLD: "bold red", Ruling.NOT_ENOUGH_EVIDENCE: "yellow"}


def exit_code(decision: Decision | None) -> int:
    """A decision as an exit code; a plan without limits has nothing to hold."""
    return CODES[decision.ruling] if decision else 0


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def gate(path: str, *, as_json: bool) -> int:
    """Decide on a run: release, hold, or not enough evidence.

    Exit code 0, 1 or 3.
    """
    decision = decide(path)
    if as_json:
        say_json(decision)
    else:
        show(_table(decision), Text(f"decision: {decision.ruling}", STYLES[decision.ruling]))
    return exit_code(decision)


def _table(decision: Decision) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("behavior", "limit", "ruling", "why"):
        table.add_column(column, overflow="fold")
    for each in decision.rulings:
        limit = each.limit
        allowed = (
            f"{limit.per_100k:,g} per 100k" if limit.per_100k is not None else f"{limit.increase}x"
        )
        ruling = Text(str(each.ruling), STYLES[each.ruling])
        table.add_row(
            Text(limit.behavior), f"{allowed} on {limit.decide_on}", ruling, Text(each.reason)
        )
    return table
