"""`foretaste validate`: score a sealed forecast on a later production log."""

import click
from rich.text import Text

from foretaste.after.release import open_study
from foretaste.after.validation import validate as score
from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import announce, errors, progress, say_json, show
from foretaste.report.scores import changed_line
from foretaste.report.terminal import scorecard


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--log", required=True, help="The later log: file, folder or glob.")
@click.option("--format", "use", help="Its format; found by content if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option(
    "--replay",
    is_flag=True,
    help="Also replay the candidate on the later log's prefixes, which splits the error.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def validate(
    path: str, *, log: str, use: str | None, where: tuple[str, ...], replay: bool, as_json: bool
) -> None:
    """Score a run's sealed forecast on a production log of the released candidate.

    The score goes into the ledger, which the next forecast learns from.
    """
    with progress() as watch:
        card = score(
            path,
            log,
            use=use,
            where=parse_tags(where),
            replay=replay,
            watch=watch,
            announce=announce,
        )
    if card.pipeline_changed:
        errors.print(Text(changed_line(card), "yellow"))
    if as_json:
        say_json(card)
    else:
        show(scorecard(card, open_study(path)), Text(f"report: {path}/report.html"))
