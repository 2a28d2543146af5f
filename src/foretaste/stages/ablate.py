"""Whether an audit that was told of no behavior finds again those that graders know."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from foretaste.discoveries import Ablated, Difference, Pair, Passed, Seen
from foretaste.features.sides import shows, sides
from foretaste.records import Outcome, Verdict
from foretaste.stats.association import coincidence
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import sign_test_by_cluster

SIGNIFICANCE = 0.05
"""False discovery rate, of the behaviors that differ and of the findings that go with them."""

LEAST_LIFT = 2.0
"""How many times oftener a behavior must be seen on a finding's pairs than elsewhere."""

LEAST_USERS = 5
"""Users who must show both, or what goes together may be one user's habit."""

Flags: TypeAlias = NDArray[np.int8]
Ints: TypeAlias = NDArray[np.intp]

_SAID = {Outcome.PRESENT: 1, Outcome.ABSENT: 0}


class _Graded(NamedTuple):
    """A behavior on the pairs that were graded in both lanes."""

    rows: Ints  # of the pairs
    before: Flags
    after: Flags
    cluster: Ints


def ablation(
    pairs: Iterable[Pair], verdicts: Iterable[Verdict], passed: Passed, behaviors: Sequence[str]
) -> tuple[Ablated, ...]:
    """For each behavior, the findings that show it without having been told of it.

    The audit sees no grader, so each behavior in which the lanes differ is one that it may find
    by itself. A finding goes with a behavior if the behavior's new pairs (present in the lane that
    has more of it, and not in the other) are at least twice as frequent on the finding's own new
    pairs as elsewhere, over at least five users, by a clustered test with FDR over all that were
    tried. That says the finding would have led a reader there; it does not say that the finding
    is the behavior: what goes along with it (a shorter answer with a refusal) counts.

    Args:
        pairs: those that were audited.
        verdicts: of any behavior and lane.
        passed: what the audit of these pairs found.
        behaviors: names of those that were graded.

    Returns:
        A row a behavior. `found` is None where the lanes do not differ in it by the exact sign
        test over users, with FDR over the behaviors: there is nothing to find.
    """
    said = {(v.behavior, v.parent): _SAID.get(v.outcome) for v in verdicts}
    clusters: dict[str, int] = {}
    rollouts: list[tuple[str, str]] = []
    user: list[int] = []
    shown: list[list[int]] = [[] for _ in passed.differences]
    for row, pair in enumerate(pairs):
        user.append(clusters.setdefault(pair.prefix.user, len(clusters)))
        rollouts.append((pair.before.id, pair.after.id))
        for place in _shows(pair, passed.differences):
            shown[place].append(row)
    cluster = np.array(user, dtype=np.intp)
    graded = {name: _graded(name, rollouts, said, cluster) for name in behaviors}
    differ = benjamini_hochberg(
        [sign_test_by_cluster(g.before, g.after, g.cluster) for g in graded.values()]
    )
    able = [
        name for name, q in zip(graded, differ, strict=True) if q is not None and q <= SIGNIFICANCE
    ]
    tried = [(name, place) for name in able for place in range(len(shown))]
    tests = [_goes_with(graded[name], shown[place], len(user)) for name, place in tried]
    sure = benjamini_hochberg(tests)
    by: dict[str, list[str]] = {name: [] for name in able}
    for (name, place), q in zip(tried, sure, strict=True):
        if q is not None and q <= SIGNIFICANCE:
            found = passed.differences[place]
            by[name].append(f"{found.kind}: {found.what}")
    return tuple(
        Ablated(
            behavior=name,
            pairs=int(np.count_nonzero(each.before != each.after)),
            found=bool(by[name]) if name in by else None,
            by=tuple(by.get(name, ())),
        )
        for name, each in graded.items()
    )


def _shows(pair: Pair, differences: Sequence[Difference]) -> Iterable[int]:
    """Findings that the pair shows in the direction in which they were found."""
    before, after = sides(pair)
    for place, each in enumerate(differences):
        more, less = (after, before) if each.difference > 0 else (before, after)
        seen = Seen(each.kind, each.what)
        if shows(more, seen) and not shows(less, seen):
            yield place


def _graded(
    name: str,
    rollouts: Sequence[tuple[str, str]],
    said: Mapping[tuple[str, str], int | None],
    cluster: Ints,
) -> _Graded:
    known = [
        (row, before, after)
        for row, pair in enumerate(rollouts)
        for before, after in [[said.get((name, rollout)) for rollout in pair]]
        if before is not None and after is not None
    ]
    table = np.array(known, dtype=np.intp).reshape(-1, 3)
    rows = table[:, 0]
    return _Graded(rows, table[:, 1].astype(np.int8), table[:, 2].astype(np.int8), cluster[rows])


def _goes_with(graded: _Graded, shown: Sequence[int], pairs: int) -> float:
    """P-value that the behavior goes with a finding; 1 where it does not go with it enough."""
    change = graded.after - graded.before
    new = change == (1 if change.sum() > 0 else -1)
    marks = np.zeros(pairs, dtype=np.int8)
    marks[list(shown)] = 1
    found = coincidence(marks[graded.rows], new.astype(np.int8), graded.cluster)
    enough = found.clusters >= LEAST_USERS and (found.lift or 0.0) >= LEAST_LIFT
    return found.p_value if enough else 1.0
