"""A decision as Markdown, for a pull request: numbers and reasons, no word of a conversation."""

import re

from foretaste.findings import Ruling, Study
from foretaste.records import Lane
from foretaste.report.conclusions import fidelity
from foretaste.report.ledger import models
from foretaste.report.limits import LimitRow, limit_rows
from foretaste.report.visible import one_line
from foretaste.report.wording import some

MARKS = {
    Ruling.RELEASE: "\N{WHITE HEAVY CHECK MARK}",
    Ruling.HOLD: "\N{NO ENTRY}",
    Ruling.NOT_ENOUGH_EVIDENCE: "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}",
}
_COLUMNS = (
    "Behavior",
    "Limit",
    "Ruling",
    "Found [95 % interval]",
    "Candidate",
    "Incumbent",
    "Ungraded",
    "Floor",
    "Why",
)
# What Markdown, HTML in it, or a mention would make something of.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&$])")


def markdown(study: Study, path: str) -> str:
    """The gate's answer as a heading, a table and what it rests on.

    Args:
        study: of a finished run.
        path: of its folder, where the report with the examples is.
    """
    rows = limit_rows(study)
    ruling = study.decision.ruling if study.decision is not None else None
    mark = f"{MARKS[ruling]} {ruling}" if ruling is not None else "no limits set"
    account = study.account
    users = f" of {some(account.users, 'user')}" if account.users is not None else ""
    lines = [
        f"### Foretaste: {mark}",
        "",
        (
            f"{_escaped(models(study, Lane.CANDIDATE))} against "
            f"{_escaped(models(study, Lane.INCUMBENT))}, on {account.prefixes:,} prefixes{users}."
        ),
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
        *(_line(row) for row in rows),
        "",
        (
            "Rates and floors are per 100,000 turns; the floor is the rate at which one sighting "
            "was 95 % likely. Ungraded: answers that no grader could say of, or that failed."
        ),
        "",
        _escaped(fidelity(study).sentence),
        "",
        (
            f"Report with examples: `{one_line(path).replace('`', '')}/report.html` · "
            f"seal `{one_line(study.sealed.seal)[:12]}`"
        ),
    ]
    return "\n".join(lines) + "\n"


def _line(row: LimitRow) -> str:
    ruling = f"{MARKS[row.ruling]} {row.ruling}"
    told = (row.behavior, row.limit, ruling, row.reading, row.counts, row.before or "-")
    cells = (*told, row.ungraded, row.floor, row.reason)
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
