"""The forecast methods: from the counts of a run to what each method believes of production."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from foretaste.forecasts import Counts, Evidence
from foretaste.stats.belief import Belief, anchored, direct
from foretaste.stats.hierarchy import Floats, Foreseen, foresee, foresee_each, learn
from foretaste.stats.posterior import Lanes

Method = Literal["hierarchical", "direct", "ratio-anchored", "previous-deployment"]
"""How a forecast is made.

`direct`: the candidate's replayed rate, as published (method.md 2.1). `ratio-anchored`:
production's recorded rate times the replayed ratio of candidate to incumbent, in which an error
that the replay makes with both models cancels (method.md 2.9). `previous-deployment`: production
goes on as it was, the baseline to beat (method.md 4.3). `hierarchical`: all three, each weighed by
what this run's behaviors and past forecasts show of its errors (`stats.hierarchy`).
"""

DEFAULT: Method = "hierarchical"
BASELINE: Method = "previous-deployment"

Past = Iterable[tuple[Sequence[Evidence], Sequence[Counts]]]
"""Scored forecasts: the evidence on each behavior, and what production then showed of it."""


def hierarchical(evidence: Sequence[Evidence], learned: Floats | None) -> tuple[Foreseen, ...]:
    """What the default method believes of each behavior; `learned` is from `learned_from`."""
    return foresee(_lanes(evidence), learned)


def hierarchical_each(
    runs: Sequence[Sequence[Evidence]], learned: Sequence[Floats | None]
) -> Iterator[tuple[Foreseen, ...]]:
    """`hierarchical` for many runs, each by itself."""
    return foresee_each([_lanes(evidence) for evidence in runs], learned)


def learned_from(past: Past) -> Floats | None:
    """What scored forecasts teach the next one; None where there is none."""
    found = [learn(_lanes(each), np.array(realized, float)) for each, realized in past]
    return np.sum(found, axis=0) if found else None


def simple(evidence: Evidence) -> Mapping[Method, Belief]:
    """What the other methods believe of one behavior, as far as there are lanes for them."""
    beliefs: dict[Method, Belief] = {"direct": direct(*evidence.candidate)}
    if evidence.recorded[1] > 0:
        beliefs[BASELINE] = direct(*evidence.recorded)
        if evidence.incumbent[1] > 0:
            beliefs["ratio-anchored"] = anchored(
                evidence.recorded, evidence.incumbent, evidence.candidate
            )
    return beliefs


def _lanes(evidence: Sequence[Evidence]) -> Lanes:
    return Lanes(
        recorded=np.array([each.recorded for each in evidence]),
        incumbent=np.array([each.incumbent for each in evidence]),
        candidate=np.array([each.candidate for each in evidence]),
        shared=np.array([each.shared for each in evidence]),
    )
