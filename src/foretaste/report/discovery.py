"""What nobody listed, as plain values that are ready to draw."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from foretaste.discoveries import (
    Ablated,
    Audited,
    Detected,
    Difference,
    Discovery,
    Novel,
    Passed,
    Region,
    Regions,
)
from foretaste.report.differences import (
    DifferenceView,
    SightingView,
    difference_view,
    finding,
    percent,
    points,
    sighting_view,
    within,
)
from foretaste.report.ledger import Fact
from foretaste.report.reactions import ReactionView, reaction_view
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, chance, of, share, some
from foretaste.stats.proportion import wilson

SHOWN = 60
"""Differences that are drawn; `discovery.json` holds all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: what it is about, its cells, and what it opens."""

    about: str
    cells: tuple[str, ...]
    notes: tuple[str, ...]  # small print under each cell; empty where there is none
    more: str = ""
    differences: tuple[DifferenceView, ...] = ()
    sightings: tuple[SightingView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the passes: what it says, and a table."""

    title: str
    sentence: str
    facts: tuple[Fact, ...]
    columns: tuple[str, ...]  # of the cells; the first one is what a row is about
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryView:
    """All that one audit found."""

    title: str
    before: str
    after: str
    warnings: tuple[str, ...]
    sentence: str
    facts: tuple[Fact, ...]
    differences: tuple[DifferenceView, ...]
    left_out: str  # how many more there are
    parts: tuple[Part, ...]  # of the other passes, those that were made
    reactions: tuple[ReactionView, ...]


def discovery_view(found: Discovery) -> DiscoveryView:
    """All that is said of one audit."""
    passed = found.features
    left = len(passed.differences) - SHOWN
    return DiscoveryView(
        title=(
            f"{passed.before.capitalize()} against {passed.after}, {some(passed.pairs, 'pair')} of "
            f"{some(passed.users, 'user')}"
        ),
        before=passed.before.value,
        after=passed.after.value,
        warnings=tuple(one_line(each, 400) for each in found.warnings),
        sentence=finding(passed),
        facts=_facts(passed, found.at),
        differences=tuple(_views(passed.differences[:SHOWN], passed)),
        left_out=f"{left:,} more are in `discovery.json`." if left > 0 else "",
        parts=tuple(_parts(found)),
        reactions=tuple(map(reaction_view, found.reactions)),
    )


def _views(differences: Iterable[Difference], passed: Passed) -> Iterator[DifferenceView]:
    for each in differences:
        yield difference_view(each, passed.before, passed.after)


def _facts(passed: Passed, at: str) -> tuple[Fact, ...]:
    return (
        Fact(name="No answer in one of the two", text=some(passed.missing, "turn")),
        Fact(name="Looked at", text=one_line(at)),
    )


def _parts(found: Discovery) -> Iterator[Part]:
    passed = found.features
    if found.regions is not None:
        yield _regions(found.regions, passed)
    if found.audited is not None:
        yield _audited(found.audited, passed)
    if found.detected:
        yield _detected(found.detected)
    if found.ablated:
        yield _ablated(found.ablated)


def _regions(found: Regions, passed: Passed) -> Part:
    named = sum(bool(each.differences) for each in found.regions)
    return Part(
        title="Where the lanes differ most",
        sentence=(
            f"{some(found.looked, 'region')} of the traffic with {found.least_users:,} users or "
            f"more; {named:,} with differences of their own. Told apart: share of pairs in which "
            "somebody could say which lane a turn is from; 50 % means that nobody can."
        ),
        facts=(
            Fact(name="Told apart in all of the traffic", text=percent(found.elsewhere)),
            Fact(
                name="Too few users to be shown",
                text=f"{some(found.small, 'region')}, {some(found.small_pairs, 'pair')}",
            ),
        ),
        columns=("Region", "Pairs", "Told apart", "Evidence", "Differences"),
        rows=tuple(_region(each, passed) for each in found.regions),
    )


def _region(each: Region, passed: Passed) -> Row:
    evidence = UNKNOWN if each.q_value is None else f"q {chance(each.q_value)}"
    return Row(
        about=one_line(each.name, 120),
        cells=(f"{each.pairs:,}", percent(each.told), evidence, f"{len(each.differences):,}"),
        notes=(
            some(each.users, "user"),
            within(each.lower, each.upper),
            "" if each.p_value is None else f"p {chance(each.p_value)}",
            "",
        ),
        differences=tuple(_views(each.differences, passed)),
    )


