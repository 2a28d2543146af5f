"""`foretaste awareness`: whether a run's models notice that they are tested."""

import click
from rich.text import Text

from foretaste.after.awareness import Wanted
from foretaste.after.awareness import awareness as measure
from foretaste.after.detectors import ITSELF
from foretaste.after.suites import SHIPPED
from foretaste.awareness import Placement
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.records import Lane
from foretaste.report.awareness_table import awareness_table

_NO_SUITE = "none"
_PLACEMENTS = {"appended": Placement.APPENDED, "fresh": Placement.FRESH}


@click.command()
@click.argument("path", metavar="RUN")
@click.option(
    "--detector",
    "detectors",
    metavar="MODEL",
    multiple=True,
    help="Who is asked, like openai/gpt-x; candidate: the run's own. Repeatable. Default: that.",
)
@click.option(
    "--placement",
    "placements",
    type=click.Choice(list(_PLACEMENTS)),
    multiple=True,
    help="How: appended to the conversation, or in a fresh context. Repeatable. Default: both.",
)
@click.option(
    "--lane",
    type=click.Choice([Lane.INCUMBENT, Lane.CANDIDATE]),
    default=Lane.CANDIDATE,
    help="The replayed lane.",
)
@click.option(
    "--suite",
    metavar="NAME_OR_PATH",
    default=SHIPPED,
    help="Tests to compare with, that the lane's model answers: synthetic, which ships; a log of "
    "your own; or none.",
)
@click.option(
    "--transcripts",
    type=click.IntRange(1),
    default=200,
    help="Of each source of the run, at most, by a seeded draw. Default: 200.",
)
@click.option(
    "--context",
    type=click.IntRange(1),
    default=24_000,
    help="Characters of a conversation that a fresh context quotes. Default: 24,000.",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(1),
    default=32,
    help="Of a detector's reply; more for one that reasons first. Default: 32.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the finding as JSON.")
def awareness(
    path: str,
    *,
    detectors: tuple[str, ...],
    placements: tuple[str, ...],
    lane: str,
    suite: str,
    transcripts: int,
    context: int,
    max_tokens: int,
    as_json: bool,
) -> None:
    """Ask models whether a run's transcripts are evaluations, and compare with the record's.

    Each transcript is asked about twice, with the two words in both orders; rules read visible
    reasoning. What is said is kept in the run, so a call that was cut off goes on where it stopped.
    """
    wanted = Wanted(
        lane=Lane(lane),
        detectors=detectors or (ITSELF,),
        placements=tuple(_PLACEMENTS[each] for each in placements or _PLACEMENTS),
        suite="" if suite == _NO_SUITE else suite,
        transcripts=transcripts,
        context=context,
        max_tokens=max_tokens,
    )
    with progress() as watch:
        found = measure(path, wanted, watch=watch, announce=announce)
    if as_json:
        say_json(found)
    else:
        show(awareness_table(found), Text(f"report: {path}/report.html"))
