"""Rows of the gate: each limit with what was found, as text that is ready to draw."""

from dataclasses import dataclass

from foretaste.findings import Estimate, Limit, LimitRuling, Reading, Ruling, Study
from foretaste.records import Lane
from foretaste.report.visible import one_line
from foretaste.report.wording import NONE_SEEN, PER, UNKNOWN, of, rounded, share, times

_LONGEST = 400  # characters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit of the plan, and what the run found; rates per 100,000 turns, as text."""

    behavior: str
    limit: str
    ruling: Ruling
    found: str  # rate or ratio of the graded answers
    interval: str  # its 95 % interval
    counts: str  # the candidate's sightings among its graded turns
    before: str  # the same of the incumbent; empty where it was not replayed or not asked for
    ungraded: str  # share of the candidate's answers that no grader could say of, or that failed
    floor: str  # rate at which one sighting was 95 % likely
    reason: str

    @property
    def reading(self) -> str:
        """What was found with its interval, as one phrase."""
        return f"{self.found} [{self.interval}]" if self.interval else self.found


def limit_rows(study: Study) -> tuple[LimitRow, ...]:
    """A row for each limit, in the plan's order; none where the plan sets none."""
    found = {(each.behavior, each.lane): each for each in study.estimates}
    rulings = study.decision.rulings if study.decision is not None else ()
    return tuple(
        _row(
            each,
            found.get((each.limit.behavior, Lane.CANDIDATE)),
            found.get((each.limit.behavior, Lane.INCUMBENT)),
        )
        for each in rulings
    )


def limit_name(limit: Limit) -> str:
    """A limit as a few words: `at most 20 per 100k`, `at most 1.5x the incumbent`."""
    number = f"{limit.increase}x the incumbent"
    if limit.per_100k is not None:
        number = f"{limit.per_100k:,g} per 100k"
    return f"at most {number}" + (", by the rate alone" if limit.decide_on == "rate" else "")


def _row(ruling: LimitRuling, after: Estimate | None, before: Estimate | None) -> LimitRow:
    limit = ruling.limit
    found, interval = _read(ruling.graded, limit)
    if after is not None and after.present == 0 < after.graded and limit.per_100k is not None:
        found = NONE_SEEN
    lost = after.ungraded + after.missing if after is not None else 0
    return LimitRow(
        behavior=one_line(limit.behavior),
        limit=limit_name(limit),
        ruling=ruling.ruling,
        found=found,
        interval=interval,
        counts=of(after.present, after.graded) if after is not None else UNKNOWN,
        before=of(before.present, before.graded)
        if before is not None and limit.increase is not None
        else "",
        ungraded=share(lost, after.graded + lost) if after is not None else UNKNOWN,
        floor=rounded(after.floor * PER) if after is not None and after.floor else UNKNOWN,
        reason=one_line(ruling.reason, _LONGEST),
    )


def _read(reading: Reading | None, limit: Limit) -> tuple[str, str]:
    if reading is None:
        return UNKNOWN, ""
    say = rounded if limit.per_100k is not None else times
    upper = "no end" if reading.upper is None else say(reading.upper)
    return say(reading.value), f"{say(reading.lower)} to {upper}"
