"""The first pass: features that one lane shows more often than the other, without any model."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.discoveries import Difference, Pair, Passed, Seen, Sighting
from foretaste.features import TELLING, marks, text_of
from foretaste.features.occurrences import Occurrences
from foretaste.features.quotes import quote
from foretaste.records import Lane
from foretaste.stats.alike import groups_of_alike
from foretaste.stats.changes import Tested, changed_features, discordant_pairs
from foretaste.stats.clusters import clustered_difference
from foretaste.stats.logodds import log_odds
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import tango
from foretaste.stats.sieve import Sieve

SIGNIFICANCE = 0.05
"""False discovery rate of what is reported."""

MOST = 200
"""Differences that are reported; how many features passed is said beside."""

_FOLDED = 2_000  # features, the clearest, among which like ones are looked for
_ENTRIES = 20_000_000  # discordant pairs of all those together
_ALSO = 8  # features named beside the one they were folded into
_SIGHTINGS = 3
_LOOKED_AT = 40  # turns from which a clause is read
_PRIOR = 100.0  # turns that the prior of the log-odds is worth


class _Rows(NamedTuple):
    shown: Occurrences
    cluster: npt.NDArray[np.intp]
    weight: npt.NDArray[np.float64]


class _Finding(NamedTuple):
    row: int  # of `Tested`
    entries: npt.NDArray[np.uint64]  # its discordant pairs: `discordant_pairs`
    seen: Seen
    also: tuple[Seen, ...]


def discover(pairs: Iterable[Pair], *, before: Lane, after: Lane, missing: int = 0) -> Passed:
    """What differs between two lanes on the same prefixes.

    Each feature is tested by the exact sign test over users' net changes; which are tested,
    `stats.changes` says. Intervals are Tango's, deflated for clusters and weights. Features of
    nearly the same discordant pairs are one difference, named by the one that says most: by kind
    in the order of `TELLING`, then the longest; a phrase by all the words that its turns have in
    common around it. Benjamini-Hochberg corrects over all features tested, where a difference
    counts once among what is found however many features it stands for.

    The clearest come first: by p-value, then by the size of the log-odds. Something that one lane
    never does then stands above what both do half the time and one of them a little more, as the
    users who differ in it all differ in one direction.

    Args:
        pairs: every prefix with both turns. They are gone through twice, and not kept: a list, or
            anything else that can be iterated again and gives the same.
        before: lane of the pairs' first turns.
        after: lane of their second turns.
        missing: prefixes that lack one of the two.

    Raises:
        ValueError: `pairs` can be iterated only once.
    """
    if iter(pairs) is pairs:
        raise ValueError("pairs are gone through twice: give a list")
    rows = _read(pairs)
    by_user = np.argsort(rows.cluster, kind="stable")
    found = changed_features(
        lambda sieve: rows.shown.changes(by_user, sieve),
        rows.cluster,
        rows.weight,
        rows.shown.most,
        SIGNIFICANCE,
    )
    odds = _log_odds(found, rows.shown.pairs)
    corrected = np.array(benjamini_hochberg(found.p_value.tolist()), dtype=np.float64)
    passed = np.flatnonzero(corrected <= SIGNIFICANCE)
    clearest = passed[np.lexsort((passed, -np.abs(odds[passed]), found.p_value[passed]))]
    discordant = found.only_before[clearest] + found.only_after[clearest]
    clearest = clearest[:_FOLDED][np.cumsum(discordant[:_FOLDED]) <= _ENTRIES]
    findings = _folded(found, clearest, rows.shown)
    findings.sort(key=lambda each: (found.p_value[each.row], -abs(odds[each.row]), each.seen))
    # One that stands for many is still one: counted as many, it would let chance in beside it.
    q_values = _counted_once([float(found.p_value[each.row]) for each in findings], len(odds))
    findings = [each for each, q in zip(findings, q_values, strict=True) if q <= SIGNIFICANCE]
    differences = [
        _difference(finding, found, rows, float(odds[finding.row]), q)
        for finding, q in zip(findings[:MOST], q_values, strict=False)
    ]
    return Passed(
        before=before,
        after=after,
        pairs=rows.shown.pairs,
        users=int(rows.cluster.max(initial=-1)) + 1,
        missing=missing,
        features=found.seen,
        tested=len(found.feature),
        least=found.least,
        differences=_with_sightings(differences, findings, found, rows, pairs, (before, after)),
        passing=len(passed),
    )


def _counted_once(p_values: list[float], tests: int) -> list[float]:
    """Benjamini-Hochberg's q-values of these, in order, where all other tests found nothing."""
    others = [1.0] * (tests - len(p_values))
    found = benjamini_hochberg([*p_values, *others])[: len(p_values)]
    return [q for q in found if q is not None]


def _read(pairs: Iterable[Pair]) -> _Rows:
    shown, codes = Occurrences(), dict[str, int]()
    cluster, weight = [], []
    for pair in pairs:
        cluster.append(codes.setdefault(pair.prefix.user, len(codes)))
        weight.append(1 / pair.prefix.probability)
        texts = (text_of(turn.messages) for turn in (pair.before, pair.after))
        shown.add(zip(texts, marks(pair), strict=True))
    return _Rows(shown, np.array(cluster, dtype=np.intp), np.array(weight, dtype=np.float64))


