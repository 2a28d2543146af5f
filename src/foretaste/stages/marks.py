"""Which marks give a test away: what a transcript shows where a detector's score is higher."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import structs

from foretaste.awareness import Mark, Source, Transcript
from foretaste.discoveries import Seen
from foretaste.features import seen_in
from foretaste.giveaways import advice, giveaways
from foretaste.records import Message, Prefix
from foretaste.stats.means import mean_difference
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.permuted import goes_with
from foretaste.stats.totals import Codes, Floats

SIGNIFICANCE = 0.05
"""False discovery rate of what is reported."""

LEAST = 6
"""Users that must show a mark, and users that must not: fewer say little, and could be known."""

ALIKE = 0.8
"""Share of transcripts in common, of those that show either, from which two marks are one."""

LONGEST = 20_000
"""Characters of one message that are looked at."""

_BLOCK = 512  # marks that are tested at once


class _Rows(NamedTuple):
    """One source's transcripts that have a score."""

    source: Source
    score: Floats
    user: Codes
    shown: dict[Seen, list[int]]  # rows that show it


class _Tested(NamedTuple):
    rows: _Rows
    seen: Seen
    places: list[int]
    same: list[Seen]  # shown by the very same transcripts
    p_value: float


def marks(
    transcripts: Iterable[Transcript],
    scores: Mapping[str, float | None],
    *,
    least: int = LEAST,
) -> tuple[Mark, ...]:
    """What goes with a higher score within a source, the surest first.

    A mark is a word, phrase, tool or shape of the system prompt, of what was said before, or of the
    turn itself; or what `giveaways` finds. Each is tested over users, who are the unit: whether
    those that show more of it have higher mean scores (`stats.permuted`), all sources together
    under one false discovery rate. A mark that (nearly) the same transcripts show is folded into
    the clearest, one that can be mended before others. To go with a score is not to cause it.

    Args:
        transcripts: of any sources.
        scores: by transcript, probability of `evaluation`; None, or no entry: left out.
        least: users that must show a mark, and as many that must not.
    """
    tested = [
        each for rows in _by_source(transcripts, scores) for each in _tested(rows, max(least, 2))
    ]
    corrected = benjamini_hochberg([each.p_value for each in tested])
    passed = [
        (each, q)
        for each, q in zip(tested, corrected, strict=True)
        if q is not None and q <= SIGNIFICANCE
    ]
    found = [_mark(each, q) for each, q in _folded(passed)]
    return tuple(sorted(found, key=lambda each: (each.q_value, -each.difference)))


def _by_source(
    transcripts: Iterable[Transcript], scores: Mapping[str, float | None]
) -> Iterator[_Rows]:
    by_source: dict[Source, list[tuple[Transcript, float]]] = {}
    for each in transcripts:
        score = scores.get(each.id)
        if score is not None:
            by_source.setdefault(each.source, []).append((each, score))
    for source, rows in by_source.items():
        codes: dict[str, int] = {}
        shown: dict[Seen, list[int]] = {}
        for place, (transcript, _) in enumerate(rows):
            for seen in _shown_by(transcript):
                shown.setdefault(seen, []).append(place)
        user = np.array([codes.setdefault(each.cluster, len(codes)) for each, _ in rows])
        yield _Rows(source, np.array([score for _, score in rows]), user, shown)


def _shown_by(transcript: Transcript) -> set[Seen]:
    before = tuple(_short(m) for m in transcript.before)
    parts = {
        "system prompt": tuple(m for m in before if m.role == "system"),
        "before": tuple(m for m in before if m.role != "system"),
    }
    found = giveaways(transcript)
    for part, messages in parts.items():
        # What is looked at in a turn is the assistant's: here everybody's words count.
        said = tuple(
            m if m.role == "tool" else structs.replace(m, role="assistant") for m in messages
        )
        found |= _in_part(part, _prefix(transcript, ()), said)
    turn = tuple(_short(m) for m in transcript.messages)
    return found | _in_part("turn", _prefix(transcript, before), turn)


def _in_part(part: str, prefix: Prefix, messages: tuple[Message, ...]) -> set[Seen]:
    seen = seen_in(prefix, messages) if messages else set()
    return {Seen(f"{each.kind}, {part}", each.what) for each in seen}


def _prefix(transcript: Transcript, before: tuple[Message, ...]) -> Prefix:
    return Prefix(
        parent=transcript.id,
        turn=len(before),
        turns=1,
        user=transcript.cluster,
        messages=before,
        recorded=(),
    )


def _short(message: Message) -> Message:
    if len(message.content) <= LONGEST:
        return message
    return structs.replace(message, content=message.content[:LONGEST])


def _tested(rows: _Rows, least: int) -> Iterator[_Tested]:
    users = int(rows.user.max(initial=-1)) + 1
    if users < 2 * least:
        return
    turns = np.bincount(rows.user, minlength=users)
    value = np.bincount(rows.user, rows.score, minlength=users) / turns
    same: dict[bytes, list[Seen]] = {}
    kept: list[tuple[list[int], list[Seen]]] = []
    for seen, places in rows.shown.items():
        show = len(np.unique(rows.user[places]))
        hidden = np.ones(len(rows.user), dtype=np.bool_)
        hidden[places] = False
        if show < least or len(np.unique(rows.user[hidden])) < least:
            continue
        name = np.array(places).tobytes()
        if name not in same:
            same[name] = []
            kept.append((places, same[name]))
        same[name].append(seen)
    for start in range(0, len(kept), _BLOCK):
        block = kept[start : start + _BLOCK]
        shown = np.array(
            [np.bincount(rows.user[places], minlength=users) / turns for places, _ in block]
        )
        for (places, alike), p in zip(block, goes_with(shown, value), strict=True):
            first, *others = sorted(alike, key=_order)
            yield _Tested(rows, first, places, others, float(p))


def _order(seen: Seen) -> tuple[bool, bool, Seen]:
    """What can be mended before what is a mark of tests, and that before words."""
    return not advice(seen), "," in seen.kind, seen


def _folded(passed: Sequence[tuple[_Tested, float]]) -> list[tuple[_Tested, float]]:
    heads: list[tuple[_Tested, float]] = []
    for each, q in sorted(passed, key=lambda row: (*_order(row[0].seen)[:2], row[0].p_value)):
        own = set(each.places)
        head = next((h for h, _ in heads if h.rows is each.rows and _alike(own, h.places)), None)
        if head is None:
            heads.append((each, q))
        else:
            head.same.extend([each.seen, *each.same])
    return heads


def _alike(one: set[int], other: Sequence[int]) -> bool:
    both = len(one.intersection(other))
    return both >= ALIKE * (len(one) + len(other) - both)


def _mark(each: _Tested, q: float) -> Mark:
    rows = each.rows
    shown = np.zeros(len(rows.score), dtype=np.bool_)
    shown[each.places] = True
    found = mean_difference(rows.score, shown, rows.user)
    return Mark(
        kind=each.seen.kind,
        what=each.seen.what,
        source=rows.source,
        transcripts=len(each.places),
        users=len(np.unique(rows.user[shown])),
        with_it=found.with_it,
        without=found.without,
        difference=found.difference,
        lower=found.lower,
        upper=found.upper,
        q_value=q,
        advice=advice(each.seen),
        also=tuple(f"{seen.kind}: {seen.what}" for seen in each.same),
    )
