"""How right a sealed forecast was, as text that is ready to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from foretaste.findings import Study
from foretaste.forecasts import Forecast, ForecastError, Scorecard
from foretaste.methods import BASELINE
from foretaste.report.ledger import Fact
from foretaste.report.rows import Spread, at_most, primary, rank, unseen
from foretaste.report.split import SplitView, split_view
from foretaste.report.svg import Mark, Plot, plot
from foretaste.report.visible import one_line
from foretaste.report.wording import (
    NONE_SEEN,
    UNKNOWN,
    between,
    of,
    per_100k,
    sighted,
    some,
    times,
)

_UNCHANGED = "previous deployment"
_RIGHT = {None: UNKNOWN, True: "right", False: "wrong"}
_HELD = {None: UNKNOWN, True: "yes", False: "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One forecast beside what happened; rates per 100,000 turns, as text."""

    behavior: str
    today: str
    forecast: str
    interval: str  # what so many turns may show; empty where `forecast` says all there is to say
    realized: str
    counts: str
    error: str
    noise: str  # the error that equal rates would give
    direction: str  # right, wrong, unknown; small where production moved by less than 1.5x
    held: str
    bridge: str  # today's replayed rate over the sealed one; empty where no bridge was made
    ahead: Spread | None
    really: Spread | None

    @property
    def reading(self) -> str:
        """Forecast with its interval, as one phrase."""
        return f"{self.forecast} ({self.interval})" if self.interval else self.forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """A scorecard: medians, sentences, picture and rows."""

    label: str
    changed: str  # what to say where Foretaste's own code is not the one that sealed; else empty
    sentence: str
    facts: tuple[Fact, ...]
    plot: Plot
    rows: tuple[ScoreRow, ...]
    unseen: str
    split: SplitView | None


def changed_line(card: Scorecard) -> str:
    """What to know where the code is not the one that sealed; empty where it is."""
    if not card.pipeline_changed:
        return ""
    said = "Foretaste's own code is not the one that sealed this forecast"
    if card.bridge is None:
        return f"{said}; `foretaste bridge` tells what that changes."
    return f"{said}. Bridge: how many times the sealed replay's rate today's code gives."


def silent(card: Scorecard, study: Study) -> frozenset[str]:
    """Behaviors that neither the run nor production after release showed."""
    none = {e.behavior for e in card.behaviors if e.realized_n > 0 and e.realized_count == 0}
    return unseen(study) & none


def _loud(card: Scorecard, study: Study) -> list[ForecastError]:
    """The other behaviors, in the order of `rank`."""
    order, left_out = rank(study), silent(card, study)
    shown = [error for error in card.behaviors if error.behavior not in left_out]
    return sorted(shown, key=lambda e: (order.get(e.behavior, len(order)), e.behavior))


def silent_line(card: Scorecard, study: Study) -> str:
    """The behaviors of `silent` in one line; empty where there are none."""
    names = silent(card, study)
    return f"Seen neither in the run nor after: {at_most(study, names)}." if names else ""


def score_rows(card: Scorecard, study: Study) -> tuple[ScoreRow, ...]:
    """A row for each behavior with a sighting on either side."""
    forecasts = primary(study)
    return tuple(
        _row(error, forecasts.get(error.behavior), _bridge(card, error.behavior))
        for error in _loud(card, study)
    )


def _bridge(card: Scorecard, behavior: str) -> str:
    return times(card.bridge.get(behavior)) if card.bridge is not None else ""


def _row(error: ForecastError, forecast: Forecast | None, bridge: str) -> ScoreRow:
    graded = forecast.graded if forecast is not None else 0
    events = forecast.events if forecast is not None else 0
    known, none = graded > 0, graded > 0 and events == 0
    said = f"{NONE_SEEN}; up to {per_100k(error.upper, 0)}" if none else UNKNOWN
    rate = error.realized_rate if error.realized_n > 0 else None
    today = UNKNOWN
    if forecast is not None:
        today = sighted(forecast.today, forecast.today_present, forecast.today_graded)
    return ScoreRow(
        behavior=one_line(error.behavior),
        today=today,
        forecast=per_100k(error.forecast_rate, events) if events else said,
        interval=between(error.lower, error.upper, events) if events else "",
        realized=sighted(error.realized_rate, error.realized_count, error.realized_n),
        counts=of(error.realized_count, error.realized_n),
        error=times(error.multiplicative_error),
        noise=times(error.noise_error),
        direction="small" if error.moved is False else _RIGHT[error.direction_correct],
        held=_HELD[error.covered],
        bridge=bridge,
        ahead=(
            Spread(rate=None if none else error.forecast_rate, lower=error.lower, upper=error.upper)
            if known
            else None
        ),
        really=None if rate is None else Spread(rate=rate, lower=rate, upper=rate),
    )


