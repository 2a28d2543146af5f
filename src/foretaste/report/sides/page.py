"""The page of `foretaste diff`: old answers beside new ones, the most different first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from foretaste.pairs import Comparison, Flag, FlagKind, Noise, SideBySide
from foretaste.records import Lane, Rollout
from foretaste.report.examples import Part, before
from foretaste.report.html import environment
from foretaste.report.sides.answers import Side, compared, cut, named, side
from foretaste.report.sides.spots import holds
from foretaste.report.visible import one_line
from foretaste.report.wording import percent, some

KINDS = {
    FlagKind.NAME: "new names",
    FlagKind.NUMBER: "new numbers",
    FlagKind.LINK: "new links",
    FlagKind.DROPPED: "dropped",
    FlagKind.TOOL: "tools",
    FlagKind.REFUSAL: "refusal",
    FlagKind.LANGUAGE: "language",
    FlagKind.LENGTH: "length",
    FlagKind.FORMAT: "format",
    FlagKind.TONE: "tone",
}
"""How each kind is called on the page."""

_OWN = {True: "the old model does so too", False: "the old model does not", None: ""}
_HEADLINES = {
    True: "It differs by more than the old model differs from itself",
    False: "It differs no more than the old model differs from itself",
    None: "Not enough evidence that it differs by more than the old model from itself",
}
_FLAGGED = "Flagged, beyond what the old model does itself"
_UNKNOWN = "How it differs on these turns"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagView:
    """One flag in plain words."""

    kind: str
    name: str
    says: str
    quote: str  # where neither the sentence nor a text shown holds it
    own: str  # what the old model does; empty where it was not replayed
    noise: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """One turn."""

    number: int
    title: str
    about: str
    kinds: tuple[str, ...]  # that the filter goes by
    flags: tuple[FlagView, ...]
    asked: Part
    context: tuple[Part, ...]
    context_note: str
    sides: tuple[Side, ...]
    note: str  # on the marks
    again: Side | None
    missing: str  # why there is no new answer
    unheard: str  # why there is no replay of the old model


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One filter, and how many pairs it leaves."""

    name: str
    text: str
    count: int


def noise_sentence(noise: Noise | None) -> str:
    """Whether the difference is larger than the old model's difference from itself."""
    if noise is None:
        return (
            "Whether this is more than chance is not known: the old model was not replayed, so "
            "nobody knows by how much it differs from itself."
        )
    ruling = {True: "larger", False: "not larger", None: "not enough evidence"}[noise.larger]
    low, high = (
        f"{100 * each:+.0f}".replace("-", "\N{MINUS SIGN}") for each in (noise.lower, noise.upper)
    )
    return (
        f"The new model differs from the record by {percent(noise.new)}, the old one from itself "
        f"by {percent(noise.own)}, in the mean over {some(noise.pairs, 'turn')} that both "
        f"answered: {ruling} (difference {low} to {high} points)."
    )


def render(comparison: Comparison) -> str:
    """Draw a comparison as one HTML file that runs nothing and asks nothing of the network."""
    shown = tuple(_pair(comparison, each, i) for i, each in enumerate(comparison.pairs, start=1))
    noise = comparison.noise
    return (
        environment()
        .get_template("sides.html.j2")
        .render(
            title=f"{named(comparison.new)} beside {named(comparison.old)}",
            log=one_line(comparison.log),
            headline=_HEADLINES[noise.larger] if noise is not None else _UNKNOWN,
            noise=noise_sentence(noise),
            known=noise is not None and noise.larger is not None,
            pairs=shown,
            turns=some(len(shown), "turn"),
            flagged=sum(any(not each.noise for each in pair.flags) for pair in shown),
            flagged_as=_FLAGGED if noise is not None else "Flagged",
            failed=sum(bool(pair.missing) for pair in shown),
            common=[
                (KINDS[each.kind], one_line(each.says, 400), each.count, each.own, each.of)
                for each in comparison.common
            ],
            failures=_failures(comparison),
            notes=[one_line(note, 400) for note in comparison.notes],
            path=one_line(comparison.path, 400),
            choices=_choices(shown),
            old=named(comparison.old),
            new=named(comparison.new),
        )
    )


