"""Lanes of a transition between two past releases, cut from their graded logs."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foretaste.backtests import Draw, Release
from foretaste.columns import ABSENT, MISSING, PRESENT, Codes
from foretaste.forecasts import Counts, Evidence
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.paired import correlation

FEWEST = 10
"""Prompts that a transition must have on each side."""


class Transition(NamedTuple):
    """Counts of one transition; a row a behavior."""

    evidence: list[Evidence]
    realized: list[Counts]
    before: int  # prompts
    after: int


class Logs:
    """Lanes cut from releases; what many transitions share is counted once."""

    def __init__(
        self,
        releases: Sequence[Release],
        columns: npt.NDArray[np.intp],
        before: Callable[[str], bool] | None,
    ) -> None:
        self._columns = columns
        self._first = [release.draws[0] for release in releases]
        self._second = [
            release.draws[1] if len(release.draws) > 1 else None for release in releases
        ]
        every = [frozenset(draw.prompts) for draw in self._first]
        self._apart = before is not None
        self._before = [frozenset(filter(before, prompts)) for prompts in every]
        self._after = [
            prompts - earlier if before is not None else prompts
            for prompts, earlier in zip(every, self._before, strict=True)
        ]
        self._lane = lru_cache(maxsize=None)(self._cut)
        self._counts = lru_cache(maxsize=None)(self._count)

    def transition(self, old: int, new: int) -> Transition | str:
        """Counts of a transition, or why there is none."""
        shared = tuple(sorted(self._before[old] & self._before[new]))
        later = tuple(sorted(self._after[new]))
        last = self._second[new] or (self._first[new] if self._apart else None)
        if last is None:
            return "one answer to each prompt: nothing is left to come after the release"
        if len(shared) < FEWEST:
            return f"fewer than {FEWEST} prompts that both releases answered"
        if len(later) < FEWEST:
            return f"fewer than {FEWEST} prompts after the release"
        lanes = [self._first[old], self._second[old], self._first[new]]
        recorded, incumbent, candidate = (self.counts(draw, shared) for draw in lanes)
        alike = self._alike([draw for draw in lanes if draw is not None], shared)
        evidence = [
            Evidence(recorded=r, incumbent=i, candidate=c, shared=s)
            for r, i, c, s in zip(recorded, incumbent, candidate, alike, strict=True)
        ]
        production = self._lane(last, later)
        realized = [
            (float((column == PRESENT).sum()), float((column >= ABSENT).sum()))
            for column in production.T
        ]
        return Transition(evidence, realized, len(shared), len(later))

    def counts(self, draw: Draw | None, prompts: tuple[str, ...] | None) -> list[Counts]:
        """Sightings and turns of each behavior, deflated for clusters; None: all prompts."""
        if draw is None:
            return [(0.0, 0.0)] * len(self._columns)
        return self._counts(draw, draw.prompts if prompts is None else prompts)

    def same(self, place: int) -> tuple[list[Counts], list[Counts]] | None:
        """A release's first and second answers to the same prompts."""
        first, second = self._first[place], self._second[place]
        if second is None:
            return None
        both = tuple(sorted(set(first.prompts) & set(second.prompts)))
        return (self.counts(first, both), self.counts(second, both)) if both else None

    def _alike(self, lanes: Sequence[Draw], prompts: tuple[str, ...]) -> list[float]:
        tables = []
        for one, other in pairwise(lanes):
            first, second = self._lane(one, prompts), self._lane(other, prompts)
            pairs = (first >= ABSENT) & (second >= ABSENT)
            hit, again = (first == PRESENT) & pairs, (second == PRESENT) & pairs
            each = (hit & again, hit & ~again, ~hit & again, pairs)
            tables.append([table.sum(0, dtype=np.float64) for table in each])
        alike: list[float] = correlation(*np.moveaxis(np.array(tables), 1, 0)).tolist()
        return alike

    def _cut(self, draw: Draw, prompts: tuple[str, ...]) -> Codes:
        place = {prompt: at for at, prompt in enumerate(draw.prompts)}
        found = np.full((len(prompts), len(self._columns)), MISSING, dtype=np.int8)
        rows = [(to, place[prompt]) for to, prompt in enumerate(prompts) if prompt in place]
        if rows:
            to, at = np.array(rows).T
            found[to] = draw.outcome[at][:, self._columns]
        return found

    def _count(self, draw: Draw, prompts: tuple[str, ...]) -> list[Counts]:
        users = dict(zip(draw.prompts, draw.users, strict=True))
        codes = {user: code for code, user in enumerate(dict.fromkeys(draw.users))}
        cluster = np.array([codes[users[p]] if p in users else -1 for p in prompts])
        counts: list[Counts] = []
        for column in self._lane(draw, prompts).T:
            graded = column >= ABSENT
            if not graded.any():
                counts.append((0.0, 0.0))
                continue
            found = clustered_rate(column[graded] == PRESENT, cluster[graded])
            counts.append((found.rate * found.effective_n, found.effective_n))
        return counts
