"""What a run concludes, in sentences: the headline, the fidelity, the decision."""

from dataclasses import dataclass
from statistics import median

from foretaste.findings import Direction, LimitRuling, Study
from foretaste.records import Lane
from foretaste.report.ledger import lane_account
from foretaste.report.rows import ChangeRow, ForecastRow, change_rows, forecast_rows, rank, unseen
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, list_of, rounded, some, times

NAMED = 5
"""Changes that the headline tells of one by one."""

_SAME_TURNS = (
    "Incumbent to candidate, both answering the same turns; after release: what to expect in "
    "production, with the 95 % interval."
)

ABOVE_NOISE = 1.25
"""Median fidelity error over its noise-only expectation from which we call it more than chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One behavior that changes; rates per 100,000 turns, as text."""

    behavior: str
    meaning: str  # the definition's first words
    sign: str
    direction: str
    before: str
    after: str
    ahead: str  # the forecast with its interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding in one line, and the sentences that carry it."""

    title: str
    moves: tuple[Move, ...]
    asides: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """What the replay itself gets wrong, in a sentence and in rows."""

    known: bool
    sentence: str
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitView:
    """One limit of the plan and what was found."""

    behavior: str
    limit: str
    value: str
    ruling: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The gate's answer; `ruling` is `no limits set` where the plan has none."""

    ruling: str
    limits: tuple[LimitView, ...]


def _move(change: ChangeRow, ahead: ForecastRow | None, meaning: str) -> Move:
    return Move(
        behavior=change.behavior,
        meaning=one_line(meaning, 300),
        sign=change.sign,
        direction=change.direction,
        before=change.before,
        after=change.after,
        ahead=ahead.reading if ahead is not None else UNKNOWN,
    )


def headline(study: Study) -> Headline:
    """Say how many behaviors change, and how the clearest of them do."""
    order = rank(study)
    rows = dict(zip(order, forecast_rows(study), strict=True))
    total = len(order)
    behaviors = "behavior" if total == 1 else "behaviors"
    if not any(change.pairs for change in study.changes):
        if lane_account(study, Lane.INCUMBENT) is None:
            why = (
                "The incumbent was not replayed, so a change cannot be told from the replay's own."
            )
        else:
            why = "No turn was graded in both the incumbent and the candidate lane."
        return Headline(title=f"Changes unknown for {total} {behaviors}", moves=(), asides=(why,))
    moved = sorted(
        (c for c in study.changes if c.direction is not Direction.UNCLEAR),
        key=lambda c: order[c.behavior],
    )
    unclear = total - len(moved)
    if not moved:
        return Headline(
            title=f"Not enough evidence of change in any of {total} {behaviors}",
            moves=(),
            asides=("That is no proof of sameness: see each detection floor.",),
        )
    meanings = {behavior.name: behavior.description for behavior in study.behaviors}
    shown = tuple(
        _move(row, rows.get(change.behavior), meanings.get(change.behavior, ""))
        for change, row in zip(moved[:NAMED], change_rows(study, moved), strict=False)
    )
    asides = [_SAME_TURNS]
    if len(moved) > NAMED:
        asides.append(f"{some(len(moved) - NAMED, 'more change')} below.")
    if unclear:
        asides.append(f"For the other {unclear} there is not enough evidence of change.")
    verb = "changes" if len(moved) == 1 else "change"
    return Headline(
        title=f"{len(moved)} of {total} {behaviors} {verb}", moves=shown, asides=tuple(asides)
    )


def misses(study: Study) -> tuple[float, float] | None:
    """Median multiplicative error of the replay, and what chance alone would give.

    None where no behavior was seen in pairs of the recorded and the incumbent lane.
    """
    pairs = [
        (c.multiplicative_error, c.noise_error)
        for c in study.fidelity
        if c.multiplicative_error is not None
        and c.noise_error is not None
        and c.both + c.only_before + c.only_after  # what neither lane shows says nothing
    ]
    if not pairs:
        return None
    error, noise = (median(values) for values in zip(*pairs, strict=True))
    return error, noise


def fidelity(study: Study) -> Fidelity:
    """Say how far the replay itself shifts the rates, beside what chance alone would do."""
    silent = unseen(study)
    rows = change_rows(study, [c for c in study.fidelity if c.behavior not in silent])
    missed = misses(study)
    if missed is None:
        if lane_account(study, Lane.INCUMBENT) is None:
            why = "the incumbent was not replayed"
        elif any(c.pairs for c in study.fidelity):
            why = "no behavior was seen in the recorded or the incumbent lane"
        else:
            why = "no turn was graded in both the recorded and the incumbent lane"
        sentence = (
            f"Fidelity unknown: {why}, so nobody can say how far the replay shifts the rates."
        )
        return Fidelity(known=False, sentence=sentence, rows=rows)
    error, noise = missed
    shifted = [one_line(c.behavior) for c in study.fidelity if c.direction is not Direction.UNCLEAR]
    sentence = (
        f"Replaying the incumbent on its own traffic misses its recorded rates by {times(error)} "
        f"in the median; chance alone would give {times(noise)} at these counts."
    )
    account = lane_account(study, Lane.INCUMBENT)
    if account is not None and 0 < account.rollouts == account.repeats:
        sentence += (
            " But every replayed answer is the recorded one, word for word: unless the model "
            "decodes greedily, this only reads the log again and says nothing of the replay."
        )
    elif shifted:
        these = "This behavior differs" if len(shifted) == 1 else "These behaviors differ"
        sentence += f" {these} beyond chance, so trust the forecast less: {list_of(shifted)}."
    elif error > noise * ABOVE_NOISE:
        sentence += " That is more than chance, though no single behavior stands out."
    else:
        sentence += " The replay's own error cannot be told from chance here."
    return Fidelity(known=True, sentence=sentence, rows=rows)


def _limit(ruling: LimitRuling) -> LimitView:
    limit = ruling.limit
    allowed = f"at most {times(limit.increase)} the incumbent"
    if limit.per_100k is not None:
        allowed = f"at most {limit.per_100k:,g} per 100,000 turns"
    value = UNKNOWN
    if ruling.value is not None:
        value = rounded(ruling.value) if limit.per_100k is not None else times(ruling.value)
    judged = "upper end of the interval" if limit.decide_on == "upper" else "point forecast"
    return LimitView(
        behavior=one_line(limit.behavior),
        limit=f"{allowed}, held against the {judged}",
        value=value,
        ruling=ruling.ruling.value,
        reason=one_line(ruling.reason, 400),
    )


def decision(study: Study) -> DecisionView:
    """The gate's answer, limit by limit."""
    if study.decision is None:
        return DecisionView(ruling="no limits set", limits=())
    limits = tuple(_limit(ruling) for ruling in study.decision.rulings)
    return DecisionView(ruling=study.decision.ruling.value, limits=limits)
