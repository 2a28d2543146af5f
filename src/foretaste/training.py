"""The ports of graders that are trained: what they learn from, who trains, who embeds texts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from foretaste.protocols import Grader
from foretaste.records import Prefix, Rollout

Vectors = npt.NDArray[np.float64]
"""Rows of numbers."""


class Example(NamedTuple):
    """A rollout of which it is known whether it shows a behavior; what a screen learns from."""

    prefix: Prefix
    rollout: Rollout
    present: bool
    weight: float = 1.0  # inverse of the chance with which it came to be looked at


class Held(NamedTuple):
    """An example, and what a screen makes of it that never saw its user."""

    example: Example
    chance: float


class Scorer(Protocol):
    """A grader that needs no model and gives a score: a screen may learn what it is worth."""

    @property
    def fingerprint(self) -> str:
        """Content hash of all that decides its scores."""
        ...

    def score(self, prefix: Prefix, rollout: Rollout) -> float | None:
        """A number from 0 to 1, higher where the behavior is likelier; None: it cannot say."""
        ...


class Screen(Grader, Protocol):
    """A grader that was trained. Its verdicts carry a calibrated `score`."""

    @property
    def held_out(self) -> Sequence[Held]:
        """Its examples as it sees them unseen; none where it was loaded."""
        ...

    @property
    def document(self) -> bytes:
        """All of it as JSON: what the trainer of its kind loads again, here or in another run."""
        ...


class Trainer(Protocol):
    """Learns from examples to find one behavior."""

    @property
    def fingerprint(self) -> str:
        """Content hash of all that decides what it learns: behavior, options, code."""
        ...

    def __call__(self, examples: Iterable[Example]) -> Screen:
        """Train a screen, never on one user's examples and calibrated on others of theirs.

        Raises:
            InsufficientData: too few examples, or users, that show the behavior or do not.
            PlanError: a library it needs is not installed.
        """
        ...

    def load(self, document: bytes) -> Screen:
        """A screen from its document, which may be anybody's file: nothing in it is run.

        Raises:
            PlanError: it is no screen of this kind and behavior, or is damaged.
        """
        ...


class Embedder(Protocol):
    """Turns texts into vectors, so that texts of like meaning lie close together."""

    @property
    def fingerprint(self) -> str:
        """Content hash of the weights and of all options."""
        ...

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order, of length 1 (or all zeros), as float64.

        Raises:
            PlanError: a library or the weights are missing.
        """
        ...
