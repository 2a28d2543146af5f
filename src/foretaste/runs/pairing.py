"""Two lanes of a run, pair by pair, without holding them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from foretaste.discoveries import Pair
from foretaste.protocols import Store
from foretaste.records import Lane, Prefix, Rollout
from foretaste.stats.lots import clusters_by_lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Every prefix of a run that both lanes answered; can be iterated again.

    Prefixes and both lanes are read side by side. Rollouts come in nearly the order of their
    prefixes, so only those are held that came before their turn; a run that was stopped and taken
    up again, or in which a few answers came late, holds more.
    """

    store: Store  # open
    before: Lane
    after: Lane
    ids: frozenset[str]  # of the prefixes that both answered
    missing: int  # prefixes that one of them, or both, did not

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)

    def __iter__(self) -> Iterator[Pair]:
        """In the order of the prefixes."""
        first, second = (_Ahead(self._answers(lane)) for lane in (self.before, self.after))
        for prefix in self.store.read(Prefix):
            if prefix.id in self.ids:
                yield Pair(prefix, first.take(prefix.id), second.take(prefix.id))

    def _answers(self, lane: Lane) -> Iterator[Rollout]:
        for each in self.store.read(Rollout):
            if each.lane is lane and each.parent in self.ids:
                yield each


def pairs_of(store: Store, before: Lane, after: Lane) -> Pairs:
    """The pairs of two lanes; which there are is known without reading a row."""
    keys = store.keys(Rollout)
    first, second = ({prefix for prefix, own in keys if own == lane} for lane in (before, after))
    ids = frozenset(first & second)
    return Pairs(
        store=store,
        before=before,
        after=after,
        ids=ids,
        missing=sum(prefix.id not in ids for prefix in store.read(Prefix)),
    )


def drawn(pairs: Pairs, most: int, seed: int) -> Pairs:
    """Whole users by lot, of `most` pairs at most: for what has to be held in memory."""
    if len(pairs) <= most:
        return pairs
    user = {p.id: p.user for p in pairs.store.read(Prefix) if p.id in pairs.ids}
    kept = clusters_by_lot(Counter(user.values()), most, np.random.default_rng(seed))
    return replace(pairs, ids=frozenset(each for each, own in user.items() if own in kept))


def lanes_of(store: Store) -> set[Lane]:
    """Lanes that answered anything."""
    return {Lane(lane) for _, lane in store.keys(Rollout)}


class _Ahead:
    """Rollouts, asked for by prefix; those that come too early wait."""

    def __init__(self, rollouts: Iterator[Rollout]) -> None:
        self._rollouts = rollouts
        self._waiting: dict[str, Rollout] = {}

    def take(self, prefix: str) -> Rollout:
        while prefix not in self._waiting:
            found = next(self._rollouts)
            self._waiting[found.parent] = found
        return self._waiting.pop(prefix)
