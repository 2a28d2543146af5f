"""`foretaste discover`: what nobody listed, found on the difference between two lanes."""

import click
from rich.text import Text

from foretaste.after.auditing import LEAST, Auditing
from foretaste.after.discovery import Wanted
from foretaste.after.discovery import discover as look
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.records import Lane
from foretaste.report.discovery_table import discovery_table
from foretaste.stages.regions import LEAST_USERS


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
@click.option(
    "--regions/--no-regions",
    default=None,
    help="Parts of the traffic that differ otherwise. Default: where scikit-learn is installed.",
)
@click.option(
    "--least-users",
    type=click.IntRange(2),
    default=LEAST_USERS,
    help=f"Of a region that is shown. Default: {LEAST_USERS}.",
)
@click.option(
    "--judge",
    metavar="MODEL",
    help="Have a model propose behaviors, like openai/gpt-x; plan: the plan's judge.",
)
@click.option(
    "--pairs", type=click.IntRange(LEAST), default=100, help="Shown to the judge. Default: 100."
)
@click.option(
    "--fresh",
    type=click.IntRange(LEAST),
    default=200,
    help="On which it checks each proposal. Default: 200.",
)
@click.option("--missed", is_flag=True, help="Plant behaviors, to learn how many would be found.")
@click.option("--json", "as_json", is_flag=True, help="Print the finding as JSON.")
def discover(
    path: str,
    *,
    before: str | None,
    after: str,
    regions: bool | None,
    least_users: int,
    judge: str | None,
    pairs: int,
    fresh: int,
    missed: bool,
    as_json: bool,
) -> None:
    """Look for what differs between two lanes on the same turns, without a list of behaviors.

    Words, phrases, tools, structure, length and language are counted in both lanes and tested by
    user; then parts of the traffic are looked for that differ otherwise. A model is asked only
    where one is named: it proposes behaviors, and checks them on other pairs. Kept in the run and
    shown in its report.
    """
    wanted = Wanted(
        before=Lane(before) if before else None,
        after=Lane(after),
        regions=regions,
        least_users=least_users,
        auditing=Auditing(judge=judge, pairs=pairs, fresh=fresh) if judge else None,
        missed=missed,
    )
    with progress() as watch:
        found = look(path, wanted, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(discovery_table(found), Text(f"report: {path}/report.html"))
