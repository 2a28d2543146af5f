"""The command line: verbs, each a file of a few lines around a function of the library.

Exit codes: 0 pass, 1 hold, 2 the plan or the call is wrong, 3 not enough evidence, 4 the machine
failed, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from foretaste.errors import ForetasteError, InsufficientData, MachineFailed
from foretaste.report.visible import one_line

WRONG, NOT_ENOUGH, BROKEN, INTERRUPTED = 2, 3, 4, 130
LONGEST = 2_000  # characters of an error's line

VERBS = {
    "record": "Write the calls of an application down: a proxy for OpenAI's and Anthropic's APIs.",
    "scan": "What a log holds, what can be replayed, what it lacks. Offline and free.",
    "convert": "Write a log in another format: OpenAI chat, ATIF, Inspect's .eval, Parquet.",
    "init": "Write a commented foretaste.yaml fitted to a log.",
    "plan": "What a plan will cost and what it can detect, before anything is spent.",
    "run": "From the log to a sealed forecast and a report; goes on where it stopped.",
    "report": "Draw a run's report again.",
    "gate": "Decide on a run: release, hold, or not enough evidence.",
    "card": "Write a run's section of a model card, or verify one against the seal.",
    "seal": "Write a run's sealed forecast out, and into the ledger; git can bear witness.",
    "validate": "Score a run's sealed forecast on a later production log.",
    "ledger": "List every sealed forecast with its scores, and check the chain.",
    "export": "Write findings for other tools: CSV, Parquet, Inspect, OTLP, Langfuse, Phoenix.",
    "bridge": "What today's pipeline changes on a sealed run's own prefixes.",
    "realism": "How well a run's simulated tools can be told from the real ones.",
    "discover": "What nobody listed: how two lanes of a run differ, without a list of behaviors.",
    "awareness": "Whether a run's models notice that they are tested.",
    "review": "People label turns in the browser, which mends the judge's rate.",
    "save": "Keep conversations as real cases, de-identified, to replay with every new model.",
    "watch": "Compare when the default model changes: for cron.",
    "screen": "Train a screen on a run's verdicts and labels, or on a labelled log.",
    "judge": "How far a judge can be trusted: repeats, order, its own model, labels.",
    "backtest": "What past releases' logs say of the forecasts that could have been made.",
    "simulator": "How true simulated tools are, against recorded trajectories.",
    "behavior": "Write a behavior of your own, check its file, and try its grader on labels.",
    "diff": "Your own last turns, answered by a new model: what would be different? No plan.",
    "models": "List models that run on this machine, and install their weights.",
    "mcp": "Serve tools to an agent over MCP: scan, plan, run, read findings, gate.",
    "schema": "Print the JSON schema of foretaste.yaml, or of a card.",
    "demo": "The whole line on real conversations and a real model, on this machine.",
}


class Verbs(click.Group):
    """Imports a verb when it is called: `--help` must not wait for NumPy and SciPy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order in which they are used."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None where there is no such verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"foretaste.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or name the nearest one."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            near = get_close_matches(name, VERBS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"verbs: {', '.join(VERBS)}"
            ctx.fail(f"no verb {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        from foretaste.provenance import foretaste_version  # noqa: PLC0415  # only for this

        click.echo(foretaste_version())
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `foretaste demo`, or with your own log: `foretaste scan LOG`.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
def app() -> None:
    """Forecast a model's behavior before release by replaying real conversations."""


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    try:
        code = app.main(
            list(tokens) if tokens is not None else None, "foretaste", standalone_mode=False
        )
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG
    except InsufficientData as error:
        return _explain(error, NOT_ENOUGH)
    except MachineFailed as error:
        return _explain(error, BROKEN)
    except ForetasteError as error:
        return _explain(error, WRONG)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped; the same command goes on from here", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`foretaste scan log | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _explain(error: ForetasteError, code: int) -> int:
    # Some name what a log or a server said.
    click.echo(f"foretaste: {one_line(str(error), LONGEST)}", err=True)
    return code