def _audited(found: Audited, passed: Passed) -> Part:
    return Part(
        title="What a model proposed, checked on fresh pairs",
        sentence=bound(found),
        facts=(
            Fact(name="Asked", text=one_line(found.judge)),
            Fact(
                name="Pairs shown for proposals",
                text=f"{found.shown:,}; the reply to {found.unread:,} could not be read",
            ),
            Fact(name="Proposals", text=f"{found.proposals:,}"),
            Fact(name="Of kinds never seen (Good-Turing)", text=_unseen(found)),
        ),
        columns=("Behavior", passed.before, passed.after, "Difference", "Evidence", "Checked"),
        rows=tuple(_novel(each, passed) for each in found.novel),
    )


def bound(found: Audited) -> str:
    """What an audit cannot exclude, in words."""
    if found.bound is None:
        return (
            "Too little was read to bound what was not found: a behavior that nobody listed may be "
            "of any frequency."
        )
    return (
        f"No behavior that nobody listed is more frequent than 1 in {1 / found.bound:,.0f}, if a "
        "kind is noticed by its tenth sighting, there are ten such kinds at most, the judge is as "
        "sensitive as was supposed, and traffic stays as it is (95 %)."
    )


def _unseen(found: Audited) -> str:
    if found.unseen is None:
        return UNKNOWN
    upper = "" if found.unseen_upper is None else f", at most {percent(found.unseen_upper)}"
    return f"{percent(found.unseen)} of what happens{upper}"


def _novel(each: Novel, passed: Passed) -> Row:
    moved = UNKNOWN if each.difference is None else f"{points(each.difference)} points"
    severity = UNKNOWN if each.severity is None else f"{each.severity} of 4"
    between = ""
    if each.lower is not None and each.upper is not None:
        between = f"{points(each.lower)} to {points(each.upper)}"
    return Row(
        about=one_line(each.name, 80),
        cells=(
            percent(each.before),
            percent(each.after),
            moved,
            f"q {chance(each.q_value)}",
            some(each.checked, "pair"),
        ),
        notes=(
            within(each.before_lower, each.before_upper),
            within(each.after_lower, each.after_upper),
            between,
            f"p {chance(each.p_value)}",
            f"{some(each.users, 'user')}; {each.ungraded:,} ungraded",
        ),
        more=(
            f"{one_line(each.description, 600)} Severity {severity}. Proposed from "
            f"{some(each.proposed, 'pair')}. Definition: {one_line(each.draft, 120)}"
        ),
        sightings=tuple(
            sighting_view(it, "", passed.before, passed.after) for it in each.sightings
        ),
    )


def _detected(found: tuple[Detected, ...]) -> Part:
    return Part(
        title="What would have been missed",
        sentence=(
            "Known behaviors were planted into copies of the second lane, and the audit was made "
            "again: the share of trials in which a finding names what was planted."
        ),
        facts=(),
        columns=("Planted", "Per 1,000 turns", "Found", "Among the first three"),
        rows=tuple(
            Row(
                about=one_line(each.planted, 80),
                cells=(
                    f"{each.per_1000:g}",
                    *(_hit(n, each.trials) for n in (each.found, each.first)),
                ),
                notes=("", *(_limits(n, each.trials) for n in (each.found, each.first))),
            )
            for each in found
        ),
    )


def _hit(hits: int, trials: int) -> str:
    return f"{share(hits, trials)}, {of(hits, trials)}" if trials else UNKNOWN


def _limits(hits: int, trials: int) -> str:
    return within(*wilson(hits, trials)) if trials else ""


def _ablated(found: tuple[Ablated, ...]) -> Part:
    words = {True: "found", False: "missed", None: "not enough evidence"}
    return Part(
        title="Would it have found what was known?",
        sentence=(
            "Behaviors of the plan in which the lanes differ, and whether the audit, which was not "
            "told of them, has a finding on the same pairs."
        ),
        facts=(),
        columns=("Behavior", "Pairs that differ", "Audit", "By"),
        rows=tuple(
            Row(
                about=one_line(each.behavior, 80),
                cells=(
                    f"{each.pairs:,}",
                    words[each.found],
                    "; ".join(one_line(by, 80) for by in each.by) or "nothing",
                ),
                notes=("", "", ""),
            )
            for each in found
        ),
    )
