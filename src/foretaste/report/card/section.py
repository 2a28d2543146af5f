"""A card as a section of a longer model card, in Markdown."""

from collections.abc import Iterator

from foretaste.cards import Answering, Card, CardBehavior, Errors, Foreseen, Moved
from foretaste.findings import Direction
from foretaste.report.card.findings import finding_lines
from foretaste.report.ledger import UNITS
from foretaste.report.markdown import code, prose, table
from foretaste.report.wording import (
    NONE_SEEN,
    UNKNOWN,
    between,
    chance,
    digits,
    list_of,
    moves,
    of,
    per_100k,
    rounded,
    share,
    sighted,
    signed,
    some,
    tally,
    times,
)

BEGINS, ENDS = "<!-- foretaste card", "<!-- end of foretaste card -->"
_HOW = (
    "How to read this: rates are per 100,000 turns; in brackets 95 % intervals. *Detection floor*: "
    "rate from which one sighting was 95 % likely, so a rarer behavior may have gone unseen. "
    "*Ungraded* answers count neither as showing it nor as not."
)


def section(card: Card) -> str:
    """The section between its marks, which let `foretaste card verify` find it."""
    parts = (
        _opening(card),
        _replayed(card),
        _forecasts(card),
        _changes(card),
        _fidelity(card),
        _errors(card),
        finding_lines(card),
        _not_measured(card),
        _sealed(card),
    )
    body = "\n".join(line for part in parts for line in part)
    return f"{mark(card)}\n{body}\n{ENDS}\n"


def mark(card: Card) -> str:
    """The line that a section begins with: of which seal it is, and what else it was made of."""
    basis = card.basis
    ledger = f"{basis.ledger_lines}:{basis.ledger}"
    return f"{BEGINS} 1 seal={card.sealed.seal} ledger={ledger} found={','.join(basis.found)} -->"


def _opening(card: Card) -> Iterator[str]:
    sealed = card.sealed
    yield "## Deployment simulation\n"
    yield (
        f"How often {code(_model(card, 'candidate'))} will show each behavior in production, "
        "forecast before its release: real conversations were replayed through it up to the turn "
        f"that it was to answer. Made with Foretaste {code(sealed.version)}, sealed on "
        f"{sealed.sealed_at[:10]} as {code(sealed.seal)}.\n"
    )
    yield f"{_HOW}\n"


def _model(card: Card, lane: str) -> str:
    return next((each.model for each in card.models if each.lane == lane), UNKNOWN)


def _replayed(card: Card) -> Iterator[str]:
    found = card.prefixes
    window = UNKNOWN
    if found.since and found.until:
        window = f"{found.since[:10]} to {found.until[:10]}"
    log = code(found.log) if found.log else "format found by content"
    kept = f"{found.kept:,} kept of {found.conversations:,} read"
    users = f"{found.users:,}" if found.users is not None else f"{UNKNOWN}: the log names none"
    rows = [
        ("Prefixes", f"{found.prefixes:,} of {found.population:,} {UNITS.get(found.unit, '')}"),
        ("Source", f"production log, {log}"),
        ("Stand-ins for", prose(tally(found.scrubbed, "nothing: no identifier was found"))),
        ("Conversations", f"{kept}; {found.left_out:,} left out, {found.unreadable:,} unreadable"),
        ("Users", users),
        ("Window", window),
        ("Traffic", prose(card.traffic) if card.traffic else "taken to be like the log's"),
        *((each.lane.capitalize(), _answered(each)) for each in card.models),
    ]
    if not any(each.lane == "incumbent" for each in card.models):
        rows.append(("Incumbent", "not replayed"))
    judges = list_of([code(name) for name in card.judges]) if card.judges else "none was asked"
    rows.append(("Judge", judges))
    yield "### What was replayed\n"
    yield from table(("", ""), rows)
    yield ""


def _answered(each: Answering) -> str:
    names = [code(name) for name in each.answered_as if name != each.model]
    told = [code(each.model) + (f", answered as {list_of(names)}" if names else "")]
    told += [prose(change) for change in each.settings]
    told.append(f"{some(each.answers, 'answer')}, {each.missing:,} missing")
    if each.repeats:
        told.append(f"{each.repeats:,} the recorded one, word for word")
    return "; ".join(told)


def _forecasts(card: Card) -> Iterator[str]:
    yield "### Forecast\n"
    head = ("Behavior", "Forecast", "95 % interval", "In future turns", "Seen", "Ungraded")
    more = ("No answer", "Detection floor", "Today")
    yield from table(
        (*head, *more), (_forecast(each.name, each.forecast) for each in card.behaviors)
    )
    yield ""
    rows = (
        (code(each.name), prose(each.description), _grader(each), code(each.definition[:12]))
        for each in card.behaviors
    )
    yield from table(("Behavior", "What it is", "Graded by", "Definition"), rows)
    yield ""


def _grader(each: CardBehavior) -> str:
    return f"{prose(each.graded_by)} {code(each.grader[:12])}".rstrip()


def _forecast(name: str, found: Foreseen | None) -> tuple[str, ...]:
    if found is None:
        return (code(name), *[UNKNOWN] * 8)
    seen, few = found.events, digits(found.events)
    point = per_100k(found.rate, seen) if seen else NONE_SEEN
    low, high = (_count(n, few) for n in (found.turns_lower, found.turns_upper))
    limits = between(found.lower, found.upper, seen) if seen else f"up to {_upper(found)}"
    return (
        code(name),
        point,
        limits,
        f"{f'{low} to {high}' if seen else f'up to {high}'} of {found.turns:,}",
        of(seen, found.graded),
        share(found.ungraded, found.graded + found.ungraded),
        f"{found.missing:,}",
        per_100k(found.floor, 0),
        _today(found),
    )


