"""The command line: ten verbs, each a file, each a few lines around a function of the library.

Exit codes: 0 pass, 1 hold, 2 the plan or the call is wrong, 3 not enough evidence, 4 the machine
failed, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from foretaste.errors import ForetasteError, InsufficientData, MachineFailed

WRONG, NOT_ENOUGH, BROKEN, INTERRUPTED = 2, 3, 4, 130

app = App(
    name="foretaste",
    help="Forecast a model's behavior before release by replaying real conversations.",
    help_epilogue="Start with `foretaste demo`, or with your own log: `foretaste scan LOG`.",
    version_flags=["--version"],
    version=lambda: _version(),
)

# Named by path, so that `--help` imports none of them: NumPy and SciPy alone take a second.
for _name, _help in {
    "scan": "What a log holds, what can be replayed, what it lacks. Offline and free.",
    "init": "Write a commented foretaste.yaml fitted to a log.",
    "plan": "What a plan will cost and what it can detect, before anything is spent.",
    "run": "From the log to a sealed forecast and a report; goes on where it stopped.",
    "report": "Draw a run's report again.",
    "gate": "Decide on a run: release, hold, or not enough evidence.",
    "validate": "Score a run's sealed forecast on a later production log.",
    "models": "List models that run on this machine, and install their weights.",
    "schema": "Print the JSON schema of foretaste.yaml.",
    "demo": "The whole line on real conversations and a real model, on this machine.",
}.items():
    app.command(f"foretaste.cli.{_name}:{_name}", name=_name, help=_help)


def _version() -> str:
    from foretaste.provenance import foretaste_version  # noqa: PLC0415  # only for --version

    return foretaste_version()


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    try:
        code = app(
            list(tokens) if tokens is not None else None,
            exit_on_error=False,
            result_action="return_value",
        )
        sys.stdout.flush()
    except CycloptsError:
        return WRONG  # already explained
    except InsufficientData as error:
        return _explain(error, NOT_ENOUGH)
    except MachineFailed as error:
        return _explain(error, BROKEN)
    except ForetasteError as error:
        return _explain(error, WRONG)
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`foretaste scan log | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _explain(error: ForetasteError, code: int) -> int:
    print(f"foretaste: {error}", file=sys.stderr)  # noqa: T201
    return code
