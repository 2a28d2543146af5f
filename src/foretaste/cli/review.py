"""`foretaste review`: people label turns in the browser, which mends the judge's rate."""

from contextlib import suppress
from pathlib import Path

import click
import msgspec
from rich.text import Text

from foretaste.after.desk import Desk
from foretaste.after.review import figures, opened
from foretaste.cli.terminal import errors, keep, say_json, show
from foretaste.errors import PlanError
from foretaste.records import Lane
from foretaste.report.review import review_table
from foretaste.reviews import is_pseudonym
from foretaste.web.serving import serve


@click.command()
@click.argument("path", metavar="RUN")
@click.option(
    "--behavior", metavar="NAME", help="The behavior to label; needed if there are several."
)
@click.option("--annotator", metavar="NAME", help="Pseudonym of who labels; else the page asks.")
@click.option("--n", "size", type=click.IntRange(1), default=100, help="Turns of each lane: 100.")
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    type=click.Choice([lane.value for lane in Lane]),
    help="Only this; repeatable.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: any free one.")
@click.option("--texts", metavar="FILE", help="Write the turns, to be labelled elsewhere; no page.")
@click.option("--import", "taken", metavar="FILE", help="Take in labels made elsewhere; no page.")
@click.option("--export", "given", metavar="FILE", help="Write all labels; no page.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON; no page.")
def review(
    path: str,
    *,
    behavior: str | None,
    annotator: str | None,
    size: int,
    lanes: tuple[str, ...],
    port: int,
    texts: str | None,
    taken: str | None,
    given: str | None,
    as_json: bool,
) -> None:
    """Label turns of a finished run in the browser; the labels mend the judge's rate.

    The page is served on this machine alone, to whoever has the address that is printed. It shows
    neither model nor verdict. Ctrl-C ends it; labels are kept as they are made.
    """
    if annotator is not None and not is_pseudonym(annotator):
        raise PlanError("a pseudonym has letters, digits, - and _, and is not 'agreed'")
    if not as_json:
        with opened(
            path, behavior=behavior, size=size, lanes=[Lane(each) for each in lanes]
        ) as desk:
            if not _files(desk, texts, taken, given):
                with suppress(KeyboardInterrupt):
                    serve(desk, announce=_say, annotator=annotator, port=port)
    study, found = figures(path)
    if as_json:
        say_json({"reviewed": found})
    else:
        lines = review_table(study, found) if found else Text("no labels yet")
        show(lines, Text(f"report: {path}/report.html"))


def _files(desk: Desk, texts: str | None, taken: str | None, given: str | None) -> bool:
    """Write and read what was asked for; False where nothing was."""
    if taken is not None:
        found = desk.take(_lines(taken))
        errors.print(Text(f"{found.taken:,} labels taken"))
        for reason, count in found.refused.items():
            errors.print(Text(f"{count:,} refused: {reason}", "yellow"))
    for file, rows in ((texts, desk.texts()), (given, desk.exported())):
        if file is not None:
            keep(file, "".join(msgspec.json.encode(each).decode() + "\n" for each in rows))
    return any(file is not None for file in (texts, taken, given))


def _lines(file: str) -> list[bytes]:
    try:
        return Path(file).read_bytes().splitlines()
    except OSError as error:
        raise PlanError(f"{file} cannot be read: {error.strerror}") from error


def _say(address: str) -> None:
    click.echo(f"open {address}\nCtrl-C ends it; every label is kept as it is made", err=True)
