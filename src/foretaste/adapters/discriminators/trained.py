"""A discriminator that is trained on the pairs themselves; asks nobody and needs no key."""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from foretaste.adapters.discriminators.features import (
    Named,
    characters,
    said_words,
    shape,
    words,
)
from foretaste.contrasts import TIE, Contrast, Side, Taken
from foretaste.learning import folds, learning, one_thread

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

_FOLDS, _INNER = 5, 3
_STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # C: the inverse of the penalty
_HASHED = 2**18
_TINY = 1e-9
_WHO = "the trained discriminator"
_FEW = "too few pairs that differ, or too few clusters, to train on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Pairwise logistic regression on the features' differences, scored on clusters it never saw.

    There is no intercept, so exchanging the two sides exchanges the answer: it has no position
    bias. Pairs of a cluster are all in one of five folds; a fold is scored by what the others
    teach, and the penalty is chosen within those, again by cluster. Features (`features.py`):
    words and characters of results by tool, words of what was said, the turn's shape, and whether
    its parts agree. The four kinds weigh alike.

    It learns from the pairs that it is given, so few pairs make it weak: a rate near 0.5 then says
    little. That is what the control with shuffled results is for.

    Args:
        seed: of the order in which it sees the two sides.
        most: pairs; of more a seeded draw is taken, and the others are ungraded.

    Raises:
        PlanError: scikit-learn is not installed.
    """

    seed: int = 0
    most: int = 3_000
    name: str = "trained"
    _known: dict[Side, "_Features"] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        learning("linear_model", _WHO)

    def __call__(self, contrasts: Sequence[Contrast]) -> list[Taken]:
        """Say of each pair how far the simulated side is taken for the real one."""
        found = [TIE if each.same else Taken(None, None, _FEW) for each in contrasts]
        rng = np.random.default_rng(self.seed)
        open_ = np.array([k for k, each in enumerate(contrasts) if not each.same], dtype=np.intp)
        if len(open_) > self.most:
            for k in rng.permutation(open_)[self.most :]:
                found[k] = Taken(None, None, f"not among the {self.most:,} pairs drawn")
            open_ = np.array([k for k in open_ if found[k].why == _FEW], dtype=np.intp)
        chosen = [contrasts[k] for k in open_]
        codes: dict[str, int] = {}
        clusters = np.array([codes.setdefault(c.cluster, len(codes)) for c in chosen], np.intp)
        if len(codes) < _INNER or len(chosen) < 2 * _FOLDS:
            return found
        sign = rng.permutation(np.resize([1.0, -1.0], len(chosen)))
        with one_thread():
            scores = _cross_scored(self._differences(chosen), sign, clusters)
        for k, score in zip(open_, scores, strict=True):
            taken = 0.5 if abs(score) < _TINY else float(score < 0)
            found[k] = Taken(taken, taken)
        return found

    def _differences(self, contrasts: Sequence[Contrast]) -> Floats:
        """A row a pair, real minus simulated, with the inner products of all the features.

        Only inner products count for a penalised linear model, and there are fewer pairs than
        features: so the eigenvectors of their matrix stand for the features, exactly.
        """
        real = [self._features(each.real) for each in contrasts]
        simulated = [self._features(each.simulated) for each in contrasts]
        products = np.zeros((len(contrasts), len(contrasts)))
        for block in _blocks(real, simulated):
            own = np.asarray((block @ block.T).todense())
            size = float(np.trace(own)) / len(own)
            if size > _TINY:
                products += own / size
        values, vectors = np.linalg.eigh(products)
        kept = values > _TINY * max(1.0, values[-1])
        return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))

    def _features(self, side: Side) -> "_Features":
        if side not in self._known:
            self._known[side] = _Features(side)
        return self._known[side]


class _Features:
    """What is known of one side: hashed texts, and named numbers."""

    __slots__ = ("characters", "said", "shape", "words")

    def __init__(self, side: Side) -> None:
        self.characters = _hashed(characters(side))
        self.words = _hashed(words(side))
        self.said = _hashed(said_words(side))
        self.shape: Named = shape(side)


def _hashed(counts: Mapping[str, int]) -> Any:
    """One sparse row of unit length: hashed tokens, each 1 + log of its count."""
    hasher = learning("feature_extraction", _WHO).FeatureHasher(_HASHED, alternate_sign=True)
    row = hasher.transform([{token: 1.0 + log(count) for token, count in counts.items()}])
    size = sqrt(float(row.data @ row.data))
    return row / size if size else row


def _blocks(real: list[_Features], simulated: list[_Features]) -> Iterable[Any]:
    stack: Callable[..., Any] = importlib.import_module("scipy.sparse").vstack
    for name in ("characters", "words", "said"):
        first = stack([getattr(each, name) for each in real], format="csr")
        yield first - stack([getattr(each, name) for each in simulated], format="csr")
    vectors = learning("feature_extraction", _WHO).DictVectorizer()
    both = vectors.fit_transform([each.shape for each in (*real, *simulated)]).tocsr()
    named = both[: len(real)] - both[len(real) :]
    # Which side is real plays no part in a feature's size, so no label leaks into the folds.
    size = np.sqrt(np.asarray(named.multiply(named).mean(axis=0)).ravel())
    yield named.multiply(1.0 / (size + 0.1 * (size.mean() or 1.0))).tocsr()


def _cross_scored(rows: Floats, sign: Floats, clusters: Codes) -> Floats:
    """Score of each pair by a model that saw no pair of its cluster; above 0: rightly told."""
    scores = np.zeros(len(rows))
    if not rows.shape[1]:
        return scores  # they differ in nothing that is looked at: spelling of arguments
    for seen, left in folds(clusters, _FOLDS, _WHO):
        strength = _strength(rows[seen], sign[seen], clusters[seen])
        scores[left] = rows[left] @ _fitted(rows[seen], sign[seen], strength)
    return scores


def _strength(rows: Floats, sign: Floats, clusters: Codes) -> float:
    """The penalty that predicts best within these pairs, by logarithmic loss."""
    loss = dict.fromkeys(_STRENGTHS, 0.0)
    for seen, left in folds(clusters, _INNER, _WHO):
        for strength in _STRENGTHS:
            score = rows[left] @ _fitted(rows[seen], sign[seen], strength)
            loss[strength] += float(np.logaddexp(0.0, -score).sum())
    return min(loss, key=lambda strength: loss[strength])


def _fitted(rows: Floats, sign: Floats, strength: float) -> Floats:
    """Weights of the regression; each pair is shown in one order, drawn, as both say the same."""
    model = learning("linear_model", _WHO).LogisticRegression(
        C=strength, fit_intercept=False, max_iter=2_000
    )
    model.fit(rows * sign[:, np.newaxis], sign > 0)
    return np.asarray(model.coef_[0], dtype=np.float64)
