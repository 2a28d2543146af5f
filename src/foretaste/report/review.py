"""What people's labels make of the judges' rates, for the page and for the terminal."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.findings import Study
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, between, of, per_100k, some
from foretaste.reviews import Concord, Measured, Reviewed

NOT_ENOUGH = "not enough evidence"
NOTE = (
    "People labelled turns that were drawn with known chances. Rates per 100,000 turns; in "
    "brackets 95 % limits. Corrected figures stand beside the sealed forecast: it was made from "
    "the judge's own."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One behavior in one lane, in words."""

    behavior: str
    lane: str
    raw: str
    raw_interval: str
    rate: str
    interval: str
    labels: str
    more: str  # on the labels
    sensitivity: str
    specificity: str
    agreement: str
    agreement_more: str


def review_rows(study: Study, found: Iterable[Reviewed]) -> tuple[ReviewRow, ...]:
    """All that is said of people's labels."""
    limits = {(e.behavior, e.lane): (e.lower, e.upper) for e in study.estimates}
    return tuple(
        _row(each, *limits.get((each.behavior, each.lane), (None, None))) for each in found
    )


def review_table(study: Study, found: Iterable[Reviewed]) -> RenderableType:
    """The same for the terminal."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for name in ("Behavior", "Judge", "Corrected", "Labels", "Judge is right of", "Annotators"):
        table.add_column(name, overflow="fold")
    for row in review_rows(study, found):
        table.add_row(
            Text(f"{row.behavior}\n{row.lane}"),
            Text(f"{row.raw}\n[{row.raw_interval}]"),
            Text(f"{row.rate}\n{f'[{row.interval}]' if row.interval else ''}"),
            Text(f"{row.labels}\n{row.more}"),
            Text(f"present {row.sensitivity}\nabsent {row.specificity}"),
            Text(f"{row.agreement}\n{row.agreement_more}"),
        )
    return Group(Text("What people say of the judge", "bold"), Text(NOTE, "dim"), table)


def _row(each: Reviewed, lower: float | None, upper: float | None) -> ReviewRow:
    return ReviewRow(
        behavior=one_line(each.behavior),
        lane=each.lane.value,
        raw=per_100k(each.raw, each.flagged),
        raw_interval=between(lower, upper, each.flagged),
        rate=_rate(each),
        interval=_interval(each),
        labels=f"{each.labelled:,} of {each.drawn + each.from_log:,}",
        more=_more(each),
        sensitivity=_share(each.sensitivity),
        specificity=_share(each.specificity),
        agreement=_coefficient("kappa", each.concord.kappa) if each.concord else UNKNOWN,
        agreement_more=_concord(each.concord) if each.concord else "no turn was labelled twice",
    )


def _rate(each: Reviewed) -> str:
    return NOT_ENOUGH if each.rate is None else per_100k(each.rate, each.present)


def _interval(each: Reviewed) -> str:
    if each.rate is None:
        return one_line(each.why, 200)
    if each.scored is not None and each.lower is not None and each.sure_lower is not None:
        first = between(each.lower, each.upper, each.present)
        sure = between(each.sure_lower, each.sure_upper, each.present)
        return f"{first} if the screen errs as screens do; {sure} whatever it misses"
    if each.upper is None:
        return f"from {per_100k(each.lower, each.present)}; misses are unknown"
    return between(each.lower, each.upper, each.present)


def _more(each: Reviewed) -> str:
    log = f"{each.from_log:,} of them in the log" if each.from_log else ""
    if each.at_random:
        log += ", taken as drawn at random"
    sampled = each.scored is not None and each.labelled
    said = (
        f"{each.present:,} present",
        f"{each.open:,} disputed or unsure" if each.open else "",
        f"{each.skipped:,} skipped" if each.skipped else "",
        f"of {each.judged:,} judged of {each.scored:,} that a screen scored" if sampled else "",
        log,
    )
    return "; ".join(filter(None, said))


def _share(found: Measured | None) -> str:
    if found is None:
        return NOT_ENOUGH
    return f"{100 * found.value:.0f} % [{100 * found.lower:.0f} to {100 * found.upper:.0f}]"


def _coefficient(name: str, found: Measured | None) -> str:
    if found is None:
        return f"{name} {NOT_ENOUGH}"
    text = f"{name} {found.value:.2f} [{found.lower:.2f} to {found.upper:.2f}]"
    return text.replace("-", "\N{MINUS SIGN}")


def _concord(found: Concord) -> str:
    people = some(found.annotators, "annotator")
    return f"{_coefficient('alpha', found.alpha)}; {people}, same on {of(found.same, found.items)}"
