"""`foretaste diff`: the last real turns, answered by a new model."""

import sys
import webbrowser
from pathlib import Path

import click
from rich.text import Text

from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import Bars, announce, errors, progress, say_json, show
from foretaste.errors import PlanError
from foretaste.pairs import Common, Comparison, SideBySide
from foretaste.personal.diff import COUNT, PAGE, Confirm
from foretaste.personal.diff import diff as compare
from foretaste.personal.places import chosen, found
from foretaste.report.sides.page import noise_sentence
from foretaste.report.visible import one_line
from foretaste.stages.preview import Cost

_PAIRS, _FLAGS, _COMMON = 5, 3, 5  # that are printed; the page has all
_LONGEST = 300  # characters of a line that quotes a model


@click.command()
@click.argument("log", required=False)
@click.option(
    "--model", required=True, metavar="NEW", help="The new model, like openai/gpt-x or smollm2."
)
@click.option(
    "--baseline",
    metavar="OLD",
    help="The old one, asked again as noise control; none: nobody. Default: the log's own model, "
    "where NEW is behind a server.",
)
@click.option(
    "-n", "count", type=click.IntRange(1), default=COUNT, help=f"Turns. Default: {COUNT}."
)
@click.option("--yes", is_flag=True, help="Do not ask before money is spent.")
@click.option("--out", metavar="FOLDER", help="Keep everything there. Default: runs/diff-<id>.")
@click.option("--no-open", is_flag=True, help="Do not open the page in the browser.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def diff(
    log: str | None,
    *,
    model: str,
    baseline: str | None,
    count: int,
    yes: bool,
    out: str | None,
    no_open: bool,
    use: str | None,
    where: tuple[str, ...],
    as_json: bool,
) -> None:
    """Let a new model answer your own last turns, and see old beside new. No plan, no judge.

    LOG is a file, a folder or a glob: sessions of Claude Code or Codex, an export of ChatGPT or
    Claude.ai, or any other log that `scan` reads. Left out, the sessions on this machine are
    taken. The turns are de-identified before any model sees them, and the price is asked for
    first. Stopped, the same command goes on, and pays for nothing twice.
    """
    if log is None:
        log, own = chosen(found(), _prompt if _is_asked() else None)
        use = use or own
        errors.print(Text(f"log: {log}"))
    with progress() as bars:
        made = compare(
            log,
            model=model,
            baseline=baseline,
            count=count,
            path=out,
            use=use,
            where=parse_tags(where),
            watch=bars,
            announce=announce,
            confirm=_consent(bars, given=yes),
        )
    if as_json:
        say_json(made)
        return
    page = Path(made.path, PAGE).resolve()
    show(*_summary(made), Text(f"page: {made.path}/{PAGE}", "bold"))
    if not no_open and sys.stdout.isatty():
        webbrowser.open(page.as_uri())


def _is_asked() -> bool:
    return sys.stdin.isatty()


def _prompt(question: str) -> str:
    return str(click.prompt(question, err=True))


def _consent(bars: Bars, *, given: bool) -> Confirm:
    def ask(_: tuple[Cost, ...]) -> bool:
        if given:
            return True
        if not _is_asked():
            raise PlanError("this may cost money, and there is no terminal to ask at: say --yes")
        with bars.held():
            return click.confirm("Ask them?", abort=True, err=True)

    return ask


def _summary(made: Comparison) -> list[Text]:
    new = sum(pair.new is not None for pair in made.pairs)
    lines = [
        Text(f"{made.new} beside {made.old}: {new} of {len(made.pairs)} turns answered", "bold"),
        Text(noise_sentence(made.noise)),
    ]
    if made.common:
        lines += [Text("\nIn several turns", "bold"), *map(_shared, made.common[:_COMMON])]
    shown = [pair for pair in made.pairs if pair.flags][:_PAIRS]
    if shown:
        lines.append(Text("\nMost different", "bold"))
    for number, pair in enumerate(shown, start=1):
        lines += _turn(number, pair)
    lines.append(Text(""))
    reasons = dict.fromkeys(one_line(each.reason, _LONGEST) for each in made.failures)
    lines += [Text(f"failed: {reason}", "red") for reason in list(reasons)[:_FLAGS]]
    lines += [Text(one_line(note, _LONGEST), "dim") for note in made.notes]
    return lines


def _shared(common: Common) -> Text:
    own = f"; the old model in {common.own}" if common.own is not None else ""
    return Text(f"  {one_line(common.says, _LONGEST)}: {common.count} of {common.of}{own}")


def _turn(number: int, pair: SideBySide) -> list[Text]:
    asked = next((m.content for m in reversed(pair.prefix.messages) if m.role == "user"), "")
    lines = [Text(f"  {number}. {one_line(asked, 80)}  ({one_line(pair.source, 80)})")]
    for flag in pair.flags[:_FLAGS]:
        alike = " So does the old model, asked again." if flag.noise else ""
        style = "dim" if flag.noise else ""
        lines.append(Text(f"     {one_line(flag.says, _LONGEST)}{alike}", style))
    return lines
