"""`foretaste realism`: how well a run's simulated tools can be told from the real ones."""

import click
from rich.text import Text

from foretaste.after.realism import Wanted
from foretaste.after.realism import realism as look
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.records import Lane
from foretaste.report.realism import realism_table
from foretaste.stages.realism import MARGIN


@click.command()
@click.argument("path", metavar="RUN")
@click.option(
    "--judge", metavar="MODEL", help="Ask a model too, like openai/gpt-x; plan: the plan's judge."
)
@click.option("--group", metavar="TAG", help="Tag that names the task; else the user.")
@click.option(
    "--lane",
    type=click.Choice([Lane.INCUMBENT.value, Lane.CANDIDATE.value]),
    default=Lane.INCUMBENT.value,
    help="The replayed lane. The candidate's own style would count as unrealism.",
)
@click.option("--margin", default=MARGIN, help="Equivalent: within 0.5 +/- this. Default: 0.05.")
@click.option("--pairs", type=click.IntRange(1), help="At most so many, by a seeded draw.")
@click.option("--trials", is_flag=True, help="Control: real turns of a group against one another.")
@click.option("--ablate", is_flag=True, help="Answer the recorded calls again by fewer layers.")
@click.option("--json", "as_json", is_flag=True, help="Print the finding as JSON.")
def realism(
    path: str,
    *,
    judge: str | None,
    group: str | None,
    lane: str,
    margin: float,
    pairs: int | None,
    trials: bool,
    ablate: bool,
    as_json: bool,
) -> None:
    """Tell a run's simulated turns from the recorded ones: the share that is taken for real.

    A model is trained on the turns themselves, which costs nothing; a judge is asked only where one
    is named. Needs the extra `learn`. Kept in the run and shown in its report.
    """
    wanted = Wanted(
        lane=Lane(lane),
        group=group,
        judge=judge,
        margin=margin,
        pairs=pairs,
        trials=trials,
        ablate=ablate,
    )
    with progress() as watch:
        found = look(path, wanted, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(realism_table(found), Text(f"report: {path}/report.html"))
