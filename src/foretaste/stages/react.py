"""How people went on after production's turns, and what the turns before a reaction show.

The log alone says this: no lane and no model is asked. What goes with a reaction need not be its
reason: long conversations hold more corrections, and other words.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.discoveries import Reaction, Seen, Sighting, Sign
from foretaste.features import seen_in
from foretaste.reactions import KINDS, reaction_of
from foretaste.records import Lane, Prefix
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.proportion import wilson
from foretaste.stats.unpaired import more_often, rate_ratio

SIGNIFICANCE = 0.05
"""False discovery rate of the signs of one reaction."""

LEAST = 6
"""Users whose turns before a reaction show a feature, so that it is tested for it."""

_SIGHTINGS = 3  # of a sign
_QUOTED = 300  # characters
_SAME = 0.8  # of the turns that show one of two features: those that show both, to fold the second

Rows = npt.NDArray[np.int64]


class _Turns(NamedTuple):
    """The turns after which the log has something, a row each."""

    kind: npt.NDArray[np.str_]
    cluster: Rows
    weight: npt.NDArray[np.float64]


class _Row(NamedTuple):
    """One of them, as the store has it."""

    number: int
    kind: str
    prefix: Prefix


def react(prefixes: Iterable[Prefix]) -> tuple[Reaction, ...]:
    """The share of turns after which people reacted in each way, and its signs.

    Rates are clustered by user and weighted by inverse inclusion probability. A sign is tested
    against all other turns after which somebody went on, by the conditional test of two rates on
    counts deflated for clusters.

    Args:
        prefixes: of a run; iterated up to four times.
    """
    turns = _turns(prefixes)
    if not len(turns.kind):
        return ()
    wanted = _wanted(prefixes)
    rows = _rows(prefixes, set().union(*wanted.values()))
    found = [
        _reaction(kind, turns, {seen: rows[seen] for seen in sorted(wanted[kind])})
        for kind in KINDS
    ]
    examples = _examples(prefixes, turns, found, rows)
    return tuple(
        replace(
            each,
            signs=tuple(
                replace(sign, sightings=tuple(examples[each.kind, Seen(sign.kind, sign.what)]))
                for sign in each.signs
            ),
        )
        for each in found
    )


def _answered(prefixes: Iterable[Prefix]) -> Iterator[_Row]:
    number = 0
    for prefix in prefixes:
        kind = reaction_of(prefix.labels)
        if kind is not None:
            yield _Row(number, kind, prefix)
            number += 1


def _turns(prefixes: Iterable[Prefix]) -> _Turns:
    kinds, weights, codes = [], array("d"), array("q")
    users: dict[str, int] = {}
    for row in _answered(prefixes):
        kinds.append(row.kind)
        weights.append(1 / row.prefix.probability)
        codes.append(users.setdefault(row.prefix.user, len(users)))
    return _Turns(np.array(kinds), np.array(codes, dtype=np.int64), np.array(weights))


def _wanted(prefixes: Iterable[Prefix]) -> dict[str, set[Seen]]:
    """Features of each reaction that enough users' turns show."""
    users: dict[str, defaultdict[Seen, set[str]]] = {kind: defaultdict(set) for kind in KINDS}
    for row in _answered(prefixes):
        if row.kind in users:
            for seen in seen_in(row.prefix, row.prefix.recorded):
                users[row.kind][seen].add(row.prefix.user)
    return {
        kind: {seen for seen, who in of.items() if len(who) >= LEAST} for kind, of in users.items()
    }


def _rows(prefixes: Iterable[Prefix], wanted: set[Seen]) -> dict[Seen, Rows]:
    found: dict[Seen, array[int]] = {seen: array("q") for seen in wanted}
    if wanted:
        for row in _answered(prefixes):
            for seen in seen_in(row.prefix, row.prefix.recorded):
                if seen in found:
                    found[seen].append(row.number)
    return {seen: np.array(places, dtype=np.int64) for seen, places in found.items()}


def _reaction(kind: str, turns: _Turns, shown: Mapping[Seen, Rows]) -> Reaction:
    here = turns.kind == kind
    rate = clustered_rate(here, turns.cluster, turns.weight)
    interval = wilson(rate.rate * rate.effective_n, rate.effective_n)
    signs = _signs(here, turns, shown) if 0 < np.count_nonzero(here) < len(here) else []
    return Reaction(
        kind=kind,
        turns=int(np.count_nonzero(here)),
        of=len(here),
        users=len(np.unique(turns.cluster[here])),
        rate=rate.rate,
        lower=interval.lower,
        upper=interval.upper,
        tested=len(shown),
        signs=_folded(signs, shown, here),
    )


