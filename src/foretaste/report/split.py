"""Where a forecast's error came from, as text that is ready to draw."""

from dataclasses import dataclass

from foretaste.forecasts import Factor, Scorecard
from foretaste.report.ledger import Fact
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, of, some, times

SPLIT_NOTE = (
    "The bare replay over production = changed users (the candidate on the old prefixes over the "
    "candidate on its own) x the replay itself (the candidate on its own prefixes over its "
    "production). Other methods than the direct one mend a part of this."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    """One behavior's error and its two parts, each with its 95 % interval."""

    behavior: str
    whole: str
    shift: str
    fidelity: str
    shift_clear: bool  # whether the interval leaves 1 out
    fidelity_clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """The split in rows and medians."""

    rows: tuple[SplitRow, ...]
    facts: tuple[Fact, ...]
    note: str = SPLIT_NOTE


def split_view(card: Scorecard) -> SplitView | None:
    """Draw the split up; None where the release was not replayed."""
    found = card.split
    if found is None:
        return None
    shown = [each for each in found.behaviors if each.sightings]
    over = f", over {some(found.seen, 'behavior')} seen" if found.seen else ""
    return SplitView(
        rows=tuple(
            SplitRow(
                behavior=one_line(each.behavior),
                whole=_factor(each.whole),
                shift=_factor(each.shift),
                fidelity=_factor(each.fidelity),
                shift_clear=_clear(each.shift),
                fidelity_clear=_clear(each.fidelity),
            )
            for each in shown
        ),
        facts=(
            Fact(name="Bare replay", text=_median(found.whole, found.whole_noise) + over),
            Fact(name="Changed users", text=_median(found.shift, found.shift_noise)),
            Fact(name="The replay itself", text=_median(found.fidelity, found.fidelity_noise)),
            Fact(name="Replayed after release", text=f"{of(found.answered, found.turns)} turns"),
        ),
    )


def _factor(factor: Factor | None) -> str:
    if factor is None:
        return UNKNOWN
    lower, upper = times(factor.lower).removesuffix("x"), times(factor.upper).removesuffix("x")
    return f"{times(factor.value)} [{lower}\N{EN DASH}{upper}]"


def _clear(factor: Factor | None) -> bool:
    return factor is not None and not factor.lower <= 1 <= factor.upper


def _median(error: float | None, noise: float | None) -> str:
    return f"{times(error)} in the median (chance alone: {times(noise)})"
