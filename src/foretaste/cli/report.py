"""`foretaste report`: draw a run's report again."""

import click
from rich.text import Text

from foretaste.after.release import open_study, redraw
from foretaste.cli.terminal import say_json, show
from foretaste.report.terminal import table


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print all that the report shows as JSON.")
def report(path: str, *, as_json: bool) -> None:
    """Draw a run's report again."""
    page = redraw(path)
    study = open_study(path)
    if as_json:
        say_json(study)
    else:
        show(table(study), Text(f"report: {page}"))
