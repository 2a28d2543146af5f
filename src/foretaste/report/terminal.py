"""Tables for the terminal, readable from 80 columns up.

Every text goes in as `rich.text.Text`, so nothing that a log or a model said is read as markup.
"""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.findings import ForecastError, Scorecard, Study
from foretaste.report.conclusions import decision, fidelity, headline
from foretaste.report.ledger import losses
from foretaste.report.rows import change_rows, forecast_rows
from foretaste.report.summary import direction
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, between, of, per_100k, times

_RATES = "Rates per 100,000 turns, with 95 % intervals."
_EVIDENCE = "+ and -: turns that show it with the candidate alone, with the incumbent alone."
_STYLES = {"up": "bold yellow", "down": "bold cyan", "unclear": "dim"}
_ARROWS = {"up": "↑", "down": "↓", "unclear": "·"}
_RULINGS = {"release": "bold green", "hold": "bold red"}


_WIDEST_NAME = 22


def _table(names: list[str], *columns: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)
    widest = max(map(len, names), default=0)
    table.add_column("Behavior", overflow="fold", min_width=min(widest, _WIDEST_NAME))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _stack(first: str, second: str) -> Text:
    return Text.assemble(first, ("\n" + second if second else "", "dim"))


def table(study: Study) -> RenderableType:
    """What a run found: each behavior's rate today and forecast, its change and the evidence."""
    title = headline(study)
    forecasts = forecast_rows(study)
    rows = _table([row.behavior for row in forecasts], "Today", "Forecast", "Change", "Evidence")
    changes = {row.behavior: row for row in change_rows(study, study.changes)}
    for row in forecasts:
        change = changes.get(row.behavior)
        sign = change.sign if change is not None else "unclear"
        word = change.direction if change is not None else UNKNOWN
        evidence = f"q {change.q_value}" if change is not None else UNKNOWN
        only = f"+{change.only_after} -{change.only_before}" if change is not None else ""
        rows.add_row(
            Text(row.behavior),
            _stack(row.today, row.today_counts),
            _stack(row.forecast, row.interval),
            Text(f"{_ARROWS[sign]} {word}", style=_STYLES[sign]),
            _stack(evidence, only),
        )
    ruling = decision(study).ruling
    return Group(
        Text(title.title, style="bold"),
        Text(_RATES, style="dim"),
        Text(_EVIDENCE, style="dim"),
        Text(),
        rows,
        Text(),
        _line("Decision", ruling, _RULINGS.get(ruling, "bold yellow")),
        _line("Fidelity", fidelity(study).sentence),
        *(_line(fact.name, fact.text) for fact in losses(study) if fact.text != "none"),
        *(_line("Not graded", f"{one_line(n)}: {one_line(w)}") for n, w in study.skipped.items()),
    )


def _line(name: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"{name}: ", "bold"), (text, style))


_RIGHT = {None: UNKNOWN, True: "right", False: "wrong"}
_COVERED = {None: UNKNOWN, True: "yes", False: "no"}


def _scored(error: ForecastError) -> list[Text]:
    moved = _RIGHT[error.direction_correct]
    if error.moved is False:
        moved = f"{moved} (small)"
    return [
        Text(one_line(error.behavior)),
        _stack(per_100k(error.forecast_rate), between(error.lower, error.upper)),
        _stack(
            per_100k(error.realized_rate) if error.realized_n > 0 else UNKNOWN,
            of(error.realized_count, error.realized_n),
        ),
        _stack(times(error.multiplicative_error), f"chance {times(error.noise_error)}"),
        Text(moved),
        Text(_COVERED[error.covered]),
    ]


def scorecard(card: Scorecard) -> RenderableType:
    """How right a sealed forecast was, behavior by behavior and in the median."""
    names = [one_line(error.behavior) for error in card.behaviors]
    rows = _table(names, "Forecast", "Realized", "Error", "Direction", "Covered")
    for error in card.behaviors:
        rows.add_row(*_scored(error))
    coverage = UNKNOWN if card.coverage is None else f"{100 * card.coverage:.0f} %"
    others = [
        _line(f"Median error, {one_line(name)}", times(error))
        for name, error in sorted(card.alternatives.items())
    ]
    return Group(
        Text("How right the forecast was", style="bold"),
        Text(_RATES, style="dim"),
        Text(),
        rows,
        Text(),
        _line(
            "Median error",
            f"{times(card.median_multiplicative_error)} "
            f"(chance alone: {times(card.noise_multiplicative_error)})",
        ),
        *others,
        _line("Direction", direction(card)),
        _line("Intervals that held", coverage),
    )
