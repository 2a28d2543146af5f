"""What a ledger tells: every forecast, and how right it was, in numbers and as a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.ledger import Ledger, ScoredEntry, SealedEntry, Story
from foretaste.methods import BASELINE
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, of, some, times

_HEAD = (
    "Error: how many times one rate is the other, median and mean over the behaviors that were "
    "seen; by chance: the median that equal rates would give. Right: directions, of the behaviors "
    "that moved by 1.5x. Held: 95 % intervals, of all behaviors. Past: scored forecasts that it "
    "learned from."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How right forecasts were; errors are over the behaviors that were seen before or after."""

    log: str  # empty where there are several
    behaviors: int
    seen: int
    median_error: float | None
    mean_error: float | None
    noise_error: float | None  # median that equal rates would give
    unseen_too: float | None  # median error over all behaviors
    directions: int  # right
    moved: int  # of so many that moved by 1.5x
    held: int  # intervals
    intervals: int
    unchanged: float | None  # median error of "production goes on as before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One forecast of a ledger."""

    line: int
    sealed_at: str
    run: str
    seal: str
    models: dict[str, str]
    method: str
    behaviors: int
    learned: int  # scored forecasts that it learned from
    scores: tuple[Score, ...]  # the latest on each log; empty: not scored yet


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A whole ledger."""

    path: str
    whole: bool  # whether the chain holds
    faults: tuple[str, ...]
    forecasts: tuple[Told, ...]
    totals: Score | None  # over all scorings; None: there are none


def history(ledger: Ledger) -> History:
    """Every forecast of a ledger with its scores, and all of them together."""
    stories = ledger.stories()
    pairs = [(story.sealed, scored) for story in stories for scored in story.scored]
    return History(
        path=ledger.path,
        whole=not ledger.faults,
        faults=ledger.faults,
        forecasts=tuple(_told(story) for story in stories),
        totals=_score("", pairs) if pairs else None,
    )


def _told(story: Story) -> Told:
    sealed = story.sealed
    return Told(
        line=story.line,
        sealed_at=sealed.sealed_at,
        run=sealed.run,
        seal=sealed.seal,
        models=sealed.models,
        method=sealed.method,
        behaviors=len(sealed.forecasts),
        learned=sealed.learned.forecasts,
        scores=tuple(_score(scored.log, [(sealed, scored)]) for scored in story.scored),
    )


def _score(log: str, pairs: list[tuple[SealedEntry, ScoredEntry]]) -> Score:
    every = [(scored, name) for _, scored in pairs for name in scored.errors]
    seen = [(scored, name) for sealed, scored in pairs for name in _seen(sealed, scored)]
    errors = _known(scored.errors.get(name) for scored, name in seen)
    noise = _known(scored.noise.get(name) for scored, name in seen)
    whole = _known(scored.errors.get(name) for scored, name in every)
    before = _known(scored.others.get(BASELINE, {}).get(name) for scored, name in seen)
    directions = [right for _, scored in pairs for right in scored.directions.values()]
    covered = [held for _, scored in pairs for held in scored.covered.values()]
    return Score(
        log=log,
        behaviors=len(every),
        seen=len(seen),
        median_error=median(errors) if errors else None,
        mean_error=fmean(errors) if errors else None,
        noise_error=median(noise) if noise else None,
        unseen_too=median(whole) if whole else None,
        directions=sum(directions),
        moved=len(directions),
        held=sum(covered),
        intervals=len(covered),
        unchanged=median(before) if before else None,
    )


def _seen(sealed: SealedEntry, scored: ScoredEntry) -> list[str]:
    """Behaviors with a sighting in any lane or after release."""
    found = []
    for name in scored.errors:
        own = sealed.evidence.get(name)
        lanes = (own.recorded, own.incumbent, own.candidate) if own is not None else ()
        if any(k > 0 for k, _ in lanes) or scored.shown.get(name, (0, 0))[0]:
            found.append(name)
    return found


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def ledger_table(told: History) -> RenderableType:
    """A line for each forecast and log, and the totals; readable from 80 columns up."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("Sealed", no_wrap=True)
    table.add_column("Run, candidate, log", overflow="fold")
    for column in ("Past", "Seen", "Median", "Mean", "Chance", "Right", "Held"):
        table.add_column(column, no_wrap=True)
    for each in told.forecasts:
        model = one_line(each.models.get("candidate", UNKNOWN), 60)
        name = Text.assemble(one_line(each.run), "\n", (model, "dim"))
        first = (each.sealed_at[:10], name, str(each.learned))
        if not each.scores:
            table.add_row(*first, *(Text("-", style="dim") for _ in range(6)))
        for score in each.scores:
            first[1].append(f"\n{one_line(score.log)}", style="dim")
            table.add_row(*first, *_cells(score))
            first = ("", Text(one_line(each.run)), "")
    count = some(len(told.forecasts), "sealed forecast")
    return Group(
        Text(f"{count} in {one_line(told.path, 400)}", "bold"),
        Text(_HEAD, style="dim"),
        Text(),
        table,
        Text(),
        *_totals(told),
    )


def _cells(score: Score) -> tuple[Text, ...]:
    return (
        Text(f"{score.seen}/{score.behaviors}"),
        Text(times(score.median_error)),
        Text(times(score.mean_error)),
        Text(times(score.noise_error), style="dim"),
        Text(f"{score.directions}/{score.moved}" if score.moved else "none"),
        Text(f"{score.held}/{score.intervals}" if score.intervals else UNKNOWN),
    )


def _totals(told: History) -> list[Text]:
    chain = "whole" if told.whole else "NOT WHOLE"
    style = "green" if told.whole else "bold red"
    lines = [Text.assemble(("Chain: ", "bold"), (chain, style))]
    waiting = sum(not each.scores for each in told.forecasts)
    if waiting:
        said = f"{waiting:,} not scored yet: `foretaste validate RUN --log LOG`"
        lines.insert(0, Text(said, style="dim"))
    if told.totals is None:
        return lines
    all_, scorings = told.totals, sum(len(each.scores) for each in told.forecasts)
    unchanged = "" if all_.unchanged is None else f"; previous deployment: {times(all_.unchanged)}"
    return [
        Text.assemble(
            (f"Over {some(scorings, 'scoring')}: ", "bold"),
            f"error {times(all_.median_error)} in the median, {times(all_.mean_error)} in the "
            f"mean (chance alone: {times(all_.noise_error)}{unchanged}), over the "
            f"{some(all_.seen, 'behavior')} seen; {times(all_.unseen_too)} in the median over all "
            f"{all_.behaviors:,}.",
        ),
        Text.assemble(("Directions right: ", "bold"), of(all_.directions, all_.moved)),
        Text.assemble(("Intervals that held: ", "bold"), of(all_.held, all_.intervals)),
        *lines,
    ]
