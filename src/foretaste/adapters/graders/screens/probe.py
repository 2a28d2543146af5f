"""A screen that goes by meaning: a small regression on the vectors of an embedder."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from foretaste.adapters.graders.passages import LONGEST
from foretaste.adapters.graders.screens.document import ScreenDocument
from foretaste.adapters.graders.screens.learning import Floats, regression
from foretaste.adapters.graders.screens.screening import (
    Screened,
    checked_threshold,
    held_out,
    labels_of,
    usable,
)
from foretaste.errors import MachineFailed, PlanError
from foretaste.records import Behavior, Prefix, Rollout, identity
from foretaste.training import Embedder, Example, Held

_FORM = "probe 1"
_OPENING = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Trains logistic regression on the vectors of an answer and of its opening.

    On people's labels of refusals it was worse than words and cost a dependency (the how-to on
    screens has the numbers); take it where a behavior is said in ever other words.

    Args:
        behavior: what the examples show or do not.
        embedder: any embedder plug-in; the screen works with this one alone.
        strength: inverse of the penalty.
        threshold: chance from which on the behavior counts as present.

    Raises:
        PlanError: `strength` is not above 0, or `threshold` not between 0 and 1.
    """

    behavior: Behavior
    embedder: Embedder
    strength: float = 1.0
    threshold: float = 0.5
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        checked_threshold(self.threshold)
        if not self.strength > 0:
            raise PlanError(f"probe: strength is {self.strength}; it is above 0")
        options = (self.behavior.version, self.strength, self.threshold)
        object.__setattr__(self, "fingerprint", identity(self._features, *options))

    def __call__(self, examples: Iterable[Example]) -> Screened:
        """Train on examples; those without an answer say nothing and are left out.

        Raises:
            InsufficientData: too few of a class or of users, or they teach nothing.
            PlanError: the embedder lacks its library or its weights.
            ValueError: a weight is not above 0.
        """
        kept = usable(examples)
        labels = labels_of(kept)
        rows = self._rows([each.rollout for each in kept])
        found = regression(rows, labels, self.strength)
        learned = ScreenDocument.of(self.behavior, self._features, labels, found)
        return self._screen(learned, held_out(kept, found))

    def load(self, document: bytes) -> Screened:
        """A screen from its document; nothing in it is run.

        Raises:
            PlanError: it is no probe of this embedder and behavior, or is damaged.
        """
        return self._screen(ScreenDocument.read(document, self.behavior, self._features))

    @property
    def _features(self) -> str:
        return f"{_FORM} of {self.embedder.fingerprint}"

    def _rows(self, rollouts: list[Rollout]) -> Floats:
        texts = [rollout.text[:LONGEST] for rollout in rollouts]
        if not texts:
            return np.zeros((0, 0))
        return np.hstack([self.embedder(texts), self.embedder([t[:_OPENING] for t in texts])])

    def _screen(self, learned: ScreenDocument, held: tuple[Held, ...] = ()) -> Screened:
        linear = learned.regression(learned.floats("weights", len(learned.weights) // 4))

        async def chance(prefix: Prefix, rollout: Rollout) -> float:  # noqa: ARG001
            rows = await asyncio.to_thread(self._rows, [rollout])
            if rows.shape[1] != len(linear.weights):
                raise MachineFailed("this screen is damaged: not one weight for each feature")
            return float(linear.chance(rows)[0])

        return Screened(
            behavior=self.behavior,
            learned=learned,
            chance=chance,
            threshold=self.threshold,
            held_out=held,
        )
