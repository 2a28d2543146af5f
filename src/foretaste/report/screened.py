"""How screened behaviors were graded, and what that bought, in words."""

from foretaste.findings import Study
from foretaste.report.ledger import Fact
from foretaste.report.visible import one_line
from foretaste.report.wording import PER, rounded
from foretaste.screenings import ScreenedRate


def screened_facts(study: Study) -> tuple[Fact, ...]:
    """A line for each screened behavior and lane."""
    return tuple(
        Fact(name=f"Screened: {one_line(each.behavior)}, {each.lane}", text=_said(each))
        for each in study.screened
    )


def _said(found: ScreenedRate) -> str:
    waves = " + ".join(f"{calls:,}" for calls in found.waves)
    return (
        f"the screen scored {found.scored:,}, the judge read {sum(found.waves):,} ({waves}), "
        f"{found.everywhere:,} of them spread over the low scores, and found {found.found:,}: "
        f"{_per(found.rate)} per 100,000, {_per(found.lower)} to {_per(found.upper)} if the screen "
        f"errs as screens do, {_per(found.sure_lower)} to {_per(found.sure_upper)} whatever it "
        f"misses; as many random calls give an interval {found.times_narrower:.1f} times as wide "
        "as the first"
    )


def _per(rate: float) -> str:
    return rounded(rate * PER)
