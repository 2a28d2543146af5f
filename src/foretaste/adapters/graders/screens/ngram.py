"""A screen that goes by words: quick to train, needs nothing but NumPy and SciPy."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np

from foretaste.adapters.graders.screens import ngrams
from foretaste.adapters.graders.screens.document import ScreenDocument, packed
from foretaste.adapters.graders.screens.learning import regression
from foretaste.adapters.graders.screens.screening import (
    Screened,
    checked_threshold,
    labels_of,
    usable,
)
from foretaste.errors import PlanError
from foretaste.records import Behavior, Prefix, Rollout, identity
from foretaste.training import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Ngram:
    """Trains logistic regression on the words of answers, and on how they open.

    It sees words and their neighbors, not meaning: it finds what is said in like words as in the
    examples, and is blind to another language or a new way to say it. Measure it on labels of the
    model that it is used on.

    Args:
        behavior: what the examples show or do not.
        strength: inverse of the penalty; less where examples are few and scores overlap.
        threshold: chance from which on the behavior counts as present.

    Raises:
        PlanError: `strength` is not above 0, or `threshold` not between 0 and 1.
    """

    behavior: Behavior
    strength: float = 10.0
    threshold: float = 0.5
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        checked_threshold(self.threshold)
        if not self.strength > 0:
            raise PlanError(f"ngram: strength is {self.strength}; it is above 0")
        options = (self.behavior.version, self.strength, self.threshold)
        object.__setattr__(self, "fingerprint", identity("ngram", ngrams.FORM, *options))

    def __call__(self, examples: Iterable[Example]) -> Screened:
        """Train on examples; those without an answer say nothing and are left out.

        Raises:
            InsufficientData: too few of a class or of users, or they teach nothing.
            ValueError: a weight is not above 0.
        """
        kept = usable(examples)
        counted = [ngrams.counts(each.rollout.text) for each in kept]
        rare = ngrams.rarity(counted)
        labels = labels_of(kept)
        found = regression(ngrams.matrix(counted, rare), labels, self.strength)
        cells = np.flatnonzero(found.weights)
        learned = msgspec.structs.replace(
            ScreenDocument.of(self.behavior, ngrams.FORM, labels, found),
            cells=packed(cells, "<i4"),
            rarity=packed(rare[cells]),
            weights=packed(found.weights[cells]),
        )
        return self._screen(learned)

    def load(self, document: bytes) -> Screened:
        """A screen from its document; nothing in it is run.

        Raises:
            PlanError: it is no screen of n-grams for this behavior, or is damaged.
        """
        return self._screen(ScreenDocument.read(document, self.behavior, ngrams.FORM))

    def _screen(self, learned: ScreenDocument) -> Screened:
        cells = learned.places(ngrams.CELLS)
        examples = learned.present + learned.absent
        rare = np.full(ngrams.CELLS, np.log(1 + examples) + 1)
        rare[cells] = learned.floats("rarity", len(cells))
        weights = np.zeros(ngrams.CELLS)
        weights[cells] = learned.floats("weights", len(cells))
        linear = learned.regression(weights)

        async def chance(prefix: Prefix, rollout: Rollout) -> float:  # noqa: ARG001
            rows = ngrams.matrix([ngrams.counts(rollout.text)], rare)
            return float(linear.chance(rows)[0])

        return Screened(
            behavior=self.behavior, learned=learned, chance=chance, threshold=self.threshold
        )
