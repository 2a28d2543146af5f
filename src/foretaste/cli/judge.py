"""`foretaste judge`: how far a judge can be trusted."""

import click

from foretaste.after.vetting import Checking, check_judge
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.report.vetted import vetted_table


@click.group()
def judge() -> None:
    """How far a judge can be trusted."""


@judge.command()
@click.argument("path", metavar="RUN|LOG")
@click.option("--plan", metavar="FILE", help="Of a log: the plan that names judge and behaviors.")
@click.option(
    "--labels", metavar="FILE", help="JSON lines of item, behavior, present; else the log's own."
)
@click.option("--behavior", help="Check this one alone.")
@click.option("--items", type=click.IntRange(1), default=200, help="Answers at most. Default: 200.")
@click.option(
    "--repeats", type=click.IntRange(1), default=2, help="Times each is asked alike. Default: 2."
)
@click.option("--own", metavar="NAME", help="The judge's own model, as answers name it.")
@click.option("--reference", metavar="MODEL", help="A judge that stands in for missing labels.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def check(
    path: str,
    *,
    plan: str | None,
    labels: str | None,
    behavior: str | None,
    items: int,
    repeats: int,
    own: str | None,
    reference: str | None,
    as_json: bool,
) -> None:
    """Ask a judge again, in another order, and hold it to labels.

    Shows how often its verdicts change, whether it spares its own model's answers, and how well it
    agrees with labels, each beside a judge that goes by the length of the answer alone.
    """
    wanted = Checking(
        plan=plan,
        labels=labels,
        behavior=behavior,
        items=items,
        repeats=repeats,
        own=own,
        reference=reference,
    )
    with progress() as watch:
        found = check_judge(path, wanted, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(*map(vetted_table, found))