def _signs(here: npt.NDArray[np.bool_], turns: _Turns, shown: Mapping[Seen, Rows]) -> list[Sign]:
    """Those that pass FDR, the clearest first.

    Deflating can only raise a p-value: what fails on plain counts is not looked at again.
    """
    count = int(np.count_nonzero(here))
    plain = []
    for rows in shown.values():
        before = int(np.count_nonzero(here[rows]))
        plain.append(more_often(len(rows) - before, len(here) - count, before, count))
    near = [q is not None and q <= SIGNIFICANCE for q in benjamini_hochberg(plain)]
    signs = [
        _sign(seen, rows, here, turns) if is_near else None
        for (seen, rows), is_near in zip(shown.items(), near, strict=True)
    ]
    tests = [p if sign is None else sign.p_value for sign, p in zip(signs, plain, strict=True)]
    kept = [
        replace(sign, q_value=q)
        for sign, q in zip(signs, benjamini_hochberg(tests), strict=True)
        if sign is not None and q is not None and q <= SIGNIFICANCE
    ]
    return sorted(kept, key=lambda sign: sign.p_value)


def _sign(seen: Seen, rows: Rows, here: npt.NDArray[np.bool_], turns: _Turns) -> Sign:
    shows = np.zeros(len(here), dtype=np.int8)
    shows[rows] = 1
    first, second = (
        clustered_rate(shows[side], turns.cluster[side], turns.weight[side])
        for side in (~here, here)
    )
    counts = (
        first.rate * first.effective_n,
        first.effective_n,
        second.rate * second.effective_n,
        second.effective_n,
    )
    interval = rate_ratio(*counts)
    return Sign(
        kind=seen.kind,
        what=seen.what,
        users=len(np.unique(turns.cluster[rows][here[rows]])),
        shown=int(np.count_nonzero(here[rows])),
        of=int(np.count_nonzero(here)),
        elsewhere=int(np.count_nonzero(~here[rows])),
        of_others=int(np.count_nonzero(~here)),
        rate=second.rate,
        rate_elsewhere=first.rate,
        ratio=second.rate / first.rate if first.rate > 0 else None,
        lower=interval.lower,
        upper=interval.upper if np.isfinite(interval.upper) else None,
        p_value=more_often(*counts),
        q_value=1.0,
    )


def _folded(
    signs: list[Sign], shown: Mapping[Seen, Rows], here: npt.NDArray[np.bool_]
) -> tuple[Sign, ...]:
    """One sign for those of nearly the same turns: the clearest, with the names of the others."""
    kept: list[tuple[Sign, set[int]]] = []
    for sign in signs:
        seen = Seen(sign.kind, sign.what)
        rows = shown[seen]
        own = set(rows[here[rows]].tolist())
        for place, (other, others) in enumerate(kept):
            if len(own & others) >= _SAME * len(own | others):
                kept[place] = replace(other, also=(*other.also, seen)), others
                break
        else:
            kept.append((sign, own))
    return tuple(sign for sign, _ in kept)


def _examples(
    prefixes: Iterable[Prefix],
    turns: _Turns,
    found: Iterable[Reaction],
    rows: Mapping[Seen, Rows],
) -> Mapping[tuple[str, Seen], list[Sighting]]:
    """A few turns of each sign, no two of one user."""
    wanted: defaultdict[int, list[tuple[str, Seen]]] = defaultdict(list)
    for reaction in found:
        for sign in reaction.signs:
            seen = Seen(sign.kind, sign.what)
            here = rows[seen][turns.kind[rows[seen]] == reaction.kind]
            first = np.unique(turns.cluster[here], return_index=True)[1]
            for row in here[np.sort(first)[:_SIGHTINGS]].tolist():
                wanted[row].append((reaction.kind, seen))
    examples: defaultdict[tuple[str, Seen], list[Sighting]] = defaultdict(list)
    if wanted:
        for row in _answered(prefixes):
            for key in wanted.get(row.number, ()):
                quote = _quote(row.prefix, key[1].what)
                place = Sighting(prefix=row.prefix.id, lane=Lane.RECORDED, quote=quote, other="")
                examples[key].append(place)
    return examples


def _quote(prefix: Prefix, what: str) -> str:
    """The turn around the place that shows it, or its beginning."""
    text = "\n".join(each.content for each in prefix.recorded if each.role == "assistant")
    start = max(0, text.lower().find(what) - _QUOTED // 3)
    return text[start : start + _QUOTED]
