"""A screen that goes by words: quick to train, needs nothing but NumPy and SciPy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from scipy import sparse

from foretaste.adapters.graders.screens import ngrams
from foretaste.adapters.graders.screens.document import ScreenDocument, packed
from foretaste.adapters.graders.screens.learning import Floats, Rows, regression
from foretaste.adapters.graders.screens.screening import (
    Screened,
    checked_threshold,
    held_out,
    labels_of,
    usable,
)
from foretaste.errors import PlanError
from foretaste.records import Behavior, Prefix, Rollout, identity
from foretaste.training import Example, Held, Scorer

_MIDDLE = 0.5  # of a score from 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ngram:
    """Trains logistic regression on the words of answers, and on how they open.

    It sees words and their neighbors, not meaning: it finds what is said in like words as in the
    examples, and is blind to another language or a new way to say it. Measure it on labels of the
    model that it is used on. A rule beside the words knows some of what they miss; how far it is
    believed is learned like the weight of a word.

    Args:
        behavior: what the examples show or do not.
        strength: inverse of the penalty; less where examples are few and scores overlap.
        threshold: chance from which on the behavior counts as present.
        beside: whose score is learned from, too; the screen then works with this one alone. One
            that gives no example a score is left out.

    Raises:
        PlanError: `strength` is not above 0, or `threshold` not between 0 and 1.
    """

    behavior: Behavior
    strength: float = 10.0
    threshold: float = 0.5
    beside: Scorer | None = None
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        checked_threshold(self.threshold)
        if not self.strength > 0:
            raise PlanError(f"ngram: strength is {self.strength}; it is above 0")
        options = (self.behavior.version, self.strength, self.threshold)
        object.__setattr__(self, "fingerprint", identity("ngram", self._features, *options))

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
        said = self._said(kept)
        rows = ngrams.matrix(counted, rare)
        found = regression(rows if said is None else _joined(rows, said), labels, self.strength)
        cells = np.flatnonzero(found.weights[: ngrams.CELLS])
        features = ngrams.FORM if said is None else self._features
        learned = msgspec.structs.replace(
            ScreenDocument.of(self.behavior, features, labels, found),
            cells=packed(cells, "<i4"),
            rarity=packed(rare[cells]),
            weights=packed(np.append(found.weights[cells], found.weights[ngrams.CELLS :])),
        )
        return self._screen(learned, held_out(kept, found))

    def load(self, document: bytes) -> Screened:
        """A screen from its document; nothing in it is run.

        Raises:
            PlanError: it is no screen of n-grams for this behavior, it was trained beside another
                rule than `beside`, or is damaged.
        """
        features = (self._features, ngrams.FORM)
        return self._screen(ScreenDocument.read(document, self.behavior, *features))

    @property
    def _features(self) -> str:
        if self.beside is None:
            return ngrams.FORM
        return f"{ngrams.FORM} beside {self.beside.fingerprint}"

    def _said(self, examples: Sequence[Example]) -> Floats | None:
        """What stands beside the words of each example; None where nothing does."""
        if self.beside is None:
            return None
        said = [self.beside.score(each.prefix, each.rollout) for each in examples]
        known = any(score is not None for score in said)
        return np.array([_centered(score) for score in said]) if known else None

    def _screen(self, learned: ScreenDocument, held: tuple[Held, ...] = ()) -> Screened:
        cells = learned.places(ngrams.CELLS)
        examples = learned.present + learned.absent
        rare = np.full(ngrams.CELLS, np.log(1 + examples) + 1)
        rare[cells] = learned.floats("rarity", len(cells))
        beside = None if learned.features == ngrams.FORM else self.beside
        found = learned.floats("weights", len(cells) + (beside is not None))
        weights = np.zeros(ngrams.CELLS + (beside is not None))
        weights[cells] = found[: len(cells)]
        weights[ngrams.CELLS :] = found[len(cells) :]
        linear = learned.regression(weights)

        async def chance(prefix: Prefix, rollout: Rollout) -> float:
            rows = ngrams.matrix([ngrams.counts(rollout.text)], rare)
            if beside is not None:
                rows = _joined(rows, np.array([_centered(beside.score(prefix, rollout))]))
            return float(linear.chance(rows)[0])

        return Screened(
            behavior=self.behavior,
            learned=learned,
            chance=chance,
            threshold=self.threshold,
            held_out=held,
        )


def _centered(score: float | None) -> float:
    """A score as it stands beside the words, -0.5 to 0.5; 0 says nothing."""
    return 0.0 if score is None else score - _MIDDLE


def _joined(rows: Rows, said: Floats) -> Rows:
    """The rows with one column more."""
    return sparse.hstack([rows, sparse.csr_matrix(said[:, None])], format="csr")
