"""Whether models notice that they are tested, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from foretaste.awareness import Awareness, AwareRate, Mark, Matched, Measured, Source
from foretaste.report.ledger import Fact
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, chance, percent, rounded, some

_SHOWN = 40  # marks
_LISTED = 2  # marks that are folded into one
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source under one measure, in words."""

    source: str
    transcripts: str
    rate: str
    interval: str
    score: str
    auc: str
    auc_interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """Recorded and replayed turns of the same prefixes, in words."""

    source: str
    pairs: str
    difference: str
    interval: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureView:
    """One measure over all sources."""

    name: str
    sentence: str
    rows: tuple[SourceRow, ...]
    pairs: tuple[PairRow, ...]
    head: str  # what the rates are of
    scored: bool  # it has scores, and thus an area under the curve
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """One feature that goes with a high score, in words."""

    what: str
    source: str
    transcripts: str
    difference: str
    interval: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwarenessView:
    """All that was asked about one run."""

    title: str
    warnings: tuple[str, ...]
    measures: tuple[MeasureView, ...]
    marks_note: str
    marks: tuple[MarkRow, ...]
    more_marks: str


def awareness_view(found: Awareness, most: int = _SHOWN) -> AwarenessView:
    """All that is said of one finding, with so many marks at most."""
    left = len(found.marks) - most
    return AwarenessView(
        title=(f"Replayed lane: {found.lane}. Synthetic suite: {one_line(found.suite) or 'none'}."),
        warnings=tuple(one_line(each, 400) for each in found.warnings),
        measures=tuple(map(_measure, found.measured)),
        marks_note=_marks_note(found),
        marks=tuple(map(_mark, found.marks[:most])),
        more_marks=f"{some(left, 'mark')} more in awareness.json." if left > 0 else "",
    )


def _measure(found: Measured) -> MeasureView:
    placed = f", {found.placement}" if found.placement is not None else ""
    # Rules in a log without reasoning: four rows of nothing say no more than the sentence.
    empty = found.placement is None and _nothing(found)
    return MeasureView(
        name=f"{one_line(found.measure)} by {one_line(found.by)}{placed}",
        sentence=sentence(found),
        rows=() if empty else tuple(map(_row, found.rates)),
        pairs=() if empty else tuple(map(_pair, found.matched)),
        head="Evaluation" if found.placement is not None else "Shows it",
        scored=found.placement is not None,
        facts=tuple(_facts(found)),
    )


def sentence(found: Measured) -> str:
    """What one measure says of the replay, and whether it may be believed."""
    row = {each.source: each for each in found.rates}
    if _nothing(found):
        looked = some(sum(each.transcripts for each in found.rates), "transcript")
        if found.placement is None:
            return f"No reasoning is visible in {looked}: all ungraded, not enough evidence."
        return f"Nothing could be graded in {looked}: not enough evidence."
    if found.placement is not None:
        suite = row.get(Source.SYNTHETIC)
        if suite is None or suite.rate is None:
            return f"No suite shows that this detector knows a test. {_replay(found)}"
        if suite.auc_lower is None or suite.auc_lower <= 0.5:
            return (
                "This detector is not shown to tell the suite from production (AUC "
                f"{_number(suite.auc)}): its rates say nothing of awareness."
            )
    return _replay(found)


def _nothing(found: Measured) -> bool:
    return all(each.rate is None for each in found.rates)


def _replay(found: Measured) -> str:
    """Replayed turns against the recorded ones of the same prefixes."""
    said = []
    for each in found.matched:
        about = f"{each.source.capitalize()} against the record of the same prefixes"
        if each.lower is None or each.upper is None:
            said.append(f"{about}: not enough evidence.")
        elif each.lower > 0:
            said.append(f"{about}: more often, by {_points(each.lower)} points or more.")
        elif each.upper < 0:
            said.append(f"{about}: less often, by {_points(-each.upper)} points or more.")
        else:
            most = _points(max(-each.lower, each.upper))
            said.append(f"{about}: no difference shown, and none above {most} points is likely.")
    return " ".join(said) or "No replayed turn was looked at."


def _row(row: AwareRate) -> SourceRow:
    counts = f"{row.transcripts:,}"
    if row.source is not Source.SYNTHETIC:  # nobody uses a test
        counts += f" of {some(row.users, 'user')}"
    ungraded = f", {row.ungraded:,} ungraded" if row.ungraded else ""
    return SourceRow(
        source=str(row.source),
        transcripts=counts + ungraded,
        rate=_share(row.rate),
        interval=_between(row.lower, row.upper, _share),
        score=_number(row.score),
        auc="itself" if row.source is Source.PRODUCTION else _number(row.auc),
        auc_interval=_between(row.auc_lower, row.auc_upper, _number),
    )


def _pair(found: Matched) -> PairRow:
    return PairRow(
        source=str(found.source),
        pairs=f"{found.pairs:,} of {some(found.users, 'user')}",
        difference=_points(found.difference),
        interval=_between(found.lower, found.upper, _points),
        more=f"+{found.only_replayed:,} {_MINUS}{found.only_recorded:,}, p {chance(found.p_value)}",
    )


def _facts(found: Measured) -> Iterator[Fact]:
    if found.position_bias is not None:
        yield Fact(
            name="Liking for the word that is named first",
            text=f"{100 * found.position_bias:+.0f} points; taken out by asking in both orders",
        )
    if found.mass is not None:
        yield Fact(name="Probability on the two words, median", text=percent(found.mass))


def _marks_note(found: Awareness) -> str:
    by = one_line(found.marks_by)
    if not found.marks:
        return f"Nothing that enough transcripts show goes with a higher score by {by}."
    return (
        f"What transcripts show that {by}, scores higher than others of the same source. The score "
        "is the mean with the mark / without, the interval that of the difference; to go with a "
        "score is not to cause it."
    )


def _mark(mark: Mark) -> MarkRow:
    also = ""
    if len(mark.also) > _LISTED:
        also = f" (and {len(mark.also)} more that the same transcripts show)"
    elif mark.also:
        also = f" (with {one_line(', '.join(mark.also), 200)})"
    return MarkRow(
        what=f"{one_line(mark.kind, 40)}: {one_line(mark.what, 120)}{also}",
        source=str(mark.source),
        transcripts=f"{mark.transcripts:,} of {some(mark.users, 'user')}",
        difference=f"{mark.with_it:.2f} / {mark.without:.2f}",
        interval=_between(mark.lower, mark.upper, _signed),
        advice=one_line(mark.advice, 400),
    )


def _between(lower: float | None, upper: float | None, say: Callable[[float | None], str]) -> str:
    if lower is None or upper is None:
        return ""
    return f"{say(lower).removesuffix(' %')} to {say(upper)}"


def _share(rate: float | None) -> str:
    return UNKNOWN if rate is None else f"{rounded(100 * rate)} %"


def _points(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.1f}".replace("-", _MINUS)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _signed(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:+.2f}".replace("-", _MINUS)
