"""`foretaste ledger`: every forecast, and how right it was."""

from pathlib import Path

import click
from rich.text import Text

from foretaste.cli.terminal import errors, say_json, show
from foretaste.errors import PlanError
from foretaste.ledger import NAME, open_ledger
from foretaste.report.past import history, ledger_table

BROKEN_CHAIN = 2


@click.command()
@click.argument("path", default=f"runs/{NAME}", metavar="[PATH]")
@click.option("--json", "as_json", is_flag=True, help="Print forecasts, scores and totals as JSON.")
def ledger(path: str, *, as_json: bool) -> int:
    """List every sealed forecast with its scores, and check that the ledger is whole.

    PATH is the ledger, or the folder that holds it; runs/ledger.jsonl if left out. Exit code 2
    where a line was changed, moved, or cannot be read.
    """
    file = Path(path) / NAME if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise PlanError(f"there is no ledger at {file}; `foretaste seal RUN` begins one")
    found = open_ledger(str(file))
    told = history(found)
    if as_json:
        say_json(told)
    else:
        show(ledger_table(told))
    for fault in found.faults:
        errors.print(Text(f"not whole: {fault}", "bold red"))
    return BROKEN_CHAIN if found.faults else 0
