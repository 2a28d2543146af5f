"""`foretaste seal`: write a sealed forecast out, and into the ledger."""

from typing import Literal

import click
from rich.text import Text

from foretaste.after.publication import Published
from foretaste.after.publication import seal as publish
from foretaste.cli.terminal import say_json, show


@click.command()
@click.argument("path", metavar="RUN")
@click.option("--ledger", metavar="PATH", help="A ledger other than the plan's.")
@click.option(
    "--git",
    type=click.Choice(["note", "commit"]),
    help="Let git bear witness: commit the files, or attach the seal to HEAD as a note.",
)
@click.option("--json", "as_json", is_flag=True, help="Print seal, paths and checks as JSON.")
def seal(
    path: str, *, ledger: str | None, git: Literal["note", "commit"] | None, as_json: bool
) -> None:
    """Write a run's sealed forecast out, with all behind it, and into the ledger.

    Done twice, it changes nothing.
    """
    done = publish(path, ledger=ledger, git=git)
    if as_json:
        say_json(done)
    else:
        show(*_lines(done))


def _lines(done: Published) -> list[Text]:
    facts = [
        ("seal", done.seal),
        ("sealed at", done.sealed_at),
        ("forecast", done.forecast),
        ("sha256", done.sha256),
        ("environment", done.environment),
        ("ledger", f"{done.ledger}, line {done.line}"),
    ]
    if done.git:
        facts.append((done.git, done.commit if done.new else f"{done.commit} (as before)"))
    lines = [Text.assemble((f"{name:<12} ", "bold"), text) for name, text in facts]
    if done.checks:
        lines += [Text(), Text("What lets others check that the forecast came first:", "bold")]
        lines += [Text(f"- {check}") for check in done.checks]
    return lines
