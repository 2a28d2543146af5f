"""What is known beside a sealed forecast: later findings, and how right forecasts were."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from foretaste.awareness import Awareness
from foretaste.cards import Basis, Errors
from foretaste.contrasts import Realism
from foretaste.discoveries import Discovery
from foretaste.findings import Study
from foretaste.forecasts import Scorecard
from foretaste.ledger import Ledger
from foretaste.report.past import history
from foretaste.report.scores import silent
from foretaste.report.visible import one_line
from foretaste.reviews import Reviewed


class Beside(NamedTuple):
    """What was found of a run after it was sealed, and how right earlier forecasts were."""

    basis: Basis
    past: Errors | None = None
    scored: Sequence[Errors] = ()
    discoveries: Sequence[Discovery] = ()
    awareness: Sequence[Awareness] = ()
    realism: Sequence[Realism] = ()
    reviewed: Sequence[Reviewed] = ()


def errors_of(log: str, card: Scorecard, study: Study) -> Errors:
    """How right this forecast was on one log."""
    hidden = silent(card, study)
    seen = [each for each in card.behaviors if each.behavior not in hidden]
    covered = [each.covered for each in card.behaviors if each.covered is not None]
    return Errors(
        log=one_line(log),
        forecasts=1,
        behaviors=len(seen),
        median=_median([each.multiplicative_error for each in seen]),
        noise=_median([each.noise_error for each in seen]),
        all_behaviors=len(card.behaviors),
        median_of_all=card.median_multiplicative_error,
        directions=round((card.directional_accuracy or 0.0) * card.direction_n),
        moved=card.direction_n,
        held=sum(covered),
        intervals=len(covered),
    )


def past_errors(ledger: Ledger, seal: str) -> Errors | None:
    """How right the other forecasts of a ledger were; None where none was scored."""
    others = tuple(each for each in ledger.lines if getattr(each.entry, "seal", None) != seal)
    told = history(replace(ledger, lines=others))
    if told.totals is None:
        return None
    return Errors(
        log="",
        forecasts=sum(bool(each.scores) for each in told.forecasts),
        behaviors=told.totals.seen,
        median=told.totals.median_error,
        noise=told.totals.noise_error,
        all_behaviors=told.totals.behaviors,
        median_of_all=told.totals.unseen_too,
        directions=told.totals.directions,
        moved=told.totals.moved,
        held=told.totals.held,
        intervals=told.totals.intervals,
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
