"""`foretaste run`: from the log to a sealed forecast and a report."""

import click
from rich.text import Text

from foretaste.cli.gate import exit_code
from foretaste.cli.terminal import announce, progress, say_json, show
from foretaste.findings import Study
from foretaste.pipeline import run as run_plan
from foretaste.report.budget import advice
from foretaste.report.summary import closing_line
from foretaste.report.terminal import table


@click.command()
@click.argument("plan", default="foretaste.yaml")
@click.option("--retry", is_flag=True, help="Ask again what failed in a finished run; seal anew.")
@click.option("--json", "as_json", is_flag=True, help="Print path, decision and forecasts as JSON.")
def run(plan: str, *, retry: bool, as_json: bool) -> int:
    """From the log to a sealed forecast and a report; goes on where it stopped."""
    with progress() as watch:
        path, study = run_plan(plan, watch=watch, announce=announce, retry=retry)
    if as_json:
        say_json({"run": path, "report": f"{path}/report.html", **_plain(study)})
    else:
        show(table(study), Text(closing_line(study, None, f"{path}/report.html"), "bold"))
    return exit_code(study.decision)


def _plain(study: Study) -> dict[str, object]:
    return {
        "decision": study.decision,
        "forecasts": study.sealed.forecasts,
        "method": study.sealed.method,
        "seal": study.sealed.seal,
        "learned": study.sealed.learned,
        "changes": study.changes,
        "fidelity": study.fidelity,
        "traffic": study.traffic,
        "would_help_most": advice(study),
        "lanes": study.account.lanes,
        "skipped": study.skipped,
        "screened": study.screened,
    }
