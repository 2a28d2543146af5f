"""Rates per behavior and lane, and their change between lanes on the same prefixes."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from foretaste.columns import (
    ABSENT,
    CODE,
    MISSING,
    OUTSIDE,
    PRESENT,
    UNGRADED,
    Codes,
    Columns,
    Flags,
    Floats,
    Ints,
    Pairs,
)
from foretaste.findings import Change, Direction, Estimate
from foretaste.records import Lane, Outcome, Prefix, Rollout, Verdict
from foretaste.stats.clusters import (
    PairTable,
    clustered_difference,
    clustered_rate,
    clustered_table,
)
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import mcnemar_exact, sign_test_by_cluster, tango
from foretaste.stats.proportion import detection_floor, jeffreys_rate, wilson
from foretaste.stats.scoring import multiplicative_error, noise_error
from foretaste.turns import is_blank

SIGNIFICANCE = 0.05


def tabulate(
    prefixes: Iterable[Prefix],
    rollouts: Iterable[Rollout],
    verdicts: Iterable[Verdict],
    *,
    behaviors: Iterable[str],
    lanes: Iterable[Lane],
) -> Columns:
    """Verdicts as columns: a row a prefix; missing where a lane has no rollout.

    Where a turn holds no word and no tool call, a behavior that was not seen in it is ungraded:
    a model that says nothing must not look like one that behaves. Where a behavior is not defined
    for one lane of a prefix it is so for all: what it goes by comes before any answer.
    """
    row: dict[str, int] = {}
    weight: list[float] = []
    users: dict[str, int] = {}
    cluster: list[int] = []
    for prefix in prefixes:
        row[prefix.id] = len(row)
        weight.append(1.0 / prefix.probability)
        cluster.append(users.setdefault(prefix.user, len(users)))
    behaviors, lanes = tuple(behaviors), tuple(lanes)
    outcome: dict[tuple[str, Lane], Codes] = {
        (behavior, lane): np.full(len(row), MISSING, dtype=np.int8)
        for behavior in behaviors
        for lane in lanes
    }
    place: dict[str, tuple[int, Lane]] = {}
    blank: set[str] = set()
    for rollout in rollouts:
        if rollout.parent in row and rollout.lane in lanes:
            place[rollout.id] = (row[rollout.parent], rollout.lane)
            if is_blank(rollout):
                blank.add(rollout.id)
    for at, lane in place.values():
        for behavior in behaviors:
            outcome[behavior, lane][at] = UNGRADED  # until a verdict says more
    for verdict in verdicts:
        found = place.get(verdict.parent)
        if found is None or (verdict.behavior, found[1]) not in outcome:
            continue
        unsaid = verdict.outcome is Outcome.ABSENT and verdict.parent in blank
        code = UNGRADED if unsaid else CODE[verdict.outcome]
        outcome[verdict.behavior, found[1]][found[0]] = code
    for behavior in behaviors:
        own = [outcome[behavior, lane] for lane in lanes]
        outside = np.any([codes == OUTSIDE for codes in own], axis=0)
        for codes in own:
            codes[outside] = OUTSIDE
    return Columns(
        weight=np.asarray(weight, dtype=np.float64),
        cluster=np.asarray(cluster, dtype=np.int64),
        outcome=outcome,
    )


def estimate(columns: Columns) -> tuple[Estimate, ...]:
    """The rate of every behavior in every lane."""
    return tuple(
        _estimate(columns, behavior, lane, codes)
        for (behavior, lane), codes in columns.outcome.items()
    )


def _estimate(columns: Columns, behavior: str, lane: Lane, codes: Codes) -> Estimate:
    inside = codes != OUTSIDE
    cluster, weight, codes = columns.cluster[inside], columns.weight[inside], codes[inside]
    graded = codes >= ABSENT
    n = int(graded.sum())
    hit = (codes[graded] == PRESENT).astype(np.float64)
    found = clustered_rate(hit, cluster[graded], weight[graded]) if n else None
    interval = wilson(found.rate * found.effective_n, found.effective_n) if found else None
    simple = wilson(found.rate * n, n) if found else None
    least, most = (
        clustered_rate(shown, cluster, weight) if len(codes) else None
        for shown in (codes == PRESENT, (codes == PRESENT) | (codes < ABSENT))
    )
    return Estimate(
        behavior=behavior,
        lane=lane,
        present=int((codes == PRESENT).sum()),
        graded=n,
        ungraded=int((codes == UNGRADED).sum()),
        missing=int((codes == MISSING).sum()),
        users=found.clusters if found else 0,
        effective_n=found.effective_n if found else 0.0,
        rate=found.rate if found else None,
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
        simple_lower=simple.lower if simple else None,
        simple_upper=simple.upper if simple else None,
        floor=detection_floor(found.effective_n) if found else None,
        least=least.rate if least else None,
        least_n=least.effective_n if least else 0.0,
        most=most.rate if most else None,
        most_n=most.effective_n if most else 0.0,
        outside=int((~inside).sum()),
        outside_share=float(columns.weight[~inside].sum() / columns.weight.sum())
        if len(inside)
        else 0.0,
    )


def compare(columns: Columns, before: Lane, after: Lane) -> tuple[Change, ...]:
    """The change of every behavior between two lanes, corrected over behaviors.

    The p-value is the exact sign test over users; it is McNemar's where each user has one prefix.
    """
    changes = [_change(columns, behavior, before, after) for behavior in columns.behaviors]
    corrected = benjamini_hochberg([change.p_value for change in changes])
    return tuple(
        replace(change, q_value=q, direction=_direction(change, q))
        for change, q in zip(changes, corrected, strict=True)
    )


def _direction(change: Change, q: float | None) -> Direction:
    """Users must have moved, and the rate with them: a few users' many turns may say otherwise."""
    if change.lower is None or change.upper is None or q is None or q > SIGNIFICANCE:
        return Direction.UNCLEAR
    if change.lower > 0:
        return Direction.UP
    return Direction.DOWN if change.upper < 0 else Direction.UNCLEAR


