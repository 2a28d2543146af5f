"""`foretaste scan`: what a log holds."""

from collections.abc import Mapping

import click
from rich.table import Table
from rich.text import Text

from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import say_json, show
from foretaste.outlook import scan as read
from foretaste.report.visible import visible
from foretaste.stages.scan import FailureKind, LogSummary


@click.command()
@click.argument("log")
@click.option("--format", "use", help="Its format; found by content if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--option", "more", multiple=True, help="Of the format: branches=all.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def scan(
    log: str, *, use: str | None, where: tuple[str, ...], more: tuple[str, ...], as_json: bool
) -> None:
    """What a log holds, what can be replayed, what it lacks. Offline and free.

    LOG is a file, a folder, a glob, or - for standard input; .gz, .zst and .zip
    are read as they are.
    """
    options = parse_tags(more, "--option branches=all")
    found = read(log, use=use, where=parse_tags(where), options=options)
    if as_json:
        say_json(found._asdict())
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _rows(found.format, found.log):
        table.add_row(name, Text(visible(value)))
    show(table)


def _rows(name: str, log: LogSummary) -> list[tuple[str, str]]:
    turns = f"{log.assistant_turns:,} assistant turns that can be replayed"
    span = f"{log.since:%Y-%m-%d} to {log.until:%Y-%m-%d}" if log.since and log.until else "unknown"
    whole = log.conversations
    rows = [
        ("format", name),
        ("conversations", f"{whole:,}"),
        ("turns", f"{turns}, in {log.replayable:,} conversations; {log.user_turns:,} by users"),
        ("models", _counts(log.models)),
        ("time", span),
        ("users", f"{log.users:,}" if log.users is not None else "unknown: the log names none"),
        ("languages", _counts(log.languages)),
    ]
    if log.tools:
        rows.append(("tools called", _counts(log.tools)))
    rows.append(("settings logged", shares(log.settings, whole) or "none"))
    rows += [("tags", f"{tag}: {_counts(values.most_common)}") for tag, values in log.tags.items()]
    if log.labels:
        rows.append(("labels", _counts(log.labels)))
    rows.append(("the log lacks", shares(log.gaps, whole) or "nothing that a replay needs"))
    rows += lost_rows(log.failures)
    tokens = f"{log.estimated_input_tokens:,} tokens in, {log.estimated_output_tokens:,} out"
    rows.append(("one replay of all", f"about {tokens} (characters / 4)"))
    return rows


def lost_rows(failures: Mapping[str, FailureKind]) -> list[tuple[str, str]]:
    """What could not be read, a row for each reason."""
    return [
        ("unreadable", f"{kind.count:,}: {reason} ({', '.join(kind.places)})")
        for reason, kind in failures.items()
    ]


def _counts(counts: Mapping[str, int], most: int = 8) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:most]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def shares(counts: Mapping[str, int], whole: int) -> str:
    """Each name with its share of all conversations."""
    return ", ".join(f"{name} ({count / whole:.0%})" for name, count in counts.items())
