"""The first pass: features that one lane shows more often than the other, without any model."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from foretaste.discoveries import Difference, Pair, Passed, Seen, Sighting
from foretaste.features import seen_in
from foretaste.records import Lane
from foretaste.stats.clusters import clustered_difference, clustered_rate
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.paired import sign_test_by_cluster, tango

SIGNIFICANCE = 0.05
"""False discovery rate of what is reported."""

LEAST = 6
"""Users whose change a feature needs before it is tested: fewer cannot reach p = 0.05."""


def discover(found: Iterable[Pair], *, before: Lane, after: Lane, missing: int = 0) -> Passed:
    """What differs between two lanes on the same prefixes.

    Args:
        found: every prefix with both turns.
        before: lane of the pairs' first turns.
        after: lane of their second turns.
        missing: prefixes that lack one of the two.
    """
    rows = list(found)
    codes: dict[str, int] = {}
    cluster = np.array([codes.setdefault(row.prefix.user, len(codes)) for row in rows])
    weight = np.array([1 / row.prefix.probability for row in rows])
    columns: dict[Seen, tuple[set[int], set[int]]] = {}
    for place, row in enumerate(rows):
        for side, rollout in enumerate((row.before, row.after)):
            for seen in seen_in(row.prefix, rollout.messages):
                columns.setdefault(seen, (set(), set()))[side].add(place)
    tested = []
    for seen, (first, second) in columns.items():
        if len({rows[k].prefix.user for k in first ^ second}) >= LEAST:
            tested.append((seen, first, second))
    differences = []
    for seen, first, second in tested:
        one, two = (np.zeros(len(rows), dtype=np.int8) for _ in range(2))
        one[list(first)] = 1
        two[list(second)] = 1
        paired = clustered_difference(one, two, cluster, weight)
        interval = tango(paired.only_before, paired.only_after, paired.effective_n)
        net = np.bincount(cluster, two - one.astype(float))
        example = rows[min(second - first)] if second - first else rows[min(first - second)]
        differences.append(
            Difference(
                kind=seen.kind,
                what=seen.what,
                pairs=len(rows),
                users=len(codes),
                both=len(first & second),
                only_before=len(first - second),
                only_after=len(second - first),
                moved=int(np.count_nonzero(net)),
                before=clustered_rate(one, cluster, weight).rate,
                after=clustered_rate(two, cluster, weight).rate,
                difference=paired.difference,
                lower=interval.lower,
                upper=interval.upper,
                log_odds=0.0,
                p_value=sign_test_by_cluster(one, two, cluster),
                q_value=1.0,
                sightings=(
                    Sighting(
                        prefix=example.prefix.id,
                        lane=after if second - first else before,
                        quote=example.after.text[:200],
                        other=example.before.text[:200],
                    ),
                ),
            )
        )
    return _passed(differences, rows, len(codes), len(columns), before, after, missing)


def _passed(
    differences: list[Difference],
    rows: list[Pair],
    users: int,
    features: int,
    before: Lane,
    after: Lane,
    missing: int,
) -> Passed:
    corrected = benjamini_hochberg([each.p_value for each in differences])
    kept = [
        replace(each, q_value=q)
        for each, q in zip(differences, corrected, strict=True)
        if q is not None and q <= SIGNIFICANCE
    ]
    return Passed(
        before=before,
        after=after,
        pairs=len(rows),
        users=users,
        missing=missing,
        features=features,
        tested=len(differences),
        least=LEAST,
        differences=tuple(sorted(kept, key=lambda each: each.p_value)),
    )
