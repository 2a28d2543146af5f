"""Numbers as a person reads them. A value that is missing is a word, never a zero."""

from collections.abc import Callable, Mapping
from math import floor, log10

from foretaste.findings import Direction
from foretaste.report.visible import one_line

UNKNOWN = "unknown"
NONE_SEEN = "none seen"
PER = 100_000
_MOVES = {Direction.UP: "rises", Direction.DOWN: "falls", Direction.UNCLEAR: "not enough evidence"}
_LEAST = 0.01  # per 100,000: smaller is noise of the arithmetic to a reader
_FEW = 100  # sightings under which a rate's third digit says nothing


def digits(seen: int) -> int:
    """Significant digits that a rate deserves, by the sightings behind it."""
    return 2 if seen < _FEW else 3


def rounded(value: float, digits: int = 3) -> str:
    """So many significant digits from 100 up, whole numbers from 10, two digits below."""
    size = abs(value)
    if size == 0:
        return "0"
    if size < _LEAST:
        return f"below {_LEAST}" if value > 0 else f"above -{_LEAST}"
    if size < 10:
        return f"{value:.{1 - floor(log10(size))}f}" if size < 1 else f"{value:.1f}"
    if size < 100:
        return f"{value:.0f}"
    return f"{round(value, digits - 1 - floor(log10(size))):,.0f}"


def per_100k(rate: float | None, seen: int) -> str:
    """A rate (share of turns, 0 to 1) per 100,000 turns; `seen` sightings are behind it."""
    return UNKNOWN if rate is None else rounded(rate * PER, digits(seen))


def between(
    lower: float | None,
    upper: float | None,
    seen: int,
    say: Callable[[float | None, int], str] = per_100k,
) -> str:
    """An interval of rates per 100,000 turns; of differences with `say=signed`."""
    if lower is None or upper is None:
        return UNKNOWN
    return f"{say(lower, seen)} to {say(upper, seen)}"


def signed(rate: float | None, seen: int) -> str:
    """A difference of rates per 100,000 turns, with its sign."""
    text = per_100k(rate, seen)
    return f"+{text}" if rate is not None and rate > 0 else text.replace("-", "\N{MINUS SIGN}")


def times(ratio: float | None) -> str:
    """A ratio, as in 1.4x."""
    if ratio is None:
        return UNKNOWN
    if ratio < 0.01:
        return "below 0.01x"
    if ratio < 1:
        return f"{ratio:.2f}x"
    return f"{ratio:.1f}x" if ratio < 10 else f"{rounded(ratio)}x"


def chance(p: float | None) -> str:
    """A p or q value."""
    if p is None:
        return UNKNOWN
    return "below 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent; unknown where there is no whole."""
    if whole <= 0:
        return UNKNOWN
    percent = 100 * part / whole
    if part and percent < 0.1:
        return "under 0.1 %"
    if part < whole and percent > 99.9:
        return "over 99.9 %"
    return f"{percent:.0f} %" if percent in {0, 100} or percent >= 10 else f"{percent:.1f} %"


def percent(part: float) -> str:
    """A share between 0 and 1 in whole percent; what is neither none nor all does not become it."""
    if 0 < part < 0.005:
        return "under 1 %"
    if 0.995 <= part < 1:
        return "over 99 %"
    return f"{100 * part:.0f} %"


def of(part: int, whole: int) -> str:
    """A count out of a count; unknown where there is no whole."""
    return f"{part:,} of {whole:,}" if whole > 0 else UNKNOWN


def sighted(rate: float | None, present: int, graded: int) -> str:
    """A rate per 100,000 that tells apart nothing graded, nothing seen, and a rate."""
    if graded <= 0 or rate is None:
        return UNKNOWN
    return NONE_SEEN if present == 0 else per_100k(rate, present)


def moves(direction: Direction) -> str:
    """Which way a rate moved, as a verb."""
    return _MOVES[direction]


def some(count: int, noun: str) -> str:
    """A count and its noun: 1 turn, 2 turns."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def tally(counts: Mapping[str, int], nothing: str = "none") -> str:
    """Names with their counts, most frequent first, on one line."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(f"{one_line(name, 120)} ({count:,})" for name, count in ranked) or nothing


def list_of(names: list[str]) -> str:
    """Names as English joins them: a, b and c."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