def _log_odds(found: Tested, pairs: int) -> npt.NDArray[np.float64]:
    """Of turns that show each feature; what is usual is its share of both lanes' turns."""
    first, second = found.both + found.only_before, found.both + found.only_after
    usual = (first + second + 0.5) / (2 * pairs + 1)
    return log_odds(first, second, (pairs, pairs), usual, _PRIOR)


def _folded(found: Tested, clearest: npt.NDArray[np.int64], shown: Occurrences) -> list[_Finding]:
    """Features of nearly the same discordant pairs and one direction, put together."""
    rows = clearest.tolist()
    if not rows:
        return []
    names = dict[int, Seen]()
    at: dict[int, set[int]] = {}
    wanted_ones = found.feature[clearest]
    told = shown.changes(np.arange(shown.pairs), Sieve.of(wanted_ones))
    entries = discordant_pairs(told, wanted_ones)
    for row, own in zip(rows, entries, strict=True):
        at.setdefault(int(own[0]) >> 1, set()).add(int(found.feature[row]))
    for pair, wanted in at.items():
        names |= shown.named(pair, wanted)
    # Two sides of a coin, such as one phrase in the place of another, have no entry in common.
    findings = []
    for group in groups_of_alike(entries):
        named = [(place, names[int(found.feature[rows[place]])]) for place in group]
        place, seen = min(named, key=lambda each: _rank(each[1]))
        if seen.kind == "phrase":
            turns = _turns(entries[place], _side(found, rows[place]))[:_LOOKED_AT]
            clause = shown.clause(int(found.feature[rows[place]]), turns.tolist())
            seen = Seen("phrase", clause or seen.what)
        others = sorted((each for _, each in named if each.what not in seen.what), key=_rank)
        findings.append(_Finding(rows[place], entries[place], seen, tuple(others[:_ALSO])))
    return findings


def _rank(seen: Seen) -> tuple[int, int, str]:
    """The most telling first: by its kind, then the longest."""
    return TELLING.index(seen.kind), -len(seen.what), seen.what


def _side(found: Tested, row: int) -> int:
    """In whose turns a feature is mostly seen: 0 the first lane's, 1 the second's."""
    return int(found.only_after[row] >= found.only_before[row])


def _turns(entries: npt.NDArray[np.uint64], side: int) -> npt.NDArray[np.uint64]:
    """Discordant pairs in which that side shows the feature."""
    return np.asarray(entries[(entries & np.uint64(1)) == np.uint64(side)])


def _difference(
    finding: _Finding, found: Tested, rows: _Rows, odds: float, q_value: float
) -> Difference:
    row, entries = finding.row, finding.entries
    one, two = (np.zeros(rows.shown.pairs, dtype=np.int8) for _ in range(2))
    place, side = (entries >> np.uint64(1)).astype(np.int64), entries & np.uint64(1)
    one[place[side == 0]] = 1
    two[place[side == 1]] = 1
    paired = clustered_difference(one, two, rows.cluster, rows.weight)
    interval = tango(paired.only_before, paired.only_after, paired.effective_n)
    total = float(rows.weight.sum())
    both = float(found.both_weight[row])
    return Difference(
        kind=finding.seen.kind,
        what=finding.seen.what,
        pairs=rows.shown.pairs,
        users=int(rows.cluster.max()) + 1,
        both=int(found.both[row]),
        only_before=int(found.only_before[row]),
        only_after=int(found.only_after[row]),
        moved=int(found.fell[row] + found.rose[row]),
        before=(both + float(rows.weight @ one)) / total,
        after=(both + float(rows.weight @ two)) / total,
        difference=paired.difference,
        lower=interval.lower,
        upper=interval.upper,
        log_odds=odds,
        p_value=float(found.p_value[row]),
        q_value=q_value,
        also=finding.also,
    )


def _with_sightings(
    differences: list[Difference],
    findings: list[_Finding],
    found: Tested,
    rows: _Rows,
    pairs: Iterable[Pair],
    lanes: tuple[Lane, Lane],
) -> tuple[Difference, ...]:
    """Each with quotes from a few of its pairs, of as many users as there are."""
    wanted: dict[int, list[tuple[int, int]]] = {}  # by pair: difference, and side that shows it
    for number, finding in enumerate(findings[: len(differences)]):
        side = _side(found, finding.row)
        for example in _examples(_turns(finding.entries, side) >> np.uint64(1), rows.cluster):
            wanted.setdefault(example, []).append((number, side))
    sightings: list[list[Sighting]] = [[] for _ in differences]
    for place, pair in enumerate(pairs if wanted else ()):
        for number, side in wanted.get(place, ()):
            turns = (pair.before, pair.after)
            seen = Seen(differences[number].kind, differences[number].what)
            sightings[number].append(
                Sighting(
                    prefix=pair.prefix.id,
                    lane=lanes[side],
                    quote=quote(seen, turns[side].messages),
                    other=quote(seen, turns[1 - side].messages),
                )
            )
    return tuple(
        replace(each, sightings=tuple(sightings[number])) for number, each in enumerate(differences)
    )


def _examples(pairs: npt.NDArray[np.uint64], cluster: npt.NDArray[np.intp]) -> Iterator[int]:
    """A few of these pairs: the first of each user, then whatever there is."""
    places = pairs.astype(np.int64)
    _, first = np.unique(cluster[places], return_index=True)
    order = [*np.sort(first).tolist(), *np.setdiff1d(np.arange(len(places)), first).tolist()]
    yield from places[order[:_SIGHTINGS]].tolist()
