"""`foretaste card`: the section of a model card that a run gives, and whether one is still true."""

import sys
from typing import Literal

import click
from rich.text import Text

from foretaste.after.carding import card as make
from foretaste.after.carding import verify as hold
from foretaste.cards import Verified
from foretaste.cli.terminal import as_json_text, keep, say_json, show
from foretaste.report.card.model_index import front_matter
from foretaste.report.card.section import section
from foretaste.report.wording import some

Form = Literal["markdown", "json", "huggingface"]


class _Card(click.Group):
    """A group whose first command may be left out: `foretaste card runs/x`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named, or `write`."""
        if args[0] not in self.commands:
            args = ["write", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_Card, context_settings={"ignore_unknown_options": True})
def card() -> None:
    """Write the deployment-simulation section of a model card, or verify one.

    `foretaste card RUN` is short for `foretaste card write RUN`; a run's folder that is named like
    a command is `./verify`.
    """


@card.command()
@click.argument("path", metavar="RUN")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "huggingface"]),
    default="markdown",
    help="`json`: see `foretaste schema card`; `huggingface`: metadata for a model card's head.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as `--format json`.")
@click.option("-o", "--out", metavar="FILE", help="File to write; else it is printed.")
def write(path: str, *, form: Form, as_json: bool, out: str | None) -> None:
    """Write what a model card says of a finished run: forecasts, and how far they carry.

    No text of a conversation is in it, and no path of this machine. What was not measured is said.
    Reads every verdict, to make sure that the evidence still is what was sealed.
    """
    made = make(path)
    if as_json or form == "json":
        text = as_json_text(made)
    elif form == "huggingface":
        text = front_matter(made)
    else:
        text = section(made)
    if out is not None:
        keep(out, text)
    else:
        sys.stdout.write(text)


@card.command()
@click.argument("file", metavar="CARD")
@click.argument("path", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print what was checked as JSON.")
def verify(file: str, path: str, *, as_json: bool) -> int:
    """Hold a card against the run's sealed forecast: its seal, every figure and every name.

    CARD is a file with the section in Markdown, pasted into a longer model card or not, or JSON;
    metadata before the text is checked too. What the run learned since the card was written is
    told, and breaks nothing. Exit code 0: the card is whole; 1: it differs.
    """
    found = hold(file, path)
    if as_json:
        say_json(found)
    else:
        show(*_lines(found))
    return 0 if found.whole else 1


def _lines(found: Verified) -> list[Text]:
    if found.whole:
        lines = [Text(f"whole: {', '.join(found.checked)} of {found.file}", "green")]
        lines.append(Text(f"as sealed in {found.seal}"))
    else:
        count = len(found.discrepancies)
        lines = [Text(f"differs in {some(count, 'place')} from what was sealed", "bold red")]
    for each in found.discrepancies:
        lines.append(Text(f"- {each.place}: the card has {each.card}; the run gives {each.run}"))
    return lines + [Text(note, "yellow") for note in found.notes]
