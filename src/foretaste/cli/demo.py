"""`foretaste demo`: the whole line on this machine, with nothing but Python."""

from pathlib import Path
from time import monotonic

import click
from rich.text import Text

from foretaste.cli.terminal import errors, progress, say_json, show
from foretaste.demo.show import Stage
from foretaste.demo.show import demo as perform
from foretaste.report.summary import closing_line
from foretaste.report.terminal import scorecard, table


@click.command()
@click.argument("log", required=False)
@click.option("--folder", default="runs/demo", show_default=True, help="Where to keep the demo.")
@click.option("--json", "as_json", is_flag=True, help="Print what was forecast and found as JSON.")
def demo(log: str | None, *, folder: str, as_json: bool) -> None:
    """The whole line on real conversations and a real model, on this machine.

    LOG takes another log's conversations instead of the public ones.
    """
    started = monotonic()
    with progress() as watch:
        say = errors.print
        stage = Stage(folder=Path(folder), say=lambda line: say(Text(line)), watch=watch)
        path, study, card = perform(stage, log or None)
    if as_json:
        say_json({"run": path, "sealed": study.sealed, "scorecard": card})
        return
    page = f"{path}/report.html"
    show(table(study), Text(""), scorecard(card, study), Text(""))
    show(Text(closing_line(study, card, page), "bold"), Text(f"({monotonic() - started:.0f} s)"))
