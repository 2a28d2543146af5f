"""How a judge was asked, and who tried to steer it, as text that is ready to draw."""

from dataclasses import dataclass

from foretaste.findings import Study
from foretaste.report.ledger import Fact
from foretaste.report.visible import one_line
from foretaste.report.wording import list_of, of, share, some, tally


@dataclass(frozen=True, slots=True, kw_only=True)
class SteeringRow:
    """Attempts to steer the judge in one lane, or in what came before the answers."""

    where: str
    found: str
    kinds: str
    examples: tuple[str, ...]


def judging(study: Study) -> tuple[Fact, ...]:
    """Who judged, what was shown, and of how many behaviors a call asked; none without a judge."""
    grading = study.grading
    if grading is None or not grading.judges:
        return ()
    seen = [one_line(name) for name, shown in grading.reasoning.items() if shown]
    hidden = [one_line(name) for name, shown in grading.reasoning.items() if not shown]
    calls = "one behavior" if grading.panel == 1 else f"up to {grading.panel} behaviors"
    return tuple(
        Fact(name=name, text=text)
        for name, text in (
            ("Judge", " and ".join(one_line(name, 120) for name in grading.judges)),
            ("Asked in one call", calls),
            ("Reasoning of the answers", _reasoning(seen, hidden)),
        )
    )


def _reasoning(seen: list[str], hidden: list[str]) -> str:
    if seen and hidden:
        return f"shown to the judge of {list_of(seen)}; hidden for {list_of(hidden)}"
    return "shown to the judge" if seen else "hidden from the judge"


def steering_rows(study: Study) -> tuple[SteeringRow, ...]:
    """Attempts to steer the judge, by where they stand; none where nobody judged."""
    return tuple(
        SteeringRow(
            where=one_line(each.where),
            found=f"{of(each.found, each.looked)} ({share(each.found, each.looked)})",
            kinds=tally(each.kinds),
            examples=tuple(one_line(place, 240) for place in each.examples),
        )
        for each in (study.grading.steering if study.grading is not None else ())
    )


def steered(study: Study) -> str:
    """One line on attempts to steer the judge; empty where there was none."""
    rows = study.grading.steering if study.grading is not None else ()
    found = sum(each.found for each in rows)
    return f"{some(found, 'text')} with an attempt to steer the judge" if found else ""
