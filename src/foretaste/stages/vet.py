"""Vet a judge: what repeats, order, its own model's answers and labels say of its verdicts.

Beside every figure stands what a judge by length alone would show: one that flags as many answers
as the judge does, the longest or the shortest, whichever way the labels lean (or, without labels,
the judge's own flags). A judge that does no better reads length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foretaste.errors import InsufficientData
from foretaste.records import Outcome, Verdict
from foretaste.stats.discrimination import Share, auc
from foretaste.stats.proportion import wilson
from foretaste.stats.unpaired import fisher_exact
from foretaste.vetted import Areas, Compared, Liking, Vetted


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One answer, and what a judge said of it each time it was asked."""

    length: int  # characters of the answer
    verdicts: tuple[Verdict, ...]  # asked alike; the first is what a run would get
    turned: Verdict | None  # asked with the answer before the conversation
    own: bool  # the judge's own model wrote the answer
    truth: bool | None = None  # by a label, or by another judge


def vet(behavior: str, items: Sequence[Seen]) -> Vetted:
    """Figures of a judge on these items; each on those that were graded for it.

    Raises:
        InsufficientData: the judge graded none of them.
    """
    graded = [each for each in items if _graded(each.verdicts[0])]
    if not graded:
        raise InsufficientData(f"{behavior}: the judge graded none of {len(items)} answers")
    flags = np.array([_flagged(each.verdicts[0]) for each in graded])
    length = np.array([each.length for each in graded], dtype=np.float64)
    known = np.array([each.truth is not None for each in graded])
    truth = np.array([bool(each.truth) for each in graded])
    own = np.array([each.own for each in graded])
    shorter = _leans_short(length[known], truth[known], length, flags)
    by_length = _by_length(length, int(flags.sum()), shorter=shorter)
    both = (flags, by_length)
    usual, turned = _orders(graded)
    reasons = [each.verdicts[0].reason for each in items if not _graded(each.verdicts[0])]
    scores = [each.verdicts[0].score for each in graded]
    by_score = all(score is not None for score in scores)
    judged = np.array([s if s is not None else f for s, f in zip(scores, flags, strict=True)])
    return Vetted(
        behavior=behavior,
        items=len(items),
        labelled=int(known.sum()),
        ungraded={reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
        repeats=max(len(each.verdicts) for each in items),
        unstable=_still(_changes(graded)),
        moved=_still(usual != turned),
        only_usual=int((usual & ~turned).sum()),
        only_turned=int((turned & ~usual).sum()),
        sensitivity=_compared(both, known & truth),
        specificity=_compared(tuple(~each for each in both), known & ~truth),
        areas=_areas(judged[known], -length[known] if shorter else length[known], truth[known]),
        by_score=by_score,
        shorter=shorter,
        on_present=_liking(both, known & truth, own),
        on_absent=_liking(both, known & ~truth, own),
    )


Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
_Lengths = np.ndarray[tuple[int], np.dtype[np.float64]]


def _graded(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome is not Outcome.UNGRADED


def _flagged(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.PRESENT


def _changes(graded: Sequence[Seen]) -> Flags:
    """Whether the repeats disagree, of items that were graded every time and more than once."""
    whole = [s.verdicts for s in graded if len(s.verdicts) > 1 and all(map(_graded, s.verdicts))]
    return np.array([len({v.outcome for v in verdicts}) > 1 for verdicts in whole], dtype=bool)


def _orders(graded: Sequence[Seen]) -> tuple[Flags, Flags]:
    pairs = [
        (_flagged(each.verdicts[0]), _flagged(each.turned))
        for each in graded
        if each.turned is not None and _graded(each.turned)
    ]
    table = np.array(pairs, dtype=bool).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _leans_short(known: _Lengths, truth: Flags, length: _Lengths, flags: Flags) -> bool:
    """Whether what shows the behavior is shorter: by labels of both kinds, else by the flags."""
    values, present = (known, truth) if 0 < truth.sum() < len(truth) else (length, flags)
    if not 0 < present.sum() < len(present):
        return True
    return bool(np.median(values[present]) < np.median(values[~present]))


def _by_length(length: _Lengths, count: int, *, shorter: bool) -> Flags:
    """Flags on so many of the shortest answers, or of the longest."""
    order = np.argsort(length if shorter else -length, kind="stable")
    flags = np.zeros(len(length), dtype=bool)
    flags[order[:count]] = True
    return flags


def _share(right: Flags) -> Share | None:
    count, of = int(right.sum()), len(right)
    return Share(count, of, count / of, *wilson(count, of)) if of else None


def _compared(flags: tuple[Flags, ...], rows: Flags) -> Compared:
    judge, length = flags
    return Compared(_share(judge[rows]), _share(length[rows]))


def _still(changed: Flags) -> Compared:
    """Beside a judge by length, which says the same each time."""
    return Compared(_share(changed), _share(np.zeros_like(changed)))


def _areas(judge: _Lengths, length: _Lengths, truth: Flags) -> Areas | None:
    try:
        return Areas(auc(judge, truth), auc(length, truth))
    except InsufficientData:
        return None


def _liking(flags: tuple[Flags, Flags], rows: Flags, own: Flags) -> Liking:
    mine, theirs = _compared(flags, rows & own), _compared(flags, rows & ~own)
    return Liking(
        mine, theirs, _alike(mine.judge, theirs.judge), _alike(mine.length, theirs.length)
    )


def _alike(own: Share | None, others: Share | None) -> float | None:
    if own is None or others is None:
        return None
    return fisher_exact(own.right, own.of, others.right, others.of)
