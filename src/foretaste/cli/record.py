"""`foretaste record`: a team without logs starts today."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click
from rich.live import Live
from rich.text import Text

from foretaste.cli.terminal import errors, show
from foretaste.recording.routes import ANTHROPIC, OPENAI, RECORDED, Routes
from foretaste.recording.serving import HERE, recording
from foretaste.recording.writing import Log, Tally


@click.command()
@click.option("--to", "folder", required=True, metavar="FOLDER", help="Where the log grows.")
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True)
@click.option(
    "--openai",
    default=OPENAI,
    metavar="URL",
    show_default=True,
    help="What OPENAI_BASE_URL was before.",
)
@click.option(
    "--anthropic",
    default=ANTHROPIC,
    metavar="URL",
    show_default=True,
    help="What ANTHROPIC_BASE_URL was before.",
)
def record(folder: str, *, port: int, openai: str, anthropic: str) -> None:
    """Write down what an application asks of its provider, as a log that every verb reads.

    A proxy on this machine: answers go through untouched and at once, streams too. Keys and headers
    are never written. Ctrl-C ends it.
    """
    routes = Routes(openai=openai, anthropic=anthropic)
    with Log(Path(folder)) as log:
        asyncio.run(_until_stopped(routes, log, port))
    show(_counted(log.tally))
    for name in RECORDED.values():
        if (log.folder / name).is_dir():
            show(Text(f"look at it: foretaste scan {log.folder / name}"))


async def _until_stopped(routes: Routes, log: Log, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with recording(routes, log, port=port) as bound:
        click.echo(_notice(log.folder, bound), err=True)
        with Live(console=errors, auto_refresh=False, transient=True) as live:
            while not stopped.is_set():
                live.update(_counted(log.tally), refresh=errors.is_terminal)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), 1)


def _notice(folder: Path, port: int) -> str:
    paths = ", ".join(RECORDED)
    return (
        f"recording what is asked and answered over {paths}, texts of users included, in {folder}\n"
        "tell those whose words these are; keys and headers are never written; Ctrl-C ends it\n"
        f"export OPENAI_BASE_URL=http://{HERE}:{port}/v1\n"
        f"export ANTHROPIC_BASE_URL=http://{HERE}:{port}"
    )


def _counted(tally: Tally) -> Text:
    said = Text(f"{tally.recorded:,} calls recorded")
    for count, what in (
        (tally.failed, "failed at the provider"),
        (tally.unread, "without an answer that can be written down"),
        (tally.lost, "could not be written"),
        (tally.dropped, "too long or too many to write"),
    ):
        if count:
            said.append(f", {count:,} {what}", "yellow")
    if tally.reason:
        said.append(f" ({tally.reason})", "yellow")
    return said
