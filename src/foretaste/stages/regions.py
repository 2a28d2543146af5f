"""The second pass: regions of traffic in which two lanes differ more than elsewhere, or otherwise.

A region is a topic of what users asked, or a part by language, tag, or whether tools are used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.discoveries import Difference, Pair, Passed, Region, Regions, Seen
from foretaste.errors import PlanError
from foretaste.regions.differing import Sample, difference, sample_of
from foretaste.regions.indicators import Indicators, by_user
from foretaste.regions.telling import Told, told_apart
from foretaste.regions.topics import (
    NOWHERE,
    Part,
    asked,
    parts_of,
    telling_words,
    topics_of,
    vectors_of,
    words_of,
)
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.elsewhere import elsewhere
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import mcnemar_exact
from foretaste.stats.proportion import wilson
from foretaste.training import Embedder

SIGNIFICANCE = 0.05
"""False discovery rate of what is reported: of regions, and of features in them."""

LEAST_USERS = 20
"""Users that a region needs to be shown, unless the plan asks for more."""

TOPICS = 40
"""Topics at most."""

_SHOWN = 10  # differences of a region
_COMPARED = 100  # features of a region that are held against elsewhere
_ALIKE = 0.5  # of two features' pairs, at which the less clear one is folded into the other
_BATCH = 1_024  # texts that are embedded at once


class _Tested(NamedTuple):
    """One feature in one region."""

    region: int
    column: int
    p_value: float
    q_value: float


def regions(
    pairs: Iterable[Pair],
    passed: Passed,
    *,
    seed: int,
    least_users: int = LEAST_USERS,
    most: int = TOPICS,
    embedder: Embedder | None = None,
) -> Regions:
    """Where the lanes differ: how far they are told apart in each region, and by what.

    That a region is told apart better than the rest of the traffic is a clustered score test in
    each half of the users; the smaller p-value counts twice, as the halves depend on one another. A
    feature is a region's own where the exact sign test over users' net changes within the region
    and the test against elsewhere both say so: its p-value is the larger of the two. Each kind of
    test has a false discovery rate of its own, over all regions.

    Nothing of a region with fewer than `least_users` is shown, and no word in a topic's name that
    fewer than so many of its users say.

    Args:
        pairs: every prefix with both turns.
        passed: what the first pass found on them: its lanes, and the users whose change a feature
            needs to be tested.
        seed: of topics and of training.
        least_users: users that a region needs.
        most: topics; there are fewer where users are few.
        embedder: what turns texts into vectors; None: words weighed by how telling they are.

    Raises:
        PlanError: scikit-learn is not installed, or `least_users` is below 2.
    """
    if least_users < 2:
        raise PlanError(
            f"a region of {least_users} users would show what one person said: ask for 2"
        )
    sample = sample_of(list(pairs), passed)
    texts = [asked(each.prefix) for each in sample.rows]
    words = words_of(texts)
    vectors = _embedded(texts, embedder) if embedder else vectors_of(words, seed=seed)
    users = len(np.unique(sample.user))
    topic = topics_of(vectors, users, least_users=least_users, most=most, seed=seed)
    parts = parts_of([each.prefix for each in sample.rows])
    parts += [Part("", topic == k) for k in np.unique(topic) if k != NOWHERE]
    size = [len(np.unique(sample.user[part.inside])) for part in parts]
    large = [part for part, count in zip(parts, size, strict=True) if count >= least_users]
    small = [part for part, count in zip(parts, size, strict=True) if count < least_users]
    told = told_apart(sample.change, sample.user, topic, seed=seed)
    found = _compared(sample, large, told, words, least_users)
    found = _explained(sample, large, found, passed.least, least_users)
    return Regions(
        looked=len(large),
        small=len(small),
        small_pairs=int(sum(part.inside.sum() for part in small)),
        least_users=least_users,
        elsewhere=float(np.average(told.right, weights=sample.weight)) if parts else None,
        regions=tuple(sorted(found, key=_clearest)),
    )


def _embedded(texts: Sequence[str], embedder: Embedder) -> npt.NDArray[np.float32]:
    batches = [texts[k : k + _BATCH] for k in range(0, len(texts), _BATCH)]
    return np.concatenate([embedder(batch).astype(np.float32) for batch in batches])


def _clearest(region: Region) -> tuple[float, float, str]:
    p_values = [each.p_value for each in region.differences]
    p_values += [] if region.p_value is None else [region.p_value]
    q_values = [each.q_value for each in region.differences]
    q_values += [] if region.q_value is None else [region.q_value]
    return min(q_values, default=2.0), min(p_values, default=2.0), region.name


def _compared(
    sample: Sample,
    parts: Sequence[Part],
    told: Told,
    words: Indicators[str],
    least_users: int,
) -> list[Region]:
    found = []
    for number, part in enumerate(parts, start=1):
        inside = part.inside
        user, weight = sample.user[inside], sample.weight[inside]
        # A tie is one right and one wrong look of two.
        looks = np.concatenate([told.right[inside] > 0, told.right[inside] == 1])
        rate = clustered_rate(looks, np.tile(user, 2), np.tile(weight, 2))
        # As if one half of the users only repeated the other: how far they depend is not known.
        n = rate.effective_n / 2
        interval = wilson(rate.rate * n, n)
        said = telling_words(words, inside, sample.user, least_users=least_users)
        p_value = None
        if _has_rest(sample, inside, least_users):
            p_value = _better(sample, told, inside)
        found.append(
            Region(
                name=part.name or ", ".join(said) or f"topic {number}, without words of its own",
                pairs=int(inside.sum()),
                users=len(np.unique(user)),
                told=rate.rate,
                lower=interval.lower,
                upper=interval.upper,
                p_value=p_value,
                q_value=None,
            )
        )
    corrected = benjamini_hochberg([each.p_value for each in found])
    return [replace(each, q_value=q) for each, q in zip(found, corrected, strict=True)]


def _better(sample: Sample, told: Told, inside: npt.NDArray[np.bool_]) -> float | None:
    """Test that a region is told better than elsewhere: twice the smaller p-value of two halves."""
    found = []
    for number in (0, 1):
        own = told.half == number
        if 0 < np.count_nonzero(inside & own) < np.count_nonzero(own):
            sides = told.right[own], inside[own], sample.user[own], sample.weight[own]
            found.append(elsewhere(*sides).above)
    return min(1.0, len(found) * min(found)) if found else None


def _has_rest(sample: Sample, inside: npt.NDArray[np.bool_], least_users: int) -> bool:
    """Whether there is enough traffic elsewhere to compare with."""
    return len(np.unique(sample.user[~inside])) >= least_users


def _explained(
    sample: Sample, parts: Sequence[Part], found: list[Region], least: int, least_users: int
) -> list[Region]:
    """The same regions, with the features that are their own."""
    tests = []
    for number, part in enumerate(parts):
        if _has_rest(sample, part.inside, least_users):
            tests += _signs(sample, part.inside, number, least)
    tests = _corrected(tests)
    for number, part in enumerate(parts):
        tests = _against_elsewhere(sample, part.inside, number, tests)
    own = [each for each in _corrected(tests) if each.q_value <= SIGNIFICANCE]
    return [
        replace(region, differences=_shown(sample, parts[number].inside, mine))
        if (mine := [each for each in own if each.region == number])
        else region
        for number, region in enumerate(found)
    ]


def _signs(sample: Sample, inside: npt.NDArray[np.bool_], region: int, least: int) -> list[_Tested]:
    """The sign test of every feature that enough users of the region change in."""
    net = by_user(sample.change[inside], sample.user[inside])
    width = sample.change.shape[1]
    more = np.bincount(net.indices[net.data > 0], minlength=width)
    less = np.bincount(net.indices[net.data < 0], minlength=width)
    return [
        _Tested(region, int(k), mcnemar_exact(int(less[k]), int(more[k])), 1.0)
        for k in np.flatnonzero(more + less >= least)
    ]


def _against_elsewhere(
    sample: Sample, inside: npt.NDArray[np.bool_], region: int, tests: Sequence[_Tested]
) -> list[_Tested]:
    """The same tests; those of a region that can pass are held against elsewhere too.

    That makes no p-value smaller, so those that do not pass already are left as they are. Of the
    others only the `_COMPARED` that seem most unlike elsewhere are looked at, and the rest cannot
    pass: where two lanes differ in everything, that is nearly all of them.
    """
    mine = [each for each in tests if each.region == region and each.q_value <= SIGNIFICANCE]
    if not mine:
        return list(tests)
    columns = [each.column for each in mine]
    own, rest = (sample.change[side][:, columns] for side in (inside, ~inside))
    apart = np.abs(np.asarray(own.mean(axis=0) - rest.mean(axis=0))).ravel()
    moved = np.asarray(abs(own).sum(axis=0) + abs(rest).sum(axis=0)).ravel()
    looked = set(np.argsort(-apart / np.sqrt(moved), kind="stable")[:_COMPARED].tolist())
    found = {each: each._replace(p_value=1.0) for each in mine}
    for place in looked:
        test = mine[place]
        change = sample.by_column[:, [test.column]].toarray().ravel()
        other = elsewhere(change, inside, sample.user, sample.weight).other
        found[test] = test._replace(p_value=max(test.p_value, other))
    return [found.get(each, each) for each in tests]


def _corrected(tests: Sequence[_Tested]) -> list[_Tested]:
    corrected = benjamini_hochberg([each.p_value for each in tests])
    return [
        each._replace(q_value=q) for each, q in zip(tests, corrected, strict=True) if q is not None
    ]


def _shown(
    sample: Sample, inside: npt.NDArray[np.bool_], tests: Sequence[_Tested]
) -> tuple[Difference, ...]:
    """The clearest differences of a region; others on nearly the same pairs are folded in."""
    kept: list[tuple[_Tested, set[int], list[Seen]]] = []
    for test in sorted(tests, key=lambda each: (each.p_value, each.column)):
        column = sample.by_column[:, [test.column]]
        own = set(column.indices[inside[column.indices]].tolist())
        for _, first, also in kept:
            if len(own & first) >= _ALIKE * min(len(own), len(first)):
                also.append(sample.turns.seen[test.column])
                break
        else:
            if len(kept) == _SHOWN:
                break
            kept.append((test, own, []))
    return tuple(
        replace(
            difference(sample, np.flatnonzero(inside), test.column),
            p_value=test.p_value,
            q_value=test.q_value,
            also=tuple(also[:_SHOWN]),
        )
        for test, _, also in kept
    )
