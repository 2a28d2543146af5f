"""Propose: pairs that differ are drawn, and a model says what nobody listed."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

import numpy as np

from foretaste.discoveries import Difference, Pair, Proposed, Seen, Showing
from foretaste.features.sides import shows, sides
from foretaste.protocols import Engine
from foretaste.records import Failure, identity
from foretaste.stats.oversampling import REST, oversample

_PAIRS_PER_DIFFERENCE = 4
"""Pairs that a difference of the first pass should be able to get; with fewer, fewer of them."""


def showings(
    found: Iterable[Pair], differences: Sequence[Difference], *, pairs: int, seed: int
) -> list[Showing]:
    """Draw what an auditor is shown: half by what differs, half from the other pairs.

    Pairs whose turns are the same are left out. Each difference of the first pass gets a share of
    its own; a pair that shows several counts for the rarest, so that a word which stands in every
    other answer does not crowd out a tool that is called once in fifty.

    Args:
        found: every prefix with both turns.
        differences: of the first pass, the clearest first.
        pairs: how many to draw; all where there are no more.
        seed: draws, and says which turn is called A.
    """
    followed = differences[: max(1, pairs // _PAIRS_PER_DIFFERENCE)]
    wanted = [(Seen(each.kind, each.what), *each.also) for each in followed]
    rows = [pair for pair in found if pair.before.messages != pair.after.messages]
    shown = [_shows(pair, wanted) for pair in rows]
    counts = np.bincount([k for own in shown for k in own], minlength=len(wanted))
    stratum = [min(own, key=lambda k: counts[k]) + 1 if own else REST for own in shown]
    draw = oversample(stratum, pairs, rng=np.random.default_rng(seed))
    return [
        Showing(
            pair=rows[place],
            swapped=int(identity("order", seed, rows[place].prefix.id)[-1], 16) % 2 == 1,
            chance=chance,
        )
        for place, chance in zip(draw.place.tolist(), draw.chance.tolist(), strict=True)
    ]


def _shows(pair: Pair, wanted: Sequence[Sequence[Seen]]) -> list[int]:
    """The differences that show in one of the two turns and not in the other."""
    if not wanted:
        return []
    first, second = sides(pair)
    return [
        k
        for k, features in enumerate(wanted)
        if any(shows(first, seen) != shows(second, seen) for seen in features)
    ]


def propose(
    shown: Iterable[Showing],
    *,
    auditor: Callable[[Showing], Awaitable[Proposed]],
    engine: Engine,
    using: Sequence[object] = (),
) -> Iterator[Proposed | Failure]:
    """What an auditor makes of each pair, in the order in which it does; `using` its model."""
    return engine(auditor, shown, stage="propose", using=using)
