"""A decision as Markdown, for a pull request: numbers and reasons, no word of a conversation."""

from foretaste.findings import Ruling, Study
from foretaste.records import Lane
from foretaste.report.conclusions import fidelity
from foretaste.report.gating.limits import LimitRow, limit_rows
from foretaste.report.ledger import models
from foretaste.report.markdown import code, prose, table
from foretaste.report.wording import some

MARKS = {
    Ruling.RELEASE: "\N{WHITE HEAVY CHECK MARK}",
    Ruling.HOLD: "\N{NO ENTRY}",
    Ruling.NOT_ENOUGH_EVIDENCE: "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}",
}
LONGEST = 1_000  # characters of a path
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


def summary(study: Study, path: str) -> str:
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
            f"{prose(models(study, Lane.CANDIDATE))} against "
            f"{prose(models(study, Lane.INCUMBENT))}, on {account.prefixes:,} prefixes{users}."
        ),
        "",
        *table(_COLUMNS, map(_cells, rows)),
        "",
        (
            "Rates and floors are per 100,000 turns; the floor is the rate at which one sighting "
            "was 95 % likely. Ungraded: answers that no grader could say of, or that failed."
        ),
        "",
        prose(fidelity(study).sentence),
        "",
        (
            f"Report with examples: {code(f'{path}/report.html', LONGEST)} · "
            f"seal {code(study.sealed.seal[:12])}"
        ),
    ]
    return "\n".join(lines) + "\n"


def _cells(row: LimitRow) -> list[str]:
    ruling = f"{MARKS[row.ruling]} {row.ruling}"
    told = (row.behavior, row.limit, ruling, row.reading, row.counts, row.before or "-")
    return [prose(cell) for cell in (*told, row.ungraded, row.floor, row.reason)]
