"""`foretaste report`: draw a run's report again."""

from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from foretaste.cli.screen import say_json, show
from foretaste.release import open_study
from foretaste.release import report as draw
from foretaste.report.terminal import table


def report(path: str, /, *, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Draw a run's report again.

    Args:
        path: the run's folder.
        json: print everything the report is drawn from as JSON.
    """
    page = draw(path)
    study = open_study(path)
    if json:
        say_json(study)
    else:
        show(table(study), Text(f"report: {page}"))
