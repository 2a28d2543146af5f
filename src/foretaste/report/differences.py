"""Differences between two lanes as a reader sees them."""

import re
from dataclasses import dataclass

from foretaste.discoveries import Difference, Passed, Seen, Sighting
from foretaste.records import Lane
from foretaste.report.examples import Piece
from foretaste.report.visible import clipped, one_line
from foretaste.report.wording import UNKNOWN, chance, of, rounded, some
from foretaste.stats.paired import sign_test_floor

_QUOTED = 1_200  # characters of a turn
_NAMED = 12  # features that are folded into another
_WIDE = 120  # characters of a feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one lane said, with the feature marked where it can be found."""

    lane: str
    pieces: tuple[Piece, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingView:
    """One place at which it shows: the turn that shows it, and the other lane's."""

    prefix: str
    sides: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceView:
    """One difference in words."""

    kind: str
    what: str
    sign: str  # up or down: the color it is drawn in
    direction: str
    before: str
    after: str
    difference: str
    interval: str
    q_value: str
    evidence: str
    strength: str
    counts: str
    users: str
    also: str
    sightings: tuple[SightingView, ...]


def percent(rate: float | None) -> str:
    """A share between 0 and 1 in percent, two digits below ten."""
    if rate is None:
        return UNKNOWN
    return f"{rounded(100 * rate)} %".replace("-", "\N{MINUS SIGN}")


def within(lower: float | None, upper: float | None) -> str:
    """An interval of shares; empty where there is none."""
    return "" if lower is None or upper is None else f"{percent(lower)} to {percent(upper)}"


def points(difference: float) -> str:
    """A difference of shares in points of percent, with its sign."""
    said = rounded(100 * difference).replace("-", "\N{MINUS SIGN}")
    return f"+{said}" if difference > 0 else said


def difference_view(each: Difference, before: Lane, after: Lane) -> DifferenceView:
    """All that is said of one difference."""
    more = each.difference > 0
    return DifferenceView(
        kind=one_line(each.kind, 40),
        what=one_line(each.what, _WIDE),
        sign="up" if more else "down",
        direction=f"more in {after}" if more else f"less in {after}",
        before=percent(each.before),
        after=percent(each.after),
        difference=f"{points(each.difference)} points",
        interval=f"{points(each.lower)} to {points(each.upper)}",
        q_value=f"q {chance(each.q_value)}",
        evidence=f"q {chance(each.q_value)}, p {chance(each.p_value)}",
        strength=f"log-odds {each.log_odds:+.1f} SD".replace("-0.0", "0.0"),
        counts=(
            f"only {before} {each.only_before:,}, only {after} {each.only_after:,}, "
            f"both {each.both:,} of {some(each.pairs, 'pair')}"
        ),
        users=f"{of(each.moved, each.users)} users changed",
        also=also(each.also),
        sightings=tuple(sighting_view(it, each.what, before, after) for it in each.sightings),
    )


def sighting_view(each: Sighting, what: str, *lanes: Lane) -> SightingView:
    """A place at which something shows; of two lanes, the first stands first."""
    sides = {each.lane: each.quote}
    if each.other or len(lanes) > 1:
        sides |= {lane: each.other for lane in lanes if lane is not each.lane}
    ordered = [lane for lane in lanes if lane in sides] or [each.lane]
    return SightingView(
        prefix=one_line(each.prefix, 40),
        sides=tuple(
            _said(lane, sides[lane], what if lane is each.lane else "") for lane in ordered
        ),
    )


def also(names: tuple[Seen, ...]) -> str:
    """The features that are folded into another, on one line."""
    shown = "; ".join(f"{one_line(it.kind, 40)} {one_line(it.what, 60)}" for it in names[:_NAMED])
    left = len(names) - _NAMED
    return f"{shown}; and {left:,} more" if left > 0 else shown


def finding(passed: Passed) -> str:
    """What the first pass found, or would have."""
    looked = (
        f"{some(passed.features, 'feature')} were seen, {passed.tested:,} were tested: those that "
        f"{passed.least} users or more show in one lane alone"
    )
    if passed.differences:
        found = some(len(passed.differences), "difference")
        return f"{found} at a false discovery rate of 5 %. {looked}."
    floor = sign_test_floor(passed.users, passed.tested)
    needed = max(floor.clusters, passed.least)
    if floor.share is None:
        return (
            f"Not enough evidence: {some(passed.users, 'user')} are too few to find anything among "
            f"so many features; it takes {needed:,} who change in one direction. {looked}."
        )
    return (
        f"No difference passes a false discovery rate of 5 %. {looked}. That is no proof of "
        f"sameness: what {needed:,} users' turns gain and nobody's lose would have passed, so what "
        f"one lane alone shows would have been found, with 95 % chance, at {percent(floor.share)} "
        "of users."
    )


def _said(lane: Lane, text: str, what: str) -> Said:
    cut = clipped(text, _QUOTED)
    words = r"\W+".join(map(re.escape, what.split()))
    whole = re.search(rf"(?<!\w){words}(?!\w)", cut.text, re.IGNORECASE) if words else None
    place = whole or (re.search(words, cut.text, re.IGNORECASE) if words else None)
    start, end = place.span() if place else (0, 0)
    parts = (
        Piece(kind="plain", text=cut.text[:start]),
        Piece(kind="mark", text=cut.text[start:end]),
        Piece(kind="plain", text=cut.text[end:]),
    )
    return Said(
        lane=lane.value,
        pieces=tuple(part for part in parts if part.text),
        note=cut.note or ("" if text.strip() else "(no text)"),
    )
