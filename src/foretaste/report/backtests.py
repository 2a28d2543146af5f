"""A backtest as a table for the terminal, and the lines that page and terminal share."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.backtests import Backtest
from foretaste.methods import BASELINE
from foretaste.report.misses import Miss, misses, named, worst
from foretaste.report.visible import one_line
from foretaste.report.wording import NONE_SEEN, UNKNOWN, list_of, rounded, some, tally, times
from foretaste.stats.track import TrackRecord

PERCENT = 100
LEGEND = (
    "Median and mean: error, how many times one rate is the other. Direction: right where "
    "production moved by 1.5x; a tie is wrong. NLL: nats a forecast, lower is better. Held: share "
    "of outcomes within the 50, 80 and 90 % intervals. r: correlation of the logarithms of "
    "forecast and realized rate. n: forecasts."
)
COLUMNS = ("Method", "Median", "Mean", "Direction", "NLL", "Held", "r", "n")
_MOST = 5  # misses that the terminal shows
_WIDE = "Release"  # the column that gives way


def table(found: Backtest) -> RenderableType:
    """Every forecast method's track record, best known first, with what chance alone gives."""
    rows = _table(*COLUMNS)
    for name, record in found.models.items():
        style = "bold" if name == found.default else ""
        rows.add_row(*(Text(text, style=style) for text in row(name, record)))
    missed = _table("Furthest from luck", "Forecast", "Happened", "Error", _WIDE)
    for miss in worst(misses(found.points, named), _MOST):
        missed.add_row(*(Text(text) for text in _miss(miss)))
    return Group(
        Text(title(found), style="bold"),
        Text(LEGEND, style="dim"),
        Text(),
        rows,
        Text(),
        missed,
        Text(),
        *(Text.assemble((f"{name}: ", "bold"), text) for name, text in facts(found)),
    )


def title(found: Backtest) -> str:
    """How much was scored."""
    return (
        f"{some(found.transitions, 'transition')} between {some(len(found.releases), 'release')}, "
        f"{some(len(found.behaviors), 'behavior')}"
    )


def row(name: str, record: TrackRecord) -> tuple[str, ...]:
    """A method's numbers, under `COLUMNS`."""
    held = (record.coverage_50, record.coverage_80, record.coverage_90)
    return (
        one_line(name),
        f"{record.median_multiplicative_error:.2f}x",
        f"{record.mean_multiplicative_error:.2f}x",
        _direction(name, record),
        f"{record.nll:.3f}",
        "/".join(f"{PERCENT * share:.0f}" for share in held),
        UNKNOWN if record.log_rate_correlation is None else f"{record.log_rate_correlation:.2f}",
        f"{record.n:,}",
    )


def percent(rate: float, seen: float) -> str:
    """A rate as a share of turns; `seen` sightings are behind it."""
    return f"{rounded(PERCENT * rate)} %" if seen else NONE_SEEN


def facts(found: Backtest) -> list[tuple[str, str]]:
    """What stands beside the table."""
    lines = [
        ("Chance alone", f"a perfect forecast would be off by {times(found.noise_error)}"),
        ("Prompts", f"{found.prompts_before:,} before a release, {found.prompts_after:,} after it"),
    ]
    same = found.same_model
    if same is None:
        lines.append(("Same model twice", f"{UNKNOWN}: no log holds two answers to one prompt"))
    else:
        error = times(same.median_multiplicative_error)
        lines.append(
            ("Same model twice", f"off by {error} (chance alone: {times(same.noise_error)})")
        )
    if found.skipped:
        lines.append(("Transitions left out", tally(found.skipped)))
    if found.unseen:
        lines.append(
            ("Seen in no release, not scored", list_of([one_line(name) for name in found.unseen]))
        )
    return lines


def _table(*names: str) -> Table:
    made = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for name in names:
        wide = name == _WIDE
        left = wide or name == names[0]
        made.add_column(name, justify="left" if left else "right", no_wrap=not wide)
    return made


def _direction(name: str, record: TrackRecord) -> str:
    if record.directional_accuracy is None:
        return UNKNOWN
    if name == BASELINE:
        return "says none"
    return f"{PERCENT * record.directional_accuracy:.0f} % of {record.direction_n:,}"


def _miss(miss: Miss) -> tuple[str, ...]:
    point = miss.point
    return (
        one_line(point.behavior),
        f"{rounded(PERCENT * point.named)} %",
        percent(point.realized_count / point.realized_n, point.realized_count),
        times(max(miss.ratio, 1 / miss.ratio)),
        one_line(f"{point.after}, from {point.before}"),
    )
