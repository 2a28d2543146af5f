"""`foretaste watch`: for cron; compares when the default model changes."""

import sys
from pathlib import Path

import click
from rich.text import Text

from foretaste.cli.terminal import announce, errors, progress, say_json, show
from foretaste.errors import PlanError
from foretaste.pairs import Comparison
from foretaste.personal.cases import FOLDER
from foretaste.personal.diff import COUNT, PAGE
from foretaste.personal.places import chosen, found
from foretaste.personal.settings import default_model
from foretaste.personal.watching import Looked, look, state_file
from foretaste.report.sides.page import noise_sentence
from foretaste.report.visible import one_line

DIFFERS, NOT_KNOWN = 1, 3
_CODES = {True: DIFFERS, False: 0, None: NOT_KNOWN}


@click.command()
@click.argument("log", required=False)
@click.option("--model", metavar="NAME", help="What is the default model now.")
@click.option(
    "--settings",
    metavar="FILE",
    help="Take its name from there: Claude Code's settings.json, or Codex's config.toml.",
)
@click.option("--baseline", metavar="OLD", help="The old model, as `foretaste diff` takes it.")
@click.option(
    "--usd", type=float, default=0.0, help="What a comparison may cost at most. Default: nothing."
)
@click.option("--unpriced", is_flag=True, help="Go on where a price is not known.")
@click.option("--now", "at_once", is_flag=True, help="Compare at the first look too.")
@click.option(
    "-n", "count", type=click.IntRange(1), default=COUNT, help=f"Turns. Default: {COUNT}."
)
@click.option("--state", metavar="FILE", help="Remember there. Default: in your data folder.")
@click.option("--runs", default="runs", show_default=True, help="Folder for comparisons.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def watch(
    log: str | None,
    *,
    model: str | None,
    settings: str | None,
    baseline: str | None,
    usd: float,
    unpriced: bool,
    at_once: bool,
    count: int,
    state: str | None,
    runs: str,
    use: str | None,
    as_json: bool,
) -> int:
    """Compare when the default model is another than last time; else do and print nothing.

    LOG is a set that `foretaste save` keeps, or any log; left out, the folder `cases`, else the
    newest history on this machine. The first look only remembers the model's name.

    Exit codes: 0 nothing new, or no more different than the old model from itself; 1 it differs by
    more; 3 compared, and whether it differs by more is not known; 2 and 4 as ever, and the next
    look tries again.
    """
    if (model is None) == (settings is None):
        raise PlanError("say which model is the default now: --model NAME, or --settings FILE")
    name = model if model is not None else default_model(str(settings))
    if log is None and Path(FOLDER).is_dir():
        log = FOLDER
    elif log is None:
        log, own = chosen(found())
        use = use or own
    file = Path(state) if state else state_file(log)
    with progress() as bars:
        looked = look(
            log,
            model=name,
            part={"use": "openai", "model": name} if model is None else None,
            state=file,
            usd=usd,
            unpriced=unpriced,
            at_once=at_once,
            baseline=baseline,
            count=count,
            use=use,
            runs=runs,
            watch=bars,
            announce=announce,
        )
    compared = looked.comparison
    if as_json:
        say_json({**looked._asdict(), "state": str(file)})
    elif compared is not None:
        _say(looked, compared)
    elif sys.stderr.isatty():
        errors.print(Text(_nothing(looked, file)))
    return 0 if compared is None else _code(compared)


def _code(compared: Comparison) -> int:
    return NOT_KNOWN if compared.noise is None else _CODES[compared.noise.larger]


def _say(looked: Looked, compared: Comparison) -> None:
    name, before = one_line(looked.model, 80), one_line(looked.before or "", 80)
    was = f"the default model was {before} and is {name}" if before else f"the model is {name}"
    answered = sum(pair.new is not None for pair in compared.pairs)
    flagged = sum(any(not flag.noise for flag in pair.flags) for pair in compared.pairs)
    show(
        Text(was, "bold"),
        Text(noise_sentence(compared.noise)),
        Text(f"{answered} of {len(compared.pairs)} turns answered, {flagged} with a flag"),
        Text(f"page: {compared.path}/{PAGE}", "bold"),
    )


def _nothing(looked: Looked, file: Path) -> str:
    if looked.busy:
        return "another watch is at work"
    name = one_line(looked.model, 80)
    if looked.before is None:
        return f"{name} is remembered in {file}; another name will be compared, --now does at once"
    return f"nothing new: the model is {name} as before"
