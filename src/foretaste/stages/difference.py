"""Difference: how a screened behavior's rate changed between two lanes."""

from dataclasses import replace
from math import hypot

import numpy as np

from foretaste.findings import Change, Direction, Estimate
from foretaste.screenings import Scored, Waves
from foretaste.stats.proportion import jeffreys_rate
from foretaste.stats.scoring import multiplicative_error, noise_error


def difference(
    before: tuple[Scored, Waves, Estimate], after: tuple[Scored, Waves, Estimate]
) -> Change:
    """Two lanes' screened rates, each as its own sample has it.

    The lanes' screens score differently, so the judge read other prefixes in each: pairs that both
    lanes hold are no sample of all pairs, and are only counted. The interval of the difference puts
    the two together (MOVER: Zou and Donner 2008) as though lanes were independent; they share
    their prefixes, which makes it too wide. No test over users is to be had, so no q-value either:
    a change is told where that interval leaves out zero.
    """
    first, second = before[2], after[2]
    here, there = (
        dict(zip(rows.prefix, drawn.hit, strict=True)) for rows, drawn, _ in (before, after)
    )
    pairs = [(hit, there.get(name, np.nan)) for name, hit in here.items()]
    table = [pair for pair in pairs if np.isfinite(pair).all()]
    blank = Change(
        behavior=first.behavior,
        before=first.lane,
        after=second.lane,
        pairs=len(table),
        users=min(first.users, second.users),
        both=table.count((1.0, 1.0)),
        only_before=table.count((1.0, 0.0)),
        only_after=table.count((0.0, 1.0)),
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
    (r1, l1, u1), (r2, l2, u2) = ((e.rate, e.lower, e.upper) for e in (first, second))
    if r1 is None or l1 is None or u1 is None or r2 is None or l2 is None or u2 is None:
        return blank
    lower, upper = r2 - r1 - hypot(r2 - l2, u1 - r1), r2 - r1 + hypot(u2 - r2, r1 - l1)
    return replace(
        blank,
        difference=r2 - r1,
        lower=lower,
        upper=upper,
        ratio=jeffreys_rate(*second.counts) / jeffreys_rate(*first.counts),
        multiplicative_error=multiplicative_error(*first.counts, *second.counts),
        noise_error=noise_error(*first.counts, *second.counts),
        direction=Direction.UP if lower > 0 else Direction.DOWN if upper < 0 else Direction.UNCLEAR,
    )