def _change(columns: Columns, behavior: str, before: Lane, after: Lane) -> Change:
    first, second = columns.outcome[behavior, before], columns.outcome[behavior, after]
    graded = (first >= ABSENT) & (second >= ABSENT)
    n = int(graded.sum())
    hit_before = (first[graded] == PRESENT).astype(np.float64)
    hit_after = (second[graded] == PRESENT).astype(np.float64)
    cluster = columns.cluster[graded]
    only_before = int(((hit_before > 0) & (hit_after == 0)).sum())
    only_after = int(((hit_after > 0) & (hit_before == 0)).sum())
    change = Change(
        behavior=behavior,
        before=before,
        after=after,
        pairs=n,
        users=len(np.unique(cluster)),
        both=int(((hit_before > 0) & (hit_after > 0)).sum()),
        only_before=only_before,
        only_after=only_after,
        difference=None,
        lower=None,
        upper=None,
        ratio=None,
        multiplicative_error=None,
        noise_error=None,
        p_pairs=None,
        p_value=None,
        q_value=None,
        direction=Direction.UNCLEAR,
    )
    if not n:
        return change
    paired = clustered_difference(hit_before, hit_after, cluster, columns.weight[graded])
    interval = tango(paired.only_before, paired.only_after, paired.effective_n)
    k_before, k_after = (
        _effective_count(hit, cluster, columns.weight[graded]) for hit in (hit_before, hit_after)
    )
    return replace(
        change,
        difference=paired.difference,
        lower=interval.lower,
        upper=interval.upper,
        ratio=jeffreys_rate(*k_after) / jeffreys_rate(*k_before),
        multiplicative_error=multiplicative_error(*k_before, *k_after),
        noise_error=noise_error(*k_before, *k_after),
        p_pairs=mcnemar_exact(only_before, only_after),
        p_value=sign_test_by_cluster(hit_before, hit_after, cluster),
    )


def _effective_count(hit: Floats, cluster: Ints, weight: Floats) -> tuple[float, float]:
    """Sightings and turns, at the size that clustering and weights leave."""
    found = clustered_rate(hit, cluster, weight)
    return found.rate * found.effective_n, found.effective_n


def pair_up(columns: Columns, before: Lane, after: Lane) -> tuple[Pairs, ...]:
    """Every behavior's pairs in two lanes, for the ratio of their rates."""
    found = []
    for behavior in columns.behaviors:
        first, second = columns.outcome[behavior, before], columns.outcome[behavior, after]
        inside = (first != OUTSIDE) & (second != OUTSIDE)
        shown, unknown = first == PRESENT, first < ABSENT
        shows, open_ = second == PRESENT, second < ABSENT
        found.append(
            Pairs(
                behavior=behavior,
                best=_table(columns, inside, shown | unknown, shows),
                seen=_table(columns, inside & ~unknown & ~open_, shown, shows),
                worst=_table(columns, inside, shown, shows | open_),
            )
        )
    return tuple(found)


def _table(columns: Columns, rows: Flags, before: Flags, after: Flags) -> PairTable | None:
    if not rows.any():
        return None
    return clustered_table(before[rows], after[rows], columns.cluster[rows], columns.weight[rows])
