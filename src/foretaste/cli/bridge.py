"""`foretaste bridge`: what today's pipeline changes on a sealed run's own prefixes."""

import click
from rich.text import Text

from foretaste.after.bridging import bridge as cross
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.report.bridge import bridge_table


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--grade-only", is_flag=True, help="Grade the sealed answers again; replay none.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def bridge(path: str, *, grade_only: bool, as_json: bool) -> None:
    """Replay and grade a sealed run's own prefixes again, with today's code and the same plan.

    It tells a changed pipeline apart from a wrong forecast. Stopped, it goes on where it was. With
    --grade-only it costs what a judge costs, and nothing where rules decide.
    """
    with progress() as watch:
        found = cross(path, grade_only=grade_only, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(bridge_table(found), Text(f"kept in {path}/bridge/{found.pipeline[:8]}"))
