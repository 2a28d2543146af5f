"""How far two lanes' turns can be told apart, by what each shows and the other does not."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from foretaste.discoveries import Pair, Seen
from foretaste.features import seen_in
from foretaste.learning import folds, learning, one_thread
from foretaste.regions.indicators import Codes, indicators

Floats = npt.NDArray[np.float64]

_WHO = "looking for regions of traffic"
_FOLDS = 2
_FEW = 10  # users that it takes to learn anything
_STRENGTH = 3.0  # C: the inverse of the penalty
_OWN = 2.0  # how much a topic's own copy of a feature counts, as it is learned from far fewer pairs
_LEARNED_FROM = 30_000  # pairs of a fold's training
_TINY = 1e-9


class Turns(NamedTuple):
    """What the turns of pairs show; phrases are left out."""

    seen: tuple[Seen, ...]
    before: Any  # SciPy CSR, pairs x features, of 0 and 1
    after: Any

    @property
    def change(self) -> Any:
        """1 where only the second turn shows a feature, -1 where only the first does."""
        found = (self.after - self.before).tocsr()
        found.eliminate_zeros()
        return found


def turns_of(pairs: Iterable[Pair], least: int) -> Turns:
    """Go through pairs once.

    Args:
        pairs: with both turns.
        least: turns that must show a feature for it to count.
    """
    found = indicators(
        (
            # Phrases are as good as without end; their words say nearly as much.
            seen_in(pair.prefix, rollout.messages, with_phrases=False)
            for pair in pairs
            for rollout in (pair.before, pair.after)
        ),
        least,
    )
    return Turns(found.columns, found.rows[0::2], found.rows[1::2])


class Told(NamedTuple):
    """How rightly each pair's turns were told apart."""

    right: Floats  # 1 rightly, 0 wrongly, 0.5 a tie
    half: Codes  # 0 or 1: those of one half were told by what the other taught


def told_apart(change: Any, user: Codes, topic: Codes, *, seed: int) -> Told:
    """Tell pairs' turns apart, one half of the users by what the other half teaches.

    Logistic regression on what changes; it has no intercept, so the order of a pair's turns plays
    no part. Within a half users are independent, but the halves are not: what is more frequent by
    chance in both helps in both. So test each half by itself. Each feature counts twice, once for
    all pairs and once for those of its topic (Daumé 2007), so that what one topic gains and another
    loses is seen in both.

    Args:
        change: features that only one turn shows, pairs x features: 1 the second, -1 the first.
        user: of each pair.
        topic: of each pair, from 0; -1 for none.
        seed: of the pairs that it learns from, where there are very many.

    Raises:
        PlanError: scikit-learn is not installed.
    """
    found = np.full(change.shape[0], 0.5)
    half = np.zeros(change.shape[0], dtype=np.intp)
    if len(np.unique(user)) < _FEW or not change.nnz:
        return Told(found, half)
    rows = _rows(change, topic)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(int(user.max()) + 1)[user]  # by their order, halves could be topics
    # Turned about for half of the pairs, as two classes are wanted; both orders say the same.
    sign = rng.permutation(np.resize([1.0, -1.0], len(found))).astype(np.float32)
    turned = sparse.diags(sign) @ rows
    model = learning("linear_model", _WHO).LogisticRegression(
        C=_STRENGTH, fit_intercept=False, max_iter=2_000, tol=1e-3
    )
    with one_thread():
        for number, (seen, left) in enumerate(folds(drawn, _FOLDS, _WHO)):
            half[left] = number
            own = np.sort(rng.permutation(seen)[:_LEARNED_FROM])
            model.fit(turned[own], sign[own] > 0)
            score = rows[left] @ model.coef_[0]
            found[left] = np.where(np.abs(score) < _TINY, 0.5, score > 0)
    return Told(found, half)


def _rows(change: Any, topic: Codes) -> Any:
    """Rows of length 1, each followed by a heavier copy of itself in its topic's own columns."""
    size = np.sqrt(np.diff(change.indptr))
    own = (sparse.diags((1 / np.maximum(size, 1)).astype(np.float32)) @ change).tocsr()
    columns = change.shape[1]
    cells = np.repeat(np.asarray(topic, dtype=np.int64), np.diff(own.indptr))
    again = own.indices + cells * columns
    data = np.where(cells >= 0, _OWN * own.data, 0).astype(np.float32)
    used, places = np.unique(np.maximum(again, 0), return_inverse=True)
    shape = (own.shape[0], len(used))
    by_topic = sparse.csr_matrix((data, places, own.indptr), shape=shape, copy=True)
    by_topic.eliminate_zeros()  # in its own memory
    return sparse.hstack([own, by_topic], format="csr")
