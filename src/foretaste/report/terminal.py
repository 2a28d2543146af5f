"""Tables for the terminal: one line for each behavior, readable from 80 columns up.

Every text goes in as `rich.text.Text`, so nothing that a log or a model said is read as markup.
"""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.findings import Study
from foretaste.forecasts import Scorecard
from foretaste.report.budget import advice
from foretaste.report.conclusions import decision, fidelity, headline
from foretaste.report.judging import steered
from foretaste.report.ledger import losses, not_graded
from foretaste.report.rows import (
    ChangeRow,
    ForecastRow,
    change_rows,
    forecast_rows,
    unseen,
    unseen_line,
)
from foretaste.report.scores import medians, score_rows, silent_line
from foretaste.report.screened import screened_facts
from foretaste.report.split import split_view
from foretaste.report.traffic import supposed_line, traffic_view
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, some

_RATES = "Per 100,000 turns, with [95 % intervals]."
_EVIDENCE = (
    "+ and -: turns that only the candidate, only the incumbent shows. "
    "unclear: not enough evidence of change."
)
_SCORES = (
    "Error: how many times one rate is the other. "
    "Moved: the direction, small where production moved by less than 1.5x."
)
_STYLES = {"up": "bold yellow", "down": "bold cyan", "unclear": "dim"}
_WORDS = {"up": "↑ rises", "down": "↓ falls", "unclear": "· unclear"}
_RULINGS = {"release": "bold green", "hold": "bold red"}
_VERDICTS = {"wrong": "yellow", "no": "yellow", "small": "dim"}

_WIDEST_NAME = 22


def _table(names: Sequence[str], *columns: str) -> Table:
    """A table whose third column, the forecast, is the one that gives way where it is narrow."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    widest = max(map(len, names), default=0)
    table.add_column("Behavior", overflow="fold", min_width=min(widest, _WIDEST_NAME))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column != "Forecast")
    return table


def _forecast(forecast: str, interval: str) -> Text:
    """A forecast with its interval, short enough for one line."""
    short = interval.replace(" to ", "\N{EN DASH}")
    return Text.assemble(forecast, (f" [{short}]" if short else "", "dim"))


def _found(row: ForecastRow, change: ChangeRow | None) -> list[Text]:
    if change is None:
        moved = q = only = Text(UNKNOWN, style="dim")
    else:
        moved = Text(_WORDS[change.sign], style=_STYLES[change.sign])
        q = Text(change.q_value.replace("below ", "<"))
        only = Text(f"+{change.only_after} -{change.only_before}")
    return [
        Text(row.behavior),
        Text(row.today),
        _forecast(row.forecast, row.interval),
        moved,
        q,
        only,
    ]


def table(study: Study) -> RenderableType:
    """What a run found: each behavior's rate today and forecast, its change and the evidence."""
    silent = {one_line(name) for name in unseen(study)}
    shown = [row for row in forecast_rows(study) if row.behavior not in silent]
    changes = {row.behavior: row for row in change_rows(study, study.changes)}
    rows = _table([row.behavior for row in shown], "Today", "Forecast", "Change", "q", "+ -")
    for row in shown:
        rows.add_row(*_found(row, changes.get(row.behavior)))
    ruling = decision(study).ruling
    return Group(
        Text(headline(study).title, style="bold"),
        Text(f"{_RATES} {_EVIDENCE}", style="dim"),
        Text(),
        rows,
        *_closing(unseen_line(study)),
        Text(),
        _line("Decision", ruling, _RULINGS.get(ruling, "bold yellow")),
        _line("Fidelity", fidelity(study).sentence),
        *_learned(study),
        *_traffic(study),
        *(_line(fact.name, fact.text) for fact in screened_facts(study)),
        *_named("Would help most", advice(study)),
        *(_line(fact.name, fact.text) for fact in losses(study) if fact.text not in {"none", "0"}),
        *(_line("Steering", text) for text in [steered(study)] if text),
        *(_line("Not graded", f"{fact.text} ({fact.name})") for fact in not_graded(study)),
    )


def _learned(study: Study) -> list[Text]:
    count = study.sealed.learned.forecasts
    return [_line("Learned from", some(count, "scored forecast"))] if count else []


def _closing(line: str) -> list[Text]:
    return [Text(line, style="dim")] if line else []


def _traffic(study: Study) -> list[Text]:
    """Which traffic the forecast is for, and what may be wrong with that."""
    view = traffic_view(study.traffic)
    lines = [_line("Traffic", view.sentence)] if view else []
    lines += [_line("Traffic", each, "yellow") for each in (view.warnings if view else ())]
    return [*lines, *_named("Unseen traffic", supposed_line(study))]


def _named(name: str, text: str) -> list[Text]:
    return [_line(name, text)] if text else []


def _line(name: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"{name}: ", "bold"), (text, style))


def scorecard(card: Scorecard, study: Study) -> RenderableType:
    """How right a run's sealed forecast was, behavior by behavior and in the median."""
    shown = score_rows(card, study)
    bridge = ("Bridge",) if card.bridge is not None else ()
    columns = ("Forecast", "Happened", "Error", "Chance", "Moved", "Held", *bridge)
    rows = _table([row.behavior for row in shown], *columns)
    for row in shown:
        rows.add_row(
            Text(row.behavior),
            _forecast(row.forecast, row.interval),
            Text(row.realized),
            Text(row.error),
            Text(row.noise, style="dim"),
            Text(row.direction, style=_VERDICTS.get(row.direction, "")),
            Text(row.held, style=_VERDICTS.get(row.held, "")),
            *(Text(row.bridge) for _ in bridge),
        )
    return Group(
        Text("How right the forecast was", style="bold"),
        Text(f"{_RATES} {_SCORES}", style="dim"),
        Text(),
        rows,
        *_closing(silent_line(card, study)),
        Text(),
        *(_line(fact.name, fact.text) for fact in medians(card, study)),
        *_split(card),
    )


def _split(card: Scorecard) -> list[RenderableType]:
    """Where the error came from, if the release was replayed."""
    found = split_view(card)
    if found is None:
        return []
    rows = _table([row.behavior for row in found.rows], "Bare replay", "Users", "Replay itself")
    for row in found.rows:
        rows.add_row(
            Text(row.behavior),
            Text(row.whole),
            Text(row.shift, style="yellow" if row.shift_clear else ""),
            Text(row.fidelity, style="yellow" if row.fidelity_clear else ""),
        )
    return [
        Text(),
        Text("Where the error came from", style="bold"),
        Text(found.note, style="dim"),
        Text(),
        rows,
        Text(),
        *(_line(fact.name, fact.text) for fact in found.facts),
    ]
