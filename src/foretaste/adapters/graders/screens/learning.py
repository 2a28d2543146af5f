"""Weighted logistic regression, and how far its scores can be believed on users it never saw."""

import hashlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse, special

from foretaste.errors import InsufficientData

Floats = npt.NDArray[np.float64]
Rows = Any
"""One row for each example: a dense array, or a SciPy sparse one."""

FEWEST = 10
"""Examples that show a behavior, and that do not, below which nothing is learned."""

_FOLDS = 5
_STEPS = 200  # of the optimizer; about ten are usual
_TURNED = 2_000  # examples from which on it takes longer than it saves
_TINY = 1e-12
_LUCK = 1.645  # standard errors
_NOTHING = "the examples teach nothing: users left out are told no better than by a coin"
_PRECISION = 1e-6  # of a weight, on average


class Labels(NamedTuple):
    """What is known of the rows."""

    present: npt.NDArray[np.bool_]
    weight: Floats  # inverse inclusion probability
    user: tuple[str, ...]  # whose it is; one user is wholly in one fold

    def of(self, rows: npt.NDArray[np.bool_]) -> "Labels":
        """The labels of some rows."""
        users = tuple(name for name, taken in zip(self.user, rows, strict=True) if taken)
        return Labels(self.present[rows], self.weight[rows], users)


class Regression(NamedTuple):
    """A linear score, and the line that makes a chance of it."""

    weights: Floats
    intercept: float
    slope: float
    offset: float
    held_out: Floats = np.zeros(0)  # of each example, the score of a fit on other users' alone

    def chance(self, rows: Rows) -> Floats:
        """Calibrated chance that each row shows the behavior."""
        return self.calibrated(self.score(rows))

    def calibrated(self, score: Floats) -> Floats:
        """The chances that scores stand for."""
        found: Floats = special.expit(self.slope * score + self.offset)
        return found

    def score(self, rows: Rows) -> Floats:
        """The linear score of each row, uncalibrated."""
        return np.asarray(rows @ self.weights, dtype=np.float64) + self.intercept


def regression(rows: Rows, labels: Labels, strength: float) -> Regression:
    """Fit, and calibrate on scores of folds whose users the fit never saw.

    The fit is logistic regression with a quadratic penalty; both classes get the same total weight,
    as what is looked for is rare. Platt's line (1999), with his smoothed targets, then turns scores
    into chances under the examples' own weights. It is fitted on scores of the folds' fits, which
    saw four fifths of the examples: the whole fit's scores lie a little farther apart, so chances
    come out a little too cautious.

    Args:
        rows: features, one row for each example.
        labels: of the examples, in the same order.
        strength: inverse of the penalty.

    Raises:
        InsufficientData: fewer than ten examples or five users of a class, or scores that tell
            users it never saw no better than a coin.
        ValueError: a weight is not above 0.
    """
    if not np.all((labels.weight > 0) & np.isfinite(labels.weight)):
        raise ValueError("an example's weight is above 0")
    fold = _folds(labels)
    short, back = _turned(rows)
    held_out = np.zeros(len(labels.present))
    for each in range(_FOLDS):
        left = fold == each
        weights, intercept = _fitted(short[~left], labels.of(~left), strength)
        held_out[left] = np.asarray(short[left] @ weights) + intercept
    _check_skill(held_out, labels)
    slope, offset = _platt(held_out, labels)
    weights, intercept = _fitted(short, labels, strength)
    return Regression(np.asarray(back @ weights), intercept, slope, offset, held_out)


def _turned(rows: Rows) -> tuple[Rows, Any]:
    """The same rows in as many columns as there are rows, and the matrix that leads back.

    Turning the axes changes no product of two rows, and so no fit with a quadratic penalty; a few
    hundred columns are fitted in a hundredth of the time that all n-grams take.
    """
    count, columns = rows.shape
    if columns <= count or count > _TURNED:
        return rows, sparse.identity(columns)
    products = rows @ rows.T
    sizes, axes = np.linalg.eigh(products.toarray() if sparse.issparse(products) else products)
    kept = sizes > sizes.max() * _TINY
    lengths = np.sqrt(sizes[kept])
    return axes[:, kept] * lengths, rows.T @ (axes[:, kept] / lengths)


