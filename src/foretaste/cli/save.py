"""`foretaste save`: keeps transcripts as a growing set of real cases."""

import sys
from collections.abc import Sequence

import click
from rich.table import Table
from rich.text import Text

from foretaste.cli.scan import lost_rows
from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import errors, output, progress, say_json, show
from foretaste.errors import PlanError
from foretaste.personal.cases import FOLDER, Case, Saved, cases, forget, listed
from foretaste.personal.cases import save as kept
from foretaste.personal.places import chosen, found
from foretaste.report.visible import one_line, visible
from foretaste.report.wording import some

_SHOWN = 20


@click.command()
@click.argument("log", required=False)
@click.option("--id", "ids", multiple=True, help="A conversation to keep, as --show names it.")
@click.option("--last", type=int, help="Keep the newest so many. Default: 1.")
@click.option("--note", default="", help="Why they are worth keeping.")
@click.option("--to", default=FOLDER, show_default=True, help="Folder of the set.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--where", multiple=True, help="Only records with this tag: name=value.")
@click.option("--show", "showing", is_flag=True, help="List the log's newest; keep nothing.")
@click.option("--list", "listing", is_flag=True, help="List what the set holds; keep nothing.")
@click.option("--remove", multiple=True, help="Take a case out of the set, by its id.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def save(
    log: str | None,
    *,
    ids: tuple[str, ...],
    last: int | None,
    note: str,
    to: str,
    use: str | None,
    where: tuple[str, ...],
    showing: bool,
    listing: bool,
    remove: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep conversations as real cases, de-identified, to replay with every new model.

    LOG is what `foretaste scan` takes; left out, the newest history of Claude Code or Codex on this
    machine. The set is a folder that `foretaste diff cases --model NEW` reads.
    """
    if listing or remove:
        if log or ids or last is not None or showing or (listing and remove):
            raise PlanError("--list and --remove go alone, with --to where the set lies elsewhere")
        told = forget(to, remove) if remove else cases(to)
        _tell(told, "removed" if remove else f"cases in {to}", as_json=as_json)
        return
    if ids and last is not None:
        raise PlanError("say which with --id, or how many with --last")
    if log is None:
        log, use_found = chosen(found(), _ask if sys.stdin.isatty() else None)
        use = use or use_found
        errors.print(Text(f"log: {visible(log)}", style="dim"))
    tags = parse_tags(where)
    with progress() as watch:
        if showing:
            told = listed(
                log, use=use, where=tags, last=_SHOWN if last is None else last, watch=watch
            )
        else:
            done = kept(
                log,
                to=to,
                use=use,
                where=tags,
                ids=ids,
                last=1 if last is None else last,
                note=note,
                watch=watch,
            )
    if showing:
        _tell(told[::-1], "newest that can be replayed", as_json=as_json)
    elif as_json:
        say_json(done._asdict())
    else:
        _say(done)


def _ask(question: str) -> str:
    return str(click.prompt(question, err=True))


def _tell(told: Sequence[Case], what: str, *, as_json: bool) -> None:
    if as_json:
        say_json(told)
        return
    show(Text(f"{len(told):,} {what}", style="bold"))
    if not told:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in ("Id", "Date", "Turns", "Model"):
        table.add_column(column, no_wrap=column in ("Id", "Date"), overflow="fold")
    table.add_column("Asked, and your note", overflow="fold")
    for case in told:
        note = f"  [{one_line(case.note, 80)}]" if case.note else ""
        table.add_row(
            Text(one_line(case.id[:16])),
            Text(case.date or "unknown"),
            Text(f"{case.turns:,}"),
            Text(one_line(case.model, 40) or "unknown"),
            Text.assemble(one_line(case.asked, 60), (note, "dim")),
        )
    show(table)


def _say(done: Saved) -> None:
    _tell(done.new, f"saved in {done.folder}", as_json=False)
    if done.grown:
        show(Text(f"{some(done.grown, 'case')} went on since: in the place of the shorter one"))
    if done.already:
        show(Text(f"{some(done.already, 'conversation')} were there already"))
    for name, value in lost_rows(done.failures):
        show(Text.assemble((f"{name} ", "bold"), visible(value)))
    if done.new:
        output.print(
            Text(
                "Stand-ins replace what rules can tell. Names in running text they cannot: look at "
                "the files before you share them.",
                style="dim",
            )
        )
        show(Text(f"Replay them: foretaste diff {done.folder} --model NEW"))