def _count(turns: int, few: int) -> str:
    return f"{turns:,}" if turns < 100 else rounded(turns, few)


def _today(found: Foreseen) -> str:
    rate = sighted(found.today, found.today_events, found.today_graded)
    return f"{rate} ({of(found.today_events, found.today_graded)})" if found.today_graded else rate


def _upper(found: Foreseen) -> str:
    return per_100k(found.upper, 0)


def _changes(card: Card) -> Iterator[str]:
    yield "### Change against the incumbent\n"
    moved = [(each.name, each.change) for each in card.behaviors if each.change is not None]
    if not moved:
        yield "Unknown: see *What was not measured*.\n"
        return
    yield (
        f"{code(_model(card, 'incumbent'))} against {code(_model(card, 'candidate'))}, both "
        "answering the same prefixes. *q*: share of false alarms to expect among changes as clear "
        "as this one (Benjamini-Hochberg, over all behaviors).\n"
    )
    head = ("Behavior", "Change", "Incumbent", "Candidate", "Difference", "95 % interval", "Ratio")
    loud, silent = _parted(moved)
    if loud:
        yield from table((*head, "q", "Pairs"), (_change(*each) for each in loud))
        yield ""
    yield from silent


def _change(name: str, found: Moved) -> tuple[str, ...]:
    old, new = (round((rate or 0.0) * found.pairs) for rate in (found.before, found.after))
    return (
        code(name),
        moves(Direction(found.direction)),
        sighted(found.before, old, found.pairs),
        sighted(found.after, new, found.pairs),
        signed(found.difference, old + new),
        between(found.lower, found.upper, old + new, signed),
        times(found.ratio),
        chance(found.q_value),
        f"{found.pairs:,}",
    )


def _fidelity(card: Card) -> Iterator[str]:
    yield "### Fidelity of the replay\n"
    yield f"{prose(card.fidelity)}\n"
    rows = [(each.name, each.fidelity) for each in card.behaviors if each.fidelity is not None]
    head = ("Behavior", "Recorded", "Incumbent replayed", "Error", "By chance alone", "q", "Pairs")
    loud, silent = _parted(rows)
    if loud:
        yield from table(head, (_replay(*each) for each in loud))
        yield ""
    yield from silent


def _parted(rows: list[tuple[str, Moved]]) -> tuple[list[tuple[str, Moved]], list[str]]:
    """Behaviors that one of two lanes shows; and a line on those that neither does."""
    silent = [name for name, found in rows if not found.before and not found.after]
    loud = [each for each in rows if each[0] not in silent]
    return loud, [
        f"Seen in neither lane: {list_of([code(n) for n in silent])}.\n"
    ] if silent else []


def _replay(name: str, found: Moved) -> tuple[str, ...]:
    old, new = (round((rate or 0.0) * found.pairs) for rate in (found.before, found.after))
    return (
        code(name),
        sighted(found.before, old, found.pairs),
        sighted(found.after, new, found.pairs),
        times(found.multiplicative_error),
        times(found.noise_error),
        chance(found.q_value),
        f"{found.pairs:,}",
    )


def _errors(card: Card) -> Iterator[str]:
    yield "### How right forecasts were\n"
    rows = [(f"This one, on {code(each.log)}", each) for each in card.scored]
    if card.past is not None:
        rows.append((f"{some(card.past.forecasts, 'other forecast')} of the ledger", card.past))
    if not rows:
        yield "Unknown: see *What was not measured*.\n"
        return
    yield (
        "Multiplicative error: how many times one of forecast and realized rate is the other, "
        "median over the behaviors that were seen at all.\n"
    )
    head = ("Forecast", "Median error", "By chance alone", "Behaviors", "Median of all")
    yield from table((*head, "Direction right", "Intervals held"), (_error(*row) for row in rows))
    yield ""


def _error(about: str, found: Errors) -> tuple[str, ...]:
    return (
        about,
        times(found.median),
        times(found.noise),
        f"{found.behaviors:,}",
        f"{times(found.median_of_all)} over {found.all_behaviors:,}",
        of(found.directions, found.moved) if found.moved else "no rate moved by 1.5x",
        of(found.held, found.intervals),
    )


def _not_measured(card: Card) -> Iterator[str]:
    yield "### What was not measured\n"
    for each in card.not_measured:
        yield f"- **{prose(each.what)}**: {prose(each.why)}."
    yield ""


def _sealed(card: Card) -> Iterator[str]:
    sealed, basis = card.sealed, card.basis
    ledger = f"ledger of {some(basis.ledger_lines, 'line')}"
    rows = (
        ("Seal", code(sealed.seal)),
        ("Sealed at", code(sealed.sealed_at)),
        ("Plan", code(sealed.plan)),
        ("Prefixes", code(sealed.prefixes)),
        ("Method", code(sealed.method)),
        ("Foretaste", f"{code(sealed.version)}, code {code(sealed.code)}"),
        ("Beside the seal", f"{ledger}; {some(len(basis.found), 'later finding')}"),
    )
    yield "### Seal\n"
    yield from table(("", ""), rows)
