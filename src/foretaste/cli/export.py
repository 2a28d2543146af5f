"""`foretaste export`: what a run found, for other tools."""

import os
from urllib.parse import urlsplit

import click
from rich.table import Table
from rich.text import Text

from foretaste.after.exporting import Exported
from foretaste.after.exporting import export as written
from foretaste.cli.terminal import progress, say_json, show
from foretaste.errors import PlanError
from foretaste.registry import options, resolve
from foretaste.report.visible import visible

_TABLES = ("csv", "parquet", "inspect")  # which stand alone: nobody looks traces up by them


@click.command()
@click.argument("path", metavar="RUN")
@click.argument("out", required=False)
@click.option("--to", required=True, help="csv, parquet, inspect, otlp, langfuse or phoenix.")
@click.option("--endpoint", help="OTLP/HTTP address to send to, like http://localhost:4318.")
@click.option("--no-text", is_flag=True, help="Leave out what was said and what graders quote.")
@click.option("--force", is_flag=True, help="Write over files that are there; send again.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(
    path: str,
    out: str | None,
    *,
    to: str,
    endpoint: str | None,
    no_text: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write a finished run's verdicts, rates and forecasts for another tool.

    OUT is a folder; without it RUN/export/TO. With otlp, what has no OUT is sent: to --endpoint,
    else to OTEL_EXPORTER_OTLP_ENDPOINT; headers come from OTEL_EXPORTER_OTLP_HEADERS and are never
    kept. Texts are those of the run: scrubbed.
    """
    more = _sending(to, out, endpoint)
    with progress() as watch:
        done = written(path, to=to, out=out, text=not no_text, force=force, watch=watch, **more)
    if as_json:
        say_json(done._asdict())
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _rows(done, more.get("endpoint", "")):
        table.add_row(name, Text(visible(value)))
    show(table)


def _sending(to: str, out: str | None, endpoint: str | None) -> dict[str, str]:
    """Options for sending, where it is asked for.

    Raises:
        PlanError: it is asked for of a form that is only written, or beside a folder.
    """
    if "endpoint" not in options(resolve("exporters", to)):
        if endpoint is not None:
            raise PlanError("--endpoint goes with --to otlp; other forms are files")
        return {}
    if endpoint is not None and out is not None:
        raise PlanError("name OUT for files, or --endpoint to send; not both")
    address = endpoint or ("" if out else os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""))
    headers = os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
    return {"endpoint": address, "headers": headers} if address else {}


def _rows(done: Exported, endpoint: str) -> list[tuple[str, str]]:
    counts = dict(done.counts)
    verdicts, linked = counts.pop("verdicts", 0), counts.pop("linked", 0)
    rows = [("written", f"{', '.join(done.files)} in {done.out}")]
    if endpoint:
        rows = [("sent", f"{counts.pop('sent', 0):,} events to {urlsplit(endpoint).hostname}")]
    rows.append(("verdicts", f"{verdicts:,}"))
    rows += [(name, f"{count:,}") for name, count in counts.items() if count]
    if done.to not in _TABLES:
        lead = f"{linked:,} of {verdicts:,} verdicts lead to the log's own traces"
        why = "" if linked else ": this log has none that a tool could look up; the ids are ours"
        rows.append(("linked", lead + why))
    said = "scrubbed texts of the run: look before you share it" if done.text else "none"
    return [*rows, ("texts", said)]
