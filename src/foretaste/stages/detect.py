"""What would have been missed: planted behaviors, and how often an audit names them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from foretaste.discoveries import Detected, Difference, Pair, Passed, Seen
from foretaste.features.sides import shows, sides
from foretaste.plants import Plant, plants_for
from foretaste.stats.lots import clusters_by_lot

RATES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""Turns of 1,000 that are given a behavior."""

FIRST = 3
"""Findings that somebody surely reads."""

AT_MOST = 2_000
"""Pairs of a trial: each trial is one more first pass."""

MOSTLY = 0.5
"""Share of a finding's own pairs that must be planted ones before it names the plant."""

Audit = Callable[[Sequence[Pair]], Passed]
"""The first pass, bound to its lanes."""

Told = Callable[[str, int, int | None], None]
"""Told of progress: step, trials done, trials in all."""


def detection(
    pairs: Sequence[Pair],
    *,
    audit: Audit,
    rates: Sequence[float] = RATES,
    trials: int = 3,
    most: int = AT_MOST,
    seed: int = 0,
    watch: Told | None = None,
) -> tuple[Detected, ...]:
    """How often an audit of the pairs finds behaviors that were put into their second lane.

    Each trial draws whole users up to `most` pairs, gives one behavior to each of their second
    turns with the rate's probability, and audits what came out. A finding names the behavior if
    its sign is right and at least half of the pairs in which it shows that way are planted ones,
    by its own feature or one folded into it: where the lanes differ by themselves, what differs
    anyhow is no detection. Fewer pairs detect less: the curve is that of `most` pairs, and the
    audit of all of them is at least as sharp.

    Args:
        pairs: those that were audited.
        audit: the first pass.
        rates: turns of 1,000 that get the behavior.
        trials: of each behavior and rate, each with its own users and turns.
        most: pairs of a trial.
        seed: of all draws.
        watch: told of progress.

    Returns:
        A row a behavior and rate; none for behaviors that these pairs have no place for.

    Raises:
        ValueError: a rate is not between 0 and 1,000, or a count not positive.
    """
    if not all(0 < rate <= 1_000 for rate in rates) or min(trials, most) < 1:
        raise ValueError(f"no detection at {rates} per 1,000 in {trials} trials of {most} pairs")
    plants = plants_for(pairs, np.random.default_rng(seed))
    found: list[Detected] = []
    settings = list(product(enumerate(plants), rates))
    for number, ((which, plant), rate) in enumerate(settings):
        ranks, used = [], []
        for trial in range(trials):
            rng = np.random.default_rng([seed, which, round(1_000 * rate), trial])
            some = _some(pairs, most, rng)
            ranks.append(_rank(some, plant, rate / 1_000, audit, rng))
            used.append(len(some))
            if watch:
                watch("detection", number * trials + trial + 1, len(settings) * trials)
        found.append(
            Detected(
                planted=plant.name,
                per_1000=rate,
                trials=trials,
                found=sum(rank is not None for rank in ranks),
                first=sum(rank is not None and rank < FIRST for rank in ranks),
                pairs=round(sum(used) / trials),
            )
        )
    return tuple(found)


def _some(pairs: Sequence[Pair], most: int, rng: np.random.Generator) -> list[Pair]:
    """Whole users by lot."""
    kept = clusters_by_lot(Counter(pair.prefix.user for pair in pairs), most, rng)
    return [pair for pair in pairs if pair.prefix.user in kept]


def _rank(
    pairs: list[Pair], plant: Plant, share: float, audit: Audit, rng: np.random.Generator
) -> int | None:
    """Place of the first finding that names the plant; None where none does."""
    planted: list[tuple[Pair, Pair]] = []
    for place in np.flatnonzero(rng.random(len(pairs)) < share):
        pair = pairs[place]
        messages = plant.edit(pair.after.messages, rng)
        if messages is not None:
            pairs[place] = pair._replace(after=replace(pair.after, messages=messages, id=""))
            planted.append((pair, pairs[place]))
    if not planted:
        return None
    changed = [_changed(was, now, plant) for was, now in planted]
    named = (_names(each, changed, plant) for each in audit(pairs).differences)
    return next((rank for rank, right in enumerate(named) if right), None)


def _changed(was: Pair, now: Pair, plant: Plant) -> set[Seen]:
    """Features in which the pair differs because of the plant."""
    (_, old), (first, new) = sides(was), sides(now)
    return (first & old) - new if plant.takes else new - old - first


def _names(found: Difference, changed: Sequence[set[Seen]], plant: Plant) -> bool:
    shown = found.only_before if plant.takes else found.only_after
    right = found.difference < 0 if plant.takes else found.difference > 0
    each = (Seen(found.kind, found.what), *found.also)
    return right and any(
        sum(shows(features, seen) for features in changed) >= max(1, MOSTLY * shown)
        for seen in each
    )
