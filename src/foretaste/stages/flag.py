"""Flag what is different in new answers to real turns, and say what the old model does alike."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from foretaste.features import text_of
from foretaste.features.against import ENDED, Setting, Shown, against, calls_of
from foretaste.features.distance import distance
from foretaste.features.sentences import sentences
from foretaste.pairs import Common, Flag, FlagKind, SideBySide
from foretaste.records import Rollout

USUAL = 0.5
"""Share of the recorded answers that carry a sentence, above which dropping it is worth a flag."""

LEAST = 3
"""Recorded answers that carry it, at least; and turns that share what is said once for all."""

_NOISY = 0.2  # weight that is left of what the old model's replay of the turn does too
_OFTEN = 0.5  # and of what it does in every other turn
_REFUSES, _ANSWERS = 0.97, 0.7


class Flagged(NamedTuple):
    """What was found."""

    pairs: tuple[SideBySide, ...]  # the one whose flags tell most first
    common: tuple[Common, ...]


def flag(pairs: Sequence[SideBySide], refusals: Mapping[str, str]) -> Flagged:
    """Flag each pair, put the most different first, and say once what several share.

    A flag weighs by its kind: what is made up, dropped or called anew tells more than wording.
    What the old model's own replay of the turn does too is noise, and weighs a fifth; what it does
    in other turns weighs less, the more often it does. Pairs go by their weightiest flag, then by
    the sum of all, then by distance; those without a new answer come last.

    Args:
        pairs: old beside new, not flagged.
        refusals: what shows that a rollout refuses, by the ids of those that do.
    """
    usual = _usual(pair.recorded for pair in pairs)
    tools = {name for pair in pairs for name in _called(pair)}
    found = [_shown(pair, tools, usual, refusals) for pair in pairs]
    rate = _rates(pairs, found)
    flagged = [_flagged(pair, *shown, rate) for pair, shown in zip(pairs, found, strict=True)]
    ordered = sorted(flagged, key=_rank, reverse=True)
    return Flagged(tuple(ordered), tuple(_common(pairs, found)))


class _Found(NamedTuple):
    new: list[Shown]
    again: list[Shown]


def _usual(recorded: Iterable[Rollout]) -> set[str]:
    said = [set(sentences(text_of(rollout.messages))) for rollout in recorded]
    counts = Counter(sentence for each in said for sentence in each)
    texts = sum(map(bool, said))
    return {each for each, n in counts.items() if n >= LEAST and n > USUAL * texts}


def _called(pair: SideBySide) -> Iterable[str]:
    return calls_of(pair.prefix.messages).keys() | calls_of(pair.recorded.messages).keys()


def _shown(
    pair: SideBySide, tools: set[str], usual: set[str], refusals: Mapping[str, str]
) -> _Found:
    again = pair.again.messages if pair.again is not None else ()
    here = Setting(pair.prefix, pair.recorded, again, tools, usual)
    there = here._replace(beside=())
    return _Found(
        _all(pair.new, here, refusals) if pair.new is not None else [],
        _all(pair.again, there, refusals) if pair.again is not None else [],
    )


def _all(answer: Rollout, setting: Setting, refusals: Mapping[str, str]) -> list[Shown]:
    return [*_refusal(answer, setting.recorded, refusals), *against(answer, setting)]


def _refusal(answer: Rollout, recorded: Rollout, refusals: Mapping[str, str]) -> Iterator[Shown]:
    now, then = refusals.get(answer.id), refusals.get(recorded.id)
    if now is not None and then is None:
        what = "Refuses what the recorded answer does not refuse"
        yield Shown(FlagKind.REFUSAL, "refuses", f"{what}.", what, _REFUSES, now)
    elif then is not None and now is None and answer.stop in ENDED:
        what = "Does not refuse what the recorded answer refuses"
        yield Shown(FlagKind.REFUSAL, "answers", f"{what}.", what, _ANSWERS, then)


def _rates(pairs: Sequence[SideBySide], found: Sequence[_Found]) -> dict[tuple[str, str], float]:
    """Share of the old model's replays that show each."""
    replays = sum(pair.again is not None for pair in pairs)
    counts = Counter(key for each in found for key in {_key(shown) for shown in each.again})
    return {key: count / replays for key, count in counts.items()}


def _key(shown: Shown) -> tuple[str, str]:
    return shown.kind, shown.group


def _flagged(
    pair: SideBySide,
    new: Sequence[Shown],
    again: Sequence[Shown],
    rate: Mapping[tuple[str, str], float],
) -> SideBySide:
    alike = {_key(shown) for shown in again}
    flags = []
    for shown in new:
        is_noise = _key(shown) in alike
        left = _NOISY if is_noise else 1 - (1 - _OFTEN) * rate.get(_key(shown), 0.0)
        flags.append(
            Flag(
                kind=shown.kind,
                says=shown.says,
                quote=shown.quote,
                weight=round(shown.weight * left, 4),
                noise=is_noise if pair.again is not None else None,
            )
        )
    flags.sort(key=lambda each: -each.weight)
    then = pair.recorded.messages
    return replace(
        pair,
        flags=tuple(flags),
        distance=distance(pair.new.messages, then) if pair.new is not None else None,
        own=distance(pair.again.messages, then) if pair.again is not None else None,
    )


def _rank(pair: SideBySide) -> tuple[float, float, float]:
    if pair.new is None:
        return -1.0, 0.0, 0.0
    weights = [each.weight for each in pair.flags]
    return max(weights, default=0.0), sum(weights), pair.distance or 0.0


def _common(pairs: Sequence[SideBySide], found: Sequence[_Found]) -> Iterator[Common]:
    """What several turns show, that of which the new model does more than the old one first."""
    told: dict[tuple[str, str], Shown] = {}
    new: Counter[tuple[str, str]] = Counter()
    own: Counter[tuple[str, str]] = Counter()
    for each in found:
        mine = {_key(shown): shown for shown in each.new}
        told = mine | told
        new.update(mine.keys())
        own.update({_key(shown) for shown in each.again})
    replayed = any(pair.again is not None for pair in pairs)
    made = []
    for key, count in new.items():
        shown, of = told[key], _could(told[key], pairs)
        if count < LEAST:
            continue
        excess = shown.weight * (count - own[key]) / max(1, of)
        alike = own[key] if replayed else None
        says = Common(kind=shown.kind, says=shown.common, count=count, own=alike, of=of)
        made.append((excess, shown.weight, says))
    yield from (row[-1] for row in sorted(made, key=lambda row: row[:2], reverse=True))


def _could(shown: Shown, pairs: Sequence[SideBySide]) -> int:
    """Turns whose new answer could show it: only what is recorded can be left out."""
    asked = [pair for pair in pairs if pair.new is not None]
    if shown.kind is FlagKind.TOOL:
        left_out = shown.group.startswith("-")
        calls = (calls_of(pair.recorded.messages) for pair in asked)
        return sum(shown.group[1:] in each for each in calls) if left_out else len(asked)
    if shown.kind is FlagKind.DROPPED:
        asked = [p for p in asked if shown.group in sentences(text_of(p.recorded.messages))]
    return sum(bool(text_of(p.new.messages).strip()) for p in asked if p.new is not None)
