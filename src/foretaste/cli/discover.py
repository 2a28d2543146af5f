"""`foretaste discover`: what nobody listed, found on the difference between two lanes."""

import click
from rich.text import Text

from foretaste.after.discovery import Wanted
from foretaste.after.discovery import discover as look
from foretaste.cli.screen import announce, progress, say_json, show
from foretaste.records import Lane
from foretaste.report.discovery_table import discovery_table


@click.command()
@click.argument("path", metavar="RUN")
@click.option(
    "--before",
    type=click.Choice([lane.value for lane in Lane]),
    help="The lane to hold against; else the incumbent's, or the recorded one.",
)
@click.option(
    "--after",
    type=click.Choice([lane.value for lane in Lane]),
    default=Lane.CANDIDATE.value,
    help="The lane whose ways are looked for. Default: candidate.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the finding as JSON.")
def discover(path: str, *, before: str | None, after: str, as_json: bool) -> None:
    """Look for what differs between two lanes on the same turns, without a list of behaviors.

    Words, phrases, tools, structure, length and language are counted in both lanes and tested by
    user; no model is asked. Kept in the run and shown in its report.
    """
    wanted = Wanted(before=Lane(before) if before else None, after=Lane(after))
    with progress() as watch:
        found = look(path, wanted, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(discovery_table(found), Text(f"report: {path}/report.html"))
