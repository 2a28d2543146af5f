"""`foretaste backtest`: forecast past releases as if before them, and score it."""

import click
import msgspec
from rich.text import Text

from foretaste.cli.terminal import keep, progress, say_json, show
from foretaste.hindsight import Split
from foretaste.hindsight import backtest as look_back
from foretaste.report.backtests import table
from foretaste.report.html import render_backtest

PAGE = "backtest.html"


@click.command()
@click.argument("logs", nargs=-1, required=True)
@click.option(
    "--pairs", default="all", help="all (default), successive, or sample:N ordered pairs."
)
@click.option(
    "--split",
    type=click.Choice(["half", "draws"]),
    default="half",
    help="half (default): half of the prompts are the traffic before a release, the others that "
    "after it. draws: all are both, with another answer each.",
)
@click.option("--challenging", multiple=True, help="Logs on prompts chosen to provoke: a baseline.")
@click.option("--behavior", "behaviors", multiple=True, help="Score only this behavior.")
@click.option("--format", "use", help="The logs' format; found by content if left out.")
@click.option("--seed", default=0, help="Of the pairs that sample:N draws.")
@click.option(
    "--page", help="HTML file to write with table and pictures: backtest.html, none with --json."
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def backtest(
    logs: tuple[str, ...],
    *,
    pairs: str,
    split: Split,
    challenging: tuple[str, ...],
    behaviors: tuple[str, ...],
    use: str | None,
    seed: int,
    page: str | None,
    as_json: bool,
) -> None:
    """What past releases' logs say of the forecasts that could have been made.

    LOGS are files, folders or globs: one file is one release. Every transition between two
    releases is forecast as if before it and scored on what came. Offline and free: only behaviors
    that a rule decides are graded.
    """
    with progress() as watch:
        found = look_back(
            logs,
            pairs=pairs,
            split=split,
            challenging=challenging,
            behaviors=behaviors,
            use=use,
            seed=seed,
            watch=watch,
        )
    file = page or (None if as_json else PAGE)
    if file is not None:
        keep(file, render_backtest(found))
    if as_json:
        whole = msgspec.to_builtins(found)
        del whole["points"]
        say_json(whole)
    else:
        show(table(found), Text(f"page: {file}"))