def _folds(labels: Labels) -> npt.NDArray[np.intp]:
    """The fold of each example: users who show the behavior are dealt out first, then the rest."""
    shows = {name for name, present in zip(labels.user, labels.present, strict=True) if present}
    lacks = {name for name, there in zip(labels.user, labels.present, strict=True) if not there}
    count = int(labels.present.sum())
    rarer = min(count, len(labels.present) - count)
    users = min(len(shows), len(lacks))
    if rarer < FEWEST or users < _FOLDS:
        raise InsufficientData(
            f"{count} examples that show the behavior and {len(labels.present) - count} that do "
            f"not, of {users} users at least: a screen needs {FEWEST} of each, of {_FOLDS} users"
        )
    # By a hash, so that neither the order of the examples nor that of names decides.
    order = sorted(
        shows | lacks,
        key=lambda name: (name not in shows, hashlib.blake2b(name.encode()).digest()),
    )
    place = {name: number % _FOLDS for number, name in enumerate(order)}
    return np.array([place[name] for name in labels.user])


def _fitted(rows: Rows, labels: Labels, strength: float) -> tuple[Floats, float]:
    present, weight = labels.present, labels.weight
    if not present.any() or present.all():
        raise InsufficientData("the examples of one class all come from a few users")
    totals = np.where(present, weight[present].sum(), weight[~present].sum())
    share = strength * len(present) / 2 * weight / totals
    sign = np.where(present, 1.0, -1.0)
    columns = rows.T.tocsr() if sparse.issparse(rows) else rows.T

    def margin(at: Floats) -> Floats:
        return np.asarray(sign * (rows @ at[:-1] + at[-1]))

    def loss(at: Floats) -> float:
        return float(at[:-1] @ at[:-1] / 2 + share @ np.logaddexp(0.0, -margin(at)))

    def slopes(at: Floats) -> Floats:
        pull = -share * sign * special.expit(-margin(at))
        return np.append(columns @ pull + at[:-1], pull.sum())

    def bend(at: Floats, along: Floats) -> Floats:
        chance = special.expit(margin(at))
        pull = share * chance * (1 - chance) * (rows @ along[:-1] + along[-1])
        return np.append(columns @ pull + along[:-1], pull.sum())

    start = np.zeros(rows.shape[1] + 1)
    options = {"maxiter": _STEPS, "xtol": _PRECISION}
    found = optimize.minimize(
        loss, start, jac=slopes, hessp=bend, method="Newton-CG", options=options
    ).x
    return found[:-1], float(found[-1])


def _check_skill(score: Floats, labels: Labels) -> None:
    """Raise where held-out scores rank no better than a coin would, at the level of 5 %.

    Mann and Whitney's statistic, with users counted in place of examples, which may be alike.
    """
    shown, lacking = score[labels.present], np.sort(score[~labels.present])
    places = np.searchsorted(lacking, shown) + np.searchsorted(lacking, shown, side="right")
    auc = float(places.mean()) / (2 * len(lacking))
    a, b = (len(set(labels.of(rows).user)) for rows in (labels.present, ~labels.present))
    if auc <= 0.5 + _LUCK * np.sqrt((a + b + 1) / (12 * a * b)):
        raise InsufficientData(_NOTHING)


def _platt(score: Floats, labels: Labels) -> tuple[float, float]:
    """Slope and offset of the logistic line through held-out scores (Platt 1999)."""
    weight = labels.weight / labels.weight.mean()
    shown, lacking = weight[labels.present].sum(), weight[~labels.present].sum()
    target = np.where(labels.present, (shown + 1) / (shown + 2), 1 / (lacking + 2))

    def loss(at: Floats) -> tuple[float, Floats]:
        logit = at[0] * score + at[1]
        error = weight * (special.expit(logit) - target)
        value = weight @ (np.logaddexp(0.0, logit) - target * logit)
        return float(value), np.array([error @ score, error.sum()])

    slope, offset = optimize.minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    if not slope > 0:
        raise InsufficientData(_NOTHING)
    return float(slope), float(offset)
