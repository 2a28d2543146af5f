"""Queue: the turns that people are to label, drawn with known chances from a judge's verdicts.

What the judge flagged, and what it nearly flagged, gets a higher chance than the rest: that is
where a label tells most (method.md 11.2).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foretaste.errors import InsufficientData
from foretaste.records import Lane, Outcome, Verdict, identity
from foretaste.reviews import ReviewItem, frame_of

NEAR = 0.2
"""Chance, as a judge gives it, from which an unflagged turn is nearly flagged."""

FLAGGED, NEARLY, REST = "flagged", "nearly flagged", "rest"
_SHARES = {FLAGGED: 0.4, NEARLY: 0.25, REST: 0.35}

HIGH, LOW = "high scores", "low scores"
"""What a screened judge did not flag: where a screen had it read much, and where little."""
_SCREENED = {FLAGGED: 0.75, HIGH: 0.125, LOW: 0.125}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The judged turns of one lane that people may be asked about."""

    behavior: str
    version: str  # of its definition
    lane: Lane
    verdicts: Mapping[str, Verdict]  # by Rollout.id; none is ungraded
    thin: Collection[str] | None = None  # of a screened behavior: those that stand for many

    @property
    def name(self) -> str:
        """What its queue is known by."""
        return frame_of(self.behavior, self.version, self.verdicts)


def stratum_of(verdict: Verdict, thin: Collection[str] | None = None) -> str:
    """Where a turn is drawn from; a judge without scores knows no near misses.

    Of a screened behavior the judge's near misses are no stratum: what is not read is told from
    what is by the screen's scores, so a chance may depend on them and on nothing else.
    """
    if verdict.outcome is Outcome.PRESENT:
        return FLAGGED
    if thin is not None:
        return LOW if verdict.parent in thin else HIGH
    return NEARLY if verdict.score is not None and verdict.score >= NEAR else REST


def queue(frame: Frame, size: int, kept: Sequence[ReviewItem] = ()) -> Iterator[ReviewItem]:
    """Draw a queue, or what a longer one needs beside the turns that are in it already.

    Each stratum is shuffled by its turns' ids, which are hashes, and its first turns are taken: a
    simple random sample, which a longer queue extends.

    Args:
        frame: what to draw from.
        size: turns of the whole queue.
        kept: the turns of this frame that were drawn before.

    Raises:
        InsufficientData: the frame is empty.
    """
    if not frame.verdicts:
        raise InsufficientData(f"no turn of the {frame.lane} lane was judged")
    name = frame.name
    strata: dict[str, list[str]] = {}
    before = {each.parent: each for each in kept}
    for rollout, verdict in frame.verdicts.items():
        strata.setdefault(stratum_of(verdict, frame.thin), []).append(rollout)
    if kept and {e.stratum: e.size for e in kept} != {s: len(r) for s, r in strata.items()}:
        return  # other verdicts: the queue stands as it was drawn
    shares = _SHARES if frame.thin is None else _SCREENED
    wanted = _allocated({stratum: len(rows) for stratum, rows in strata.items()}, size, shares)
    for stratum, rollouts in strata.items():
        count = max(wanted[stratum], sum(each.stratum == stratum for each in kept))
        shuffled = sorted(rollouts, key=lambda rollout: identity("draw", name, rollout))
        for rollout in shuffled[:count]:
            if rollout not in before:
                yield ReviewItem(
                    parent=rollout,
                    behavior=frame.behavior,
                    lane=frame.lane,
                    frame=name,
                    stratum=stratum,
                    size=len(rollouts),
                    probability=count / len(rollouts),
                )


def _allocated(
    available: Mapping[str, int], size: int, shares: Mapping[str, float]
) -> dict[str, int]:
    """So many of each stratum, by their shares; what a small stratum leaves goes to the others."""
    found = dict.fromkeys(available, 0)
    left = min(size, sum(available.values()))
    while left:
        open_ = [each for each in shares if found.get(each, 0) < available.get(each, 0)]
        whole = sum(shares[each] for each in open_)
        exact = np.array([left * shares[each] / whole for each in open_])
        for each, more in zip(open_, np.maximum(1, np.floor(exact)).astype(int), strict=True):
            taken = min(int(more), available[each] - found[each], left)
            found[each] += taken
            left -= taken
    return found
