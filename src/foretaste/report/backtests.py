"""A backtest as a table for the terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.backtests import Backtest
from foretaste.methods import BASELINE
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, list_of, some, tally, times
from foretaste.stats.track import TrackRecord

_LEGEND = (
    "Error: how many times one rate is the other. Direction: right where production moved by 1.5x; "
    "a tie is wrong. NLL: nats a forecast, lower is better. "
    "Held: share of outcomes within the 50, 80 and 90 % intervals."
)


def table(found: Backtest) -> RenderableType:
    """Every forecast method's track record, best known first, with what chance alone gives."""
    rows = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    rows.add_column("Method", no_wrap=True)
    columns = ("Median error", "Mean error", "Direction", "NLL", "Held 50/80/90", "r", "Forecasts")
    for name in columns:
        rows.add_column(name, justify="right")
    for name, record in found.models.items():
        style = "bold" if name == found.default else ""
        rows.add_row(*(Text(text, style=style) for text in _row(name, record)))
    return Group(
        Text(_title(found), style="bold"),
        Text(_LEGEND, style="dim"),
        Text(),
        rows,
        Text(),
        *(Text.assemble((f"{name}: ", "bold"), text) for name, text in _facts(found)),
    )


def _title(found: Backtest) -> str:
    return (
        f"{some(found.transitions, 'transition')} between {some(len(found.releases), 'release')}, "
        f"{some(len(found.behaviors), 'behavior')}"
    )


def _row(name: str, record: TrackRecord) -> tuple[str, ...]:
    held = (record.coverage_50, record.coverage_80, record.coverage_90)
    return (
        one_line(name),
        f"{record.median_multiplicative_error:.2f}x",
        f"{record.mean_multiplicative_error:.2f}x",
        _direction(name, record),
        f"{record.nll:.3f}",
        "/".join(f"{100 * share:.0f}" for share in held),
        UNKNOWN if record.log_rate_correlation is None else f"{record.log_rate_correlation:.2f}",
        f"{record.n:,}",
    )


def _direction(name: str, record: TrackRecord) -> str:
    if record.directional_accuracy is None:
        return UNKNOWN
    if name == BASELINE:
        return "says none"
    return f"{100 * record.directional_accuracy:.0f} % of {record.direction_n:,}"


def _facts(found: Backtest) -> list[tuple[str, str]]:
    facts = [
        ("Chance alone", f"a perfect forecast would be off by {times(found.noise_error)}"),
        ("Prompts", f"{found.prompts_before:,} before a release, {found.prompts_after:,} after it"),
    ]
    same = found.same_model
    if same is None:
        facts.append(("Same model twice", f"{UNKNOWN}: no log holds two answers to one prompt"))
    else:
        error = times(same.median_multiplicative_error)
        facts.append(
            ("Same model twice", f"off by {error} (chance alone: {times(same.noise_error)})")
        )
    if found.skipped:
        facts.append(("Transitions left out", tally(found.skipped)))
    if found.unseen:
        facts.append(
            ("Seen in no release, not scored", list_of([one_line(name) for name in found.unseen]))
        )
    return facts
