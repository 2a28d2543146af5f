"""How one feature differs between two lanes: its rates, its intervals, and where it shows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.discoveries import Difference, Pair, Passed, Seen, Sighting
from foretaste.features.quotes import quote
from foretaste.records import Lane
from foretaste.regions.indicators import Codes
from foretaste.regions.telling import Turns, turns_of
from foretaste.stats.clusters import clustered_difference, clustered_rate
from foretaste.stats.logodds import log_odds
from foretaste.stats.paired import sign_test_by_cluster, tango

_SIGHTINGS = 3  # of one difference, by as many users
_PRIOR = 10.0  # turns that what is usual elsewhere counts for


class Sample(NamedTuple):
    """All pairs as arrays, a row a pair."""

    rows: Sequence[Pair]
    user: Codes
    weight: npt.NDArray[np.float64]  # inverse inclusion probability
    turns: Turns
    change: Any  # of the turns, SciPy CSR
    by_column: Any  # the same as CSC
    lanes: tuple[Lane, Lane]


def sample_of(rows: Sequence[Pair], passed: Passed) -> Sample:
    """Pairs as arrays, with the features that as many turns show as the first pass asked users.

    Args:
        rows: every prefix with both turns.
        passed: what the first pass found on them.
    """
    codes: dict[str, int] = {}
    user = [codes.setdefault(row.prefix.user, len(codes)) for row in rows]
    turns = turns_of(rows, max(1, passed.least))
    change = turns.change
    return Sample(
        rows=rows,
        user=np.array(user, dtype=np.intp),
        weight=np.array([1 / row.prefix.probability for row in rows]),
        turns=turns,
        change=change,
        by_column=change.tocsc(),
        lanes=(passed.before, passed.after),
    )


def difference(sample: Sample, rows: Codes, column: int) -> Difference:
    """One feature on some of the pairs; its q-value is its p-value, as one test has no others.

    Args:
        sample: all pairs.
        rows: those that are looked at.
        column: of the feature.
    """
    first, second = (
        side[rows][:, [column]].toarray().ravel().astype(bool)
        for side in (sample.turns.before, sample.turns.after)
    )
    user, weight = sample.user[rows], sample.weight[rows]
    paired = clustered_difference(first, second, user, weight)
    interval = tango(paired.only_before, paired.only_after, paired.effective_n)
    p_value = sign_test_by_cluster(first, second, user)
    seen = sample.turns.seen[column]
    after = paired.difference > 0
    moved = rows[second & ~first if after else first & ~second]
    everywhere = sum(side[:, [column]].sum() for side in sample.turns[1:])
    counts = int(first.sum()), int(second.sum())
    usual = (float(everywhere) + 1) / (2 * len(sample.rows) + 2)
    return Difference(
        kind=seen.kind,
        what=seen.what,
        pairs=len(rows),
        users=len(np.unique(user)),
        both=int((first & second).sum()),
        only_before=int((first & ~second).sum()),
        only_after=int((second & ~first).sum()),
        moved=int(np.count_nonzero(np.bincount(user, second.astype(float) - first))),
        before=clustered_rate(first, user, weight).rate,
        after=clustered_rate(second, user, weight).rate,
        difference=paired.difference,
        lower=interval.lower,
        upper=interval.upper,
        log_odds=float(log_odds(*counts, (len(rows), len(rows)), usual, _PRIOR)),
        p_value=p_value,
        q_value=p_value,
        sightings=_sightings(sample, moved, seen, after=after),
    )


def _sightings(sample: Sample, rows: Codes, seen: Seen, *, after: bool) -> tuple[Sighting, ...]:
    """Pairs in which only one turn shows a feature, each of another user."""
    first = np.unique(sample.user[rows], return_index=True)[1]
    found = []
    for row in (sample.rows[k] for k in rows[np.sort(first)][:_SIGHTINGS]):
        shows, other = (row.after, row.before) if after else (row.before, row.after)
        found.append(
            Sighting(
                prefix=row.prefix.id,
                lane=sample.lanes[after],
                quote=quote(seen, shows.messages),
                other=quote(seen, other.messages),
            )
        )
    return tuple(found)
