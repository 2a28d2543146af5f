"""`foretaste convert`: a log in another format."""

import click
from rich.table import Table
from rich.text import Text

from foretaste.cli.scan import lost_rows, shares
from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import errors, output, progress, say_json
from foretaste.conversion import STDOUT, Converted
from foretaste.conversion import convert as written
from foretaste.errors import PlanError
from foretaste.report.visible import visible


@click.command()
@click.argument("log")
@click.argument("out")
@click.option("--from", "use", help="The log's format; found by content if left out.")
@click.option("--to", help="The format to write; told by the ending of OUT if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--scrub", "scrubbed", is_flag=True, help="Write stand-ins for what identifies.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def convert(
    log: str,
    out: str,
    *,
    use: str | None,
    to: str | None,
    where: tuple[str, ...],
    force: bool,
    scrubbed: bool,
    as_json: bool,
) -> None:
    """Write a log in another format: OpenAI chat, ATIF, Inspect's .eval, Parquet.

    LOG is what `foretaste scan` takes. OUT is a file, whose ending says the format (.jsonl, .json
    or .atif, .eval, .parquet), or - for standard output. Texts stay as they are unless you --scrub.
    """
    if as_json and out == STDOUT:
        raise PlanError("--json would stand in the middle of what is written: name a file")
    with progress() as watch:
        done = written(
            log,
            out,
            use=use,
            to=to,
            where=parse_tags(where),
            force=force,
            scrubbed=scrubbed,
            watch=watch,
        )
    if as_json:
        say_json(done._asdict())
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _rows(out, done):
        table.add_row(name, Text(visible(value)))
    (errors if out == STDOUT else output).print(table)


def _rows(out: str, done: Converted) -> list[tuple[str, str]]:
    whole = done.conversations
    what = f"{whole:,} conversations, from {done.read_as} to {done.written_as}"
    rows = [
        ("written", what if out == STDOUT else f"{what}: {out}"),
        (
            "de-identified",
            "yes: stand-ins for what identifies people; look before you share it"
            if done.scrubbed
            else "no: texts are as they were; --scrub writes stand-ins",
        ),
    ]
    if done.carried:
        held = f"{shares(done.carried, whole)}: under the key `foretaste`"
        rows.append(("no field for", f"{held}, which other tools do not read"))
    if done.gaps:
        rows.append(("the log lacked", shares(done.gaps, whole)))
    return rows + lost_rows(done.failures)
