"""Review: people's labels beside a judge's verdicts become a corrected rate (method.md 11.2).

A turn's truth is what its annotators say: what they agreed on, else what all say who said present
or absent. Where they differ, or none could say, both readings stand: the interval's lower limit
takes the turn as absent, the upper as present, and the rate leaves it out. What nobody judged is
left out too, as if each stratum's skipped turns were like its others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from foretaste.columns import ABSENT, PRESENT, Columns
from foretaste.errors import InsufficientData
from foretaste.records import Lane, Prefix, Rollout
from foretaste.reviews import (
    LEAST,
    Measured,
    Reviewed,
    ReviewItem,
    ReviewLabel,
    Truth,
    concord,
    frame_of,
    heard,
    latest,
    log_label,
    not_begun,
    truth,
)
from foretaste.stats.judge import Accuracy, TwoPhase
from foretaste.stats.labels import judge_accuracy, two_phase_items

_SEED = 20261122  # of the posteriors behind sensitivity and specificity

Floats: TypeAlias = NDArray[np.float64]


def review(
    columns: Columns,
    prefixes: Sequence[Prefix],
    rollouts: Iterable[Rollout],
    *,
    versions: Mapping[str, str],
    items: Iterable[ReviewItem],
    labels: Iterable[ReviewLabel],
) -> tuple[Reviewed, ...]:
    """A finding for every behavior and lane that has labels.

    Args:
        columns: the judges' verdicts.
        prefixes: what the columns' rows are, in their order.
        rollouts: of any lane.
        versions: by behavior, its definition's.
        items: every queue that was drawn.
        labels: every label, the oldest first.
    """
    row = {prefix.id: number for number, prefix in enumerate(prefixes)}
    where = {each.id: (row[each.parent], each.lane) for each in rollouts if each.parent in row}
    spoken = latest(labels)
    drawn: dict[tuple[str, Lane, str], list[ReviewItem]] = {}
    for item in items:
        drawn.setdefault((item.behavior, item.lane, item.frame), []).append(item)
    found = []
    for behavior, lane in columns.outcome:
        codes = columns.outcome[behavior, lane]
        known = _in_log(prefixes, behavior, lane, codes)
        version = versions.get(behavior, "")
        frame = frame_of(behavior, version, _open(where, codes, lane, known))
        queue = drawn.get((behavior, lane, frame), [])
        said = {each.parent: spoken.get((each.parent, behavior, version), {}) for each in queue}
        if known or any(said.values()):
            places = {each.parent: where[each.parent][0] for each in queue}
            one = _Lane(columns, codes, behavior, lane, queue, places, said, known)
            found.append(_reviewed(one))
    return tuple(found)


def unlabelled(
    columns: Columns,
    prefixes: Sequence[Prefix],
    rollouts: Iterable[Rollout],
    behavior: str,
    lane: Lane,
) -> list[str]:
    """Rollouts of a lane that a queue is drawn from: judged, and not labelled in the log."""
    codes = columns.outcome[behavior, lane]
    row = {prefix.id: number for number, prefix in enumerate(prefixes)}
    where = {each.id: (row[each.parent], each.lane) for each in rollouts if each.parent in row}
    return _open(where, codes, lane, _in_log(prefixes, behavior, lane, codes))


def _open(
    where: Mapping[str, tuple[int, Lane]],
    codes: NDArray[np.int8],
    lane: Lane,
    known: Mapping[int, int],
) -> list[str]:
    """Rollouts that a queue is drawn from: judged, and not labelled in the log."""
    return [
        name
        for name, (row, own) in where.items()
        if own is lane and codes[row] >= ABSENT and row not in known
    ]


def _in_log(
    prefixes: Sequence[Prefix], behavior: str, lane: Lane, codes: NDArray[np.int8]
) -> dict[int, int]:
    """What the log says of judged turns, by row; its labels are about what production said."""
    if lane is not Lane.RECORDED:
        return {}
    found = {row: log_label(each.labels, behavior) for row, each in enumerate(prefixes)}
    return {r: shows for r, shows in found.items() if shows is not None and codes[r] >= ABSENT}


class _Lane(NamedTuple):
    """One behavior in one lane."""

    columns: Columns
    codes: NDArray[np.int8]
    behavior: str
    lane: Lane
    queue: Sequence[ReviewItem]
    place: Mapping[str, int]  # rollout -> row
    said: Mapping[str, Mapping[str, ReviewLabel]]
    known: Mapping[int, int]  # row -> what the log says

    @property
    def truths(self) -> dict[str, Truth]:
        return {
            parent: truth({name: each.value for name, each in by.items()})
            for parent, by in self.said.items()
        }


class _Checked(NamedTuple):
    """Labelled turns: row, what they show, and the chance of knowing it."""

    row: list[int]
    shows: list[int]
    chance: list[float]


def _reviewed(one: _Lane) -> Reviewed:
    truths = one.truths
    judged = one.codes >= ABSENT
    flags = (one.codes[judged] == PRESENT).astype(np.float64)
    values = [{n: each.value for n, each in by.items()} for by in one.said.values()]
    told = heard(values)
    labelled = told.labelled + len(one.known)
    found, why = _corrected(one, truths, flags, labelled)
    skill = _accuracy(one, truths) if found is not None else None
    return Reviewed(
        behavior=one.behavior,
        lane=one.lane,
        judged=int(judged.sum()),
        flagged=int(flags.sum()),
        drawn=len(one.queue),
        labelled=labelled,
        present=told.present + sum(one.known.values()),
        open=told.open,
        skipped=told.skipped,
        from_log=len(one.known),
        raw=float(np.average(flags, weights=one.columns.weight[judged])) if len(flags) else None,
        rate=found.rate if found else None,
        lower=found.lower if found else None,
        upper=found.upper if found else None,
        why=why,
        at_random=bool(one.known) and not any(one.said.values()),
        sensitivity=Measured.within(skill.sensitivity, skill.sensitivity_range) if skill else None,
        specificity=Measured.within(skill.specificity, skill.specificity_range) if skill else None,
        concord=concord(values, one.columns.cluster[[one.place[parent] for parent in one.said]]),
    )


def _corrected(
    one: _Lane, truths: Mapping[str, Truth], flags: Floats, labelled: int
) -> tuple[TwoPhase | None, str]:
    if labelled < LEAST:
        return None, f"{labelled} labels; it takes {LEAST}"
    waiting = not_begun(one.queue, truths)
    if any(one.said.values()) and waiting:
        return None, waiting
    try:
        rate, low, high = (
            _two_phase(one, _checked(one, truths, reading), flags) for reading in (None, 0, 1)
        )
    except InsufficientData as error:
        return None, str(error)
    upper = None if rate.upper is None or high.upper is None else max(rate.upper, high.upper)
    return rate._replace(lower=min(rate.lower, low.lower), upper=upper), ""


def _two_phase(one: _Lane, checked: _Checked, flags: Floats) -> TwoPhase:
    judged = one.codes >= ABSENT
    place = np.cumsum(judged) - 1
    return two_phase_items(
        flags,
        one.columns.cluster[judged],
        place[checked.row],
        checked.shows,
        checked.chance,
        one.columns.weight[judged],
    )


def _checked(one: _Lane, truths: Mapping[str, Truth], reading: int | None) -> _Checked:
    """The labels there are, with the open ones read as `reading`, or left out.

    Within a stratum those that are labelled stand for all: its turns came in random order.
    """
    found = _Checked([], [], [])
    size = {each.stratum: each.size for each in one.queue}
    shown: dict[str, list[tuple[int, int]]] = {}
    for item in one.queue:
        known = truths[item.parent]
        shows = reading if known.open else known.shows
        if shows is not None:
            shown.setdefault(item.stratum, []).append((one.place[item.parent], shows))
    for stratum, pairs in shown.items():
        for row, shows in pairs:
            found.row.append(row)
            found.shows.append(shows)
            found.chance.append(len(pairs) / size[stratum])
    share = 1.0 if shown else len(one.known) / max(1, int((one.codes >= ABSENT).sum()))
    for row, shows in one.known.items():
        found.row.append(row)
        found.shows.append(shows)
        found.chance.append(share)
    return found


def _accuracy(one: _Lane, truths: Mapping[str, Truth]) -> Accuracy | None:
    """How often the judge is right, at the size that clusters and chances leave of the labels."""
    checked = _checked(one, truths, None)
    rows, shows = np.array(checked.row), np.array(checked.shows)
    weight = one.columns.weight[rows] / np.array(checked.chance)
    judged = one.codes >= ABSENT
    share = np.average(one.codes[judged] == PRESENT, weights=one.columns.weight[judged])
    try:
        return judge_accuracy(
            float(share),
            one.codes[rows] == PRESENT,
            one.columns.cluster[rows],
            shows,
            weight,
            rng=np.random.default_rng(_SEED),
        )
    except InsufficientData:
        return None
