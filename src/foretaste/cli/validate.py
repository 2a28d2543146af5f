"""`foretaste validate`: score a sealed forecast on a later production log."""

from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from foretaste.cli.screen import errors, progress, say_json, show
from foretaste.cli.tags import parse_tags
from foretaste.release import validate as score
from foretaste.report.terminal import scorecard


def validate(
    path: str,
    /,
    *,
    log: str,
    use: str | None = None,
    where: tuple[str, ...] = (),
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Score a run's sealed forecast on a production log of the released candidate.

    Args:
        path: the run's folder.
        log: the later log: file, folder or glob.
        use: its format; found by content if left out.
        where: keep only records with this tag, as name=value.
        json: print the scores as JSON.
    """
    with progress() as watch:
        card = score(path, log, use=use, where=parse_tags(where), watch=watch)
    if card.pipeline_changed:
        errors.print(Text("Foretaste's code is not the one that sealed this forecast", "yellow"))
    if json:
        say_json(card)
    else:
        show(scorecard(card))