def median_error(card: Scorecard) -> str:
    """The median error beside what chance alone and an unchanged production would give."""
    beside = [f"chance alone: {times(card.noise_multiplicative_error)}"]
    if BASELINE in card.alternatives:
        beside.append(f"{_UNCHANGED}: {times(card.alternatives[BASELINE])}")
    return f"{times(card.median_multiplicative_error)} ({'; '.join(beside)})"


def loud_error(card: Scorecard, study: Study) -> str:
    """The same without the behaviors of `silent`, which any forecast near zero gets right."""
    loud = _loud(card, study)
    error = _median([e.multiplicative_error for e in loud])
    noise = _median([e.noise_error for e in loud])
    names = {e.behavior for e in loud}
    before = [e for e in card.others if e.method == BASELINE and e.behavior in names]
    previous = _median([e.multiplicative_error for e in before])
    baseline = "" if previous is None else f"; {_UNCHANGED}: {times(previous)}"
    return f"{times(error)} (chance alone: {times(noise)}{baseline})"


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def direction(card: Scorecard) -> str:
    """How often the direction was right, in counts."""
    if card.directional_accuracy is None or card.direction_n <= 0:
        return f"{UNKNOWN} as no rate moved by 1.5x"
    right = round(card.directional_accuracy * card.direction_n)
    return f"{right} of {card.direction_n} that moved by 1.5x"


def held(card: Scorecard) -> str:
    """How many intervals held what happened, in counts."""
    known = [error.covered for error in card.behaviors if error.covered is not None]
    return of(sum(known), len(known))


def medians(card: Scorecard, study: Study) -> tuple[Fact, ...]:
    """The scorecard in numbers."""
    facts = [Fact(name="Median error", text=median_error(card))]
    left_out = len(silent(card, study))
    if left_out:
        count = len(card.behaviors) - left_out
        facts.append(
            Fact(
                name=f"Median error of the {some(count, 'behavior')} seen",
                text=loud_error(card, study),
            )
        )
    facts += [
        Fact(name=f"Median error, {one_line(name)}", text=times(error))
        for name, error in sorted(card.alternatives.items())
        if name != BASELINE
    ]
    return (
        *facts,
        Fact(name="Direction right", text=direction(card)),
        Fact(name="Intervals that held", text=held(card)),
    )


def off_by(card: Scorecard, study: Study) -> str:
    """How far off the forecast was, over the behaviors that were seen at all where there are any.

    A behavior that nobody sees is forecast right by anything near zero; many of them would make
    any median look good.
    """
    if card.median_multiplicative_error is None:
        return "how right the forecast was is unknown: no behavior could be scored"
    left_out, whole = len(silent(card, study)), len(card.behaviors)
    if not 0 < left_out < whole:
        return f"the forecast was off by {median_error(card)} in the median"
    seen = some(whole - left_out, "behavior")
    return (
        f"over the {seen} seen, the forecast was off by {loud_error(card, study)} in the median; "
        f"over all {whole}, by {times(card.median_multiplicative_error)}"
    )


def _sentence(card: Scorecard, study: Study) -> str:
    said = off_by(card, study)
    told = f"{said[0].upper()}{said[1:]}."
    if card.median_multiplicative_error is None:
        return told
    return f"{told} Direction right: {direction(card)}. Intervals that held: {held(card)}."


def score_view(label: str, card: Scorecard, study: Study) -> ScoreView:
    """Draw one scorecard up; `label` says on which log it was scored."""
    rows = score_rows(card, study)
    marks = [
        Mark(
            behavior=row.behavior,
            reading=row.reading,
            beside=f"happened {row.realized}",
            title=(
                f"{row.behavior}: forecast {row.reading}, happened {row.realized}, "
                "per 100,000 turns"
            ),
            ahead=row.ahead,
            now=row.really,
        )
        for row in rows
    ]
    return ScoreView(
        label=one_line(label),
        changed=changed_line(card),
        sentence=_sentence(card, study),
        facts=medians(card, study),
        plot=plot(marks, "what happened"),
        rows=rows,
        unseen=silent_line(card, study),
        split=split_view(card),
    )
