"""How well somebody tells simulated turns from real ones, over all and by layer and tool."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from foretaste.contrasts import Contrast, Judged, LayerRow, Taken, ToolRow, WinRate
from foretaste.protocols import Engine
from foretaste.records import Failure
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.equivalence import equivalence, pairs_needed
from foretaste.stats.proportion import wilson

MARGIN = 0.05
"""Around 0.5: what is within counts as equivalent, unless another margin is stated."""

Discriminator = Callable[[Sequence[Contrast]], Sequence[Taken]]
"""Says of each pair how far the simulated side was taken for the real one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Pairs, and what a discriminator said of them."""

    contrasts: Sequence[Contrast]
    taken: Sequence[Taken]
    margin: float

    def only(self, keep: Callable[[Contrast], bool]) -> "Read":
        """The pairs that are wanted."""
        kept = [(c, t) for c, t in zip(self.contrasts, self.taken, strict=True) if keep(c)]
        return Read(contrasts=[c for c, _ in kept], taken=[t for _, t in kept], margin=self.margin)


def judge_pairs(
    contrasts: Iterable[Contrast],
    *,
    judge: Callable[[Contrast], Awaitable[Judged]],
    engine: Engine,
    using: Sequence[object] = (),
) -> Iterator[Judged | Failure]:
    """What a judge says of each pair, in the order in which it does; it is `using` its model."""
    return engine(judge, contrasts, stage="realism", using=using)


def win_rate(read: Read) -> WinRate:
    """Win rate with its intervals and the equivalence test.

    Each pair is two looks, one in each order, of one cluster; a tie wins one of the two. So ties
    narrow the clustered interval as far as they should, and a pair's own looks do not. Pairs are
    needed as many as independent ones would be, times the design effect found here.
    """
    known = [(c, t) for c, t in zip(read.contrasts, read.taken, strict=True) if t.both is not None]
    ungraded = len(read.contrasts) - len(known)
    if not known:
        return _nothing(ungraded, read.margin)
    wins = np.array([t.both for _, t in known])
    codes: dict[str, int] = {}
    cluster = [codes.setdefault(c.cluster, len(codes)) for c, _ in known]
    clustered = clustered_rate(
        np.concatenate([wins > 0, wins == 1]).astype(int), np.tile(cluster, 2)
    )
    n = clustered.effective_n
    simple, wide = wilson(float(wins.sum()), len(known)), wilson(clustered.rate * n, n)
    test = equivalence(clustered.rate * n, n, margin=read.margin)
    return WinRate(
        pairs=len(known),
        ungraded=ungraded,
        ties=int((wins == 0.5).sum()),
        rate=float(wins.mean()),
        lower=simple.lower,
        upper=simple.upper,
        clusters=len(codes),
        effective_n=n,
        clustered_lower=wide.lower,
        clustered_upper=wide.upper,
        margin=read.margin,
        p_equivalence=test.p_value,
        equivalent=test.equivalent,
        position_bias=float(np.mean([t.bias for _, t in known])),
        needed=ceil(pairs_needed(read.margin) * max(1.0, len(known) / n)),
    )


def _nothing(ungraded: int, margin: float) -> WinRate:
    return WinRate(
        pairs=0,
        ungraded=ungraded,
        ties=0,
        rate=None,
        lower=None,
        upper=None,
        clusters=0,
        effective_n=None,
        clustered_lower=None,
        clustered_upper=None,
        margin=margin,
        p_equivalence=None,
        equivalent=None,
        position_bias=None,
        needed=None,
    )


def by_layer(turns: Read, calls: Read | None) -> tuple[LayerRow, ...]:
    """How real the answers of each layer look, the busiest first.

    Args:
        turns: whole turns; a layer gets those in which it answered any call, and those in which it
            answered more than each other.
        calls: single calls; None where nobody looked at them.
    """
    answers = Counter(layer for each in turns.contrasts for layer in each.layers)
    return tuple(
        LayerRow(
            layer=layer,
            calls=count,
            share=count / answers.total(),
            any=win_rate(turns.only(partial(_answered_by, layer))),
            most=win_rate(turns.only(partial(_mostly_by, layer))),
            call=win_rate(calls.only(partial(_answered_by, layer))) if calls else None,
        )
        for layer, count in answers.most_common()
    )


def _answered_by(layer: str, contrast: Contrast) -> bool:
    return layer in contrast.layers


def _mostly_by(layer: str, contrast: Contrast) -> bool:
    """Whether it answered more calls than any other; where two did, neither."""
    ranked = Counter(contrast.layers).most_common(2)
    tied = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return bool(ranked) and not tied and ranked[0][0] == layer


def _of_tool(tool: str, contrast: Contrast) -> bool:
    return contrast.tool == tool


def by_tool(calls: Read) -> tuple[ToolRow, ...]:
    """How real the answers of each tool look, the busiest first."""
    made = Counter(each.tool for each in calls.contrasts)
    return tuple(
        ToolRow(tool=tool, calls=count, call=win_rate(calls.only(partial(_of_tool, tool))))
        for tool, count in made.most_common()
    )