def _failures(comparison: Comparison) -> list[tuple[str, int]]:
    reasons = Counter(
        f"{_whose(each.lane)}{one_line(each.reason, 300)}" for each in comparison.failures
    )
    return reasons.most_common()


def _whose(lane: Lane | None) -> str:
    if lane is None:
        return ""
    return {Lane.CANDIDATE: "new model: ", Lane.INCUMBENT: "old model: "}.get(lane, "")


def _choices(shown: Sequence[PairView]) -> list[Choice]:
    counts = Counter(kind for pair in shown for kind in pair.kinds)
    named = {kind.value: text for kind, text in KINDS.items()}
    named |= {"plain": "no flag", "failed": "no new answer"}
    return [
        Choice(name=name, text=text, count=counts[name])
        for name, text in named.items()
        if counts[name]
    ]


def _pair(comparison: Comparison, pair: SideBySide, number: int) -> PairView:
    old, new, again = pair.recorded, pair.new, pair.again
    quotes = [flag.quote for flag in pair.flags if flag.quote.strip()]
    was, now = cut(old), cut(new)
    # Without a new answer there is nothing that the old one could differ from.
    marks = compared(was.text, now.text if new is not None else was.text)
    sides = [side("Recorded", comparison.old, old, marks.before, quotes, was.note, new)]
    if new is not None:
        sides.append(side("New", comparison.new, new, marks.after, quotes, now.note, old))
    asked, context, context_note = before(pair.prefix.messages)
    texts = [_whole(side) for side in sides]
    flags = tuple(_flag(flag, texts) for flag in pair.flags)
    kinds = dict.fromkeys(flag.kind for flag in flags)
    missing = "" if new is not None else _why(comparison, pair, Lane.CANDIDATE)
    return PairView(
        number=number,
        title=one_line("".join(piece.text for piece in asked.pieces), 140) or "(no question)",
        about=_about(pair),
        kinds=tuple(kinds) or (("failed",) if missing else ("plain",)),
        flags=flags,
        asked=asked,
        context=context,
        context_note=context_note,
        sides=tuple(sides),
        note=marks.note,
        again=_again(comparison, again, old) if again is not None else None,
        missing=missing,
        unheard=_unheard(comparison, pair),
    )


def _again(comparison: Comparison, again: Rollout, old: Rollout) -> Side:
    now = cut(again)
    spans = compared(cut(old).text, now.text).after
    return side("Asked again", comparison.old, again, spans, (), now.note, old)


def _unheard(comparison: Comparison, pair: SideBySide) -> str:
    """Nothing where the old model was never asked: the page's top says so once."""
    if pair.again is not None or comparison.noise is None:
        return ""
    return _why(comparison, pair, Lane.INCUMBENT)


def _why(comparison: Comparison, pair: SideBySide, lane: Lane) -> str:
    own = [each for each in comparison.failures if each.item in (pair.prefix.id, pair.source)]
    found = [each.reason for each in own if each.lane in (lane, None)]
    return one_line(found[0], 400) if found else "the reason is not known"


def _about(pair: SideBySide) -> str:
    told = [one_line(pair.source, 120)]
    if pair.distance is not None:
        told.append(f"{percent(pair.distance)} different")
    if pair.own is not None:
        told.append(f"old model from itself {percent(pair.own)}")
    return " · ".join(each for each in told if each)


def _flag(flag: Flag, texts: Sequence[str]) -> FlagView:
    quote, says = one_line(flag.quote, 300), one_line(flag.says, 400)
    held = quote in says or any(holds(text, flag.quote) for text in texts)
    return FlagView(
        kind=flag.kind.value,
        name=KINDS[flag.kind],
        says=says,
        quote="" if held else quote,
        own=_OWN[flag.noise],
        noise=flag.noise is True,
    )


def _whole(side: Side) -> str:
    return "\n".join(
        ["".join(each.text for each in side.stretches), *(step.text for step in side.steps)]
    )
