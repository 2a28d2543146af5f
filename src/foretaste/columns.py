"""Verdicts as columns: what the statistics work on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from foretaste.records import Lane, Outcome
from foretaste.stats.clusters import PairTable

Codes: TypeAlias = NDArray[np.int8]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

PRESENT, ABSENT, UNGRADED, MISSING, OUTSIDE = 1, 0, -1, -2, -3
CODE = {
    Outcome.PRESENT: PRESENT,
    Outcome.ABSENT: ABSENT,
    Outcome.UNGRADED: UNGRADED,
    Outcome.OUTSIDE: OUTSIDE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One row a prefix; one column of outcome codes for each behavior and lane."""

    weight: Floats  # inverse inclusion probability
    cluster: Ints  # user code
    outcome: Mapping[tuple[str, Lane], Codes]  # one of the codes above

    @property
    def behaviors(self) -> tuple[str, ...]:
        """Behaviors in the order in which they were asked for."""
        return tuple(dict.fromkeys(behavior for behavior, _ in self.outcome))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Lanes that hold any column."""
        return tuple(lane for lane in Lane if any(key[1] == lane for key in self.outcome))

    def reweighted(self, by: Floats) -> "Columns":
        """Every row's weight times its own of these; rows with 0 are left out.

        Raises:
            ValueError: not one for each row.
        """
        if by.shape != self.weight.shape:
            raise ValueError(f"{len(by)} weights for {len(self.weight)} rows")
        kept = by > 0
        return replace(
            self,
            weight=(self.weight * by)[kept],
            cluster=self.cluster[kept],
            outcome={key: codes[kept] for key, codes in self.outcome.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Two lanes' verdicts on the same prefixes, for the ratio of their rates; None: no pair."""

    behavior: str
    best: PairTable | None  # had every unknown answer spoken for the second lane
    seen: PairTable | None  # prefixes graded in both
    worst: PairTable | None  # had every unknown answer spoken against it
