"""Rectify: people's labels beside the verdicts of a screened judge become a corrected rate.

The judge read some of what a screen scored, so a rate from labels of those alone would be that of
the judged turns. Here each label counts by both its chances: of being judged, and of being drawn.
How turns' labels are read is as in `review`: disputes are read both ways, skipped ones left out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from foretaste.errors import InsufficientData
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
    not_begun,
    truth,
)
from foretaste.screenings import Scored, ScreenedRate, Waves
from foretaste.stats.bands import thinly_read
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.labels import judge_accuracy
from foretaste.stats.proportion import Interval
from foretaste.stats.screened import (
    Screened,
    screened_truth,
    standing_for,
    widened,
)
from foretaste.stats.screening import WAVES
from foretaste.stats.totals import Codes, Floats

LOG_ONLY = (
    "the log's labels do not correct a screened rate: nobody knows by what chance they were made; "
    "`foretaste review` draws turns"
)


class Regone(NamedTuple):
    """A screened grading of one lane, gone through again."""

    rows: Scored
    drawn: Waves
    rate: ScreenedRate

    @property
    def scores(self) -> tuple[Floats, ...]:
        """What each wave was drawn by; just one where the screen did not learn."""
        waves = range(len(WAVES)) if self.rows.later else range(1)
        return tuple(self.rows.by(wave).score for wave in waves)

    @property
    def stands(self) -> Floats | None:
        """As for `stats.screened.screened_rate`."""
        return self.drawn.stands if self.rows.later else None

    @property
    def judged(self) -> tuple[str, ...]:
        """Rollouts that the judge graded."""
        return tuple(self.rows.id[place] for place in np.flatnonzero(np.isfinite(self.drawn.hit)))

    @property
    def thin(self) -> frozenset[str]:
        """Of these, those that stand for many."""
        thin = thinly_read(self.scores[-1], self.drawn.wave) & np.isfinite(self.drawn.hit)
        return frozenset(self.rows.id[place] for place in np.flatnonzero(thin))


def rectify(
    screening: Regone,
    *,
    version: str,
    items: Sequence[ReviewItem],
    labels: Mapping[tuple[str, str, str], Mapping[str, ReviewLabel]],
    in_log: int = 0,
) -> Reviewed | None:
    """What labels make of one behavior's screened rate in one lane; None where there are none.

    Args:
        screening: the lane.
        version: of the behavior's definition.
        items: every queue that was drawn.
        labels: as `reviews.latest` has them.
        in_log: turns of the lane with a label in the log. They correct nothing.
    """
    rows, rate = screening.rows, screening.rate
    frame = frame_of(rows.behavior, version, screening.judged)
    own = (rows.behavior, rows.lane, frame)
    queue = [each for each in items if (each.behavior, each.lane, each.frame) == own]
    said = {each.parent: labels.get((each.parent, rows.behavior, version), {}) for each in queue}
    if not any(said.values()) and not in_log:
        return None
    values = {parent: {n: each.value for n, each in by.items()} for parent, by in said.items()}
    truths = {parent: truth(by) for parent, by in values.items()}
    place = {name: number for number, name in enumerate(rows.id)}
    where = np.array([place[each.parent] for each in queue], dtype=np.intp)
    found = heard(values.values())
    estimate, why = None, LOG_ONLY
    if any(said.values()):
        estimate, why = _corrected(screening, queue, truths, where, found.labelled)
    first, sure = _limits(screening, estimate) if estimate else (None, None)
    sensitivity, specificity = (
        _accuracy(screening, queue, truths, where) if estimate else (None, None)
    )
    return Reviewed(
        behavior=rows.behavior,
        lane=rows.lane,
        judged=rate.judged,
        flagged=rate.found,
        drawn=len(queue),
        labelled=found.labelled,
        present=found.present,
        open=found.open,
        skipped=found.skipped,
        from_log=0,
        raw=rate.rate,
        rate=estimate.rate if estimate else None,
        lower=first.lower if first else None,
        upper=first.upper if first else None,
        why=why,
        at_random=False,
        sensitivity=sensitivity,
        specificity=specificity,
        concord=concord(list(values.values()), rows.cluster[where]),
        scored=len(rows.id),
        sure_lower=sure.lower if sure else None,
        sure_upper=sure.upper if sure else None,
    )


def _corrected(
    screening: Regone,
    queue: Sequence[ReviewItem],
    truths: Mapping[str, Truth],
    where: Codes,
    labelled: int,
) -> tuple[Screened | None, str]:
    if labelled < LEAST:
        return None, f"{labelled} labels; it takes {LEAST}"
    waiting = not_begun(queue, truths)
    if waiting:
        return None, waiting
    *earlier, last = screening.scores
    try:
        rate, low, high = (
            screened_truth(
                last,
                screening.drawn.wave,
                screening.drawn.hit,
                *_told(screening, queue, truths, where, reading),
                screening.rows.weight,
                rng=_rng(screening),
                earlier=earlier,
                stands=screening.stands,
            )
            for reading in (None, 0, 1)
        )
    except InsufficientData as error:
        return None, str(error)
    return rate._replace(
        lower=min(rate.lower, low.lower),
        upper=max(rate.upper, high.upper),
        sure_lower=min(rate.sure_lower, low.sure_lower),
        sure_upper=max(rate.sure_upper, high.sure_upper),
    ), ""


def _told(
    screening: Regone,
    queue: Sequence[ReviewItem],
    truths: Mapping[str, Truth],
    where: Codes,
    reading: int | None,
) -> tuple[Floats, Floats]:
    """Each rollout's label, NaN where it has none, and the chance of having one.

    Open labels are read as `reading`, or left out. Within a stratum those that are labelled stand
    for all: its turns came in random order.
    """
    size = len(screening.rows.id)
    shows = np.full(size, np.nan)
    strata: dict[str, list[int]] = {}
    for item, place in zip(queue, where.tolist(), strict=True):
        known = truths[item.parent]
        value = reading if known.open else known.shows
        if value is not None:
            shows[place] = value
            strata.setdefault(item.stratum, []).append(place)
    whole = {item.stratum: item.size for item in queue}
    at = {item.stratum: place for item, place in zip(queue, where.tolist(), strict=True)}
    kind = _strata(screening)
    chance = np.ones(size)
    for stratum, places in strata.items():
        chance[kind == kind[at[stratum]]] = len(places) / whole[stratum]
    return shows, chance


def _strata(screening: Regone) -> Codes:
    """Which rollouts are drawn alike: flagged, of bands that were read, of bands read thinly."""
    thin = thinly_read(screening.scores[-1], screening.drawn.wave)
    return np.where(screening.drawn.hit == 1, 2, thin.astype(np.intp))


def _limits(screening: Regone, found: Screened) -> tuple[Interval, Interval]:
    """Both intervals, wider by what other traffic of the kind would show."""
    rows, counts = screening.rows, screening.rows.weight > 0
    flagged = screening.drawn.hit[counts] == 1
    n = clustered_rate(flagged, rows.cluster[counts], rows.weight[counts]).effective_n
    return (
        widened(found.rate, found.lower, found.upper, n),
        widened(found.rate, found.sure_lower, found.sure_upper, n),
    )


def _accuracy(
    screening: Regone,
    queue: Sequence[ReviewItem],
    truths: Mapping[str, Truth],
    where: Codes,
) -> tuple[Measured | None, Measured | None]:
    """How often the judge is right, of all traffic: each label by the turns that it stands for."""
    shows, chance = _told(screening, queue, truths, where, None)
    *earlier, last = screening.scores
    rows, drawn = screening.rows, screening.drawn
    weight = standing_for(last, drawn.wave, drawn.hit, rows.weight, earlier=earlier) / chance
    known = np.isfinite(shows) & (weight > 0)
    try:
        found = judge_accuracy(
            screening.rate.rate,
            drawn.hit[known],
            rows.cluster[known],
            shows[known],
            weight[known],
            rng=_rng(screening),
        )
    except InsufficientData:
        return None, None
    return (
        Measured.within(found.sensitivity, found.sensitivity_range),
        Measured.within(found.specificity, found.specificity_range),
    )


def _rng(screening: Regone) -> np.random.Generator:
    return np.random.default_rng(screening.rate.course.seed)
