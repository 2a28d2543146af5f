"""`foretaste screen`: train a screen on what is known."""

from typing import get_args

import click
from rich.console import Group
from rich.table import Table
from rich.text import Text

from foretaste.after.schooling import Lesson, Teacher, train_on_labels, train_on_run
from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import keep, say_json, show
from foretaste.errors import PlanError
from foretaste.report.visible import visible


@click.group()
def screen() -> None:
    """Train a small classifier that scores every answer and costs no call."""


@screen.command()
@click.argument("path", metavar="RUN", required=False)
@click.option("--labels", metavar="LOG", help="Train on a labelled log in place of a run.")
@click.option("--behavior", metavar="NAME", help="Which; needed if there are several.")
@click.option("--out", metavar="FILE", help="File to write; else it is kept in the run.")
@click.option(
    "--by",
    "teacher",
    type=click.Choice(get_args(Teacher)),
    default="all",
    help="Of a run: learn from the judge, from people, or from all, people first. Default: all.",
)
@click.option("--label", "called", help="Of a log: the labels' name, if not the behavior's.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def train(
    path: str | None,
    *,
    labels: str | None,
    behavior: str | None,
    out: str | None,
    teacher: Teacher,
    called: str | None,
    use: str | None,
    where: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train a screen on a run's verdicts and people's labels, or on a labelled log.

    Prints how well it does on users that it did not learn from, beside what the answer's length
    alone would do. Use the file as `grader: {use: trained, file: FILE}`, or as the `screen:` of a
    screened grader. No model is asked.
    """
    if (path is None) == (labels is None):
        raise PlanError("name a run, or a labelled log with --labels: one of them")
    if path is not None:
        found, document = train_on_run(path, behavior, out=out, teacher=teacher)
    elif labels is None or behavior is None or out is None:
        raise PlanError("--labels needs --behavior and --out: nothing says them")
    else:
        found, document = train_on_labels(
            labels, behavior, out=out, use=use, called=called, where=parse_tags(where)
        )
    if out is not None:
        keep(out, document.decode())
    if as_json:
        say_json(found)
    else:
        show(_told(found))


def _told(found: Lesson) -> Group:
    about = Table(box=None, pad_edge=False, show_header=False)
    about.add_column(style="bold")
    about.add_column(overflow="fold")
    about.add_row("examples", f"{found.present:,} present, {found.absent:,} absent")
    about.add_row("of users", f"{found.users:,}")
    about.add_row("labelled by", f"judge {found.by_judge:,}, people {found.by_people:,}")
    for why, count in found.left_out.items():
        about.add_row("left out", visible(f"{count:,}: {why}"))
    area, length = found.auc, found.length.auc
    about.add_row("AUC", f"{area.auc:.3f} [{area.lower:.3f} to {area.upper:.3f}], other users")
    about.add_row("AUC of length", f"{length.auc:.3f} [{length.lower:.3f} to {length.upper:.3f}]")
    table = Table("chance", "examples", "promised", "shown", "95 %", box=None, pad_edge=False)
    for each in found.calibration:
        limits = f"{each.shown_lower:.3f} to {each.shown_upper:.3f}"
        chances = f"{each.lower:g} to {each.upper:g}"
        figures = (f"{each.examples:,}", f"{each.promised:.3f}", f"{each.shown:.3f}", limits)
        table.add_row(chances, *figures)
    return Group(about, Text(), table, Text(visible(f"wrote {found.file}")))
