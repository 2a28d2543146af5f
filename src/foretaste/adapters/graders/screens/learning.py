"""Weighted logistic regression, and how far its scores can be believed on users it never saw."""

import hashlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from foretaste.errors import InsufficientData

Floats = npt.NDArray[np.float64]
Rows = Any
"""One row for each example: a dense array, or a SciPy sparse one."""

FEWEST = 10
"""Examples that show a behavior, and that do not, below which nothing is learned."""

_FOLDS = 5
_STEPS = 500  # of the optimizer; a few dozen are usual


class Labels(NamedTuple):
    """What is known of the rows."""

    present: npt.NDArray[np.bool_]
    weight: Floats  # inverse inclusion probability
    user: tuple[str, ...]  # whose it is; one user is wholly in one fold


class Regression(NamedTuple):
    """A linear score, and the line that makes a chance of it."""

    weights: Floats
    intercept: float
    slope: float
    offset: float

    def chance(self, rows: Rows) -> Floats:
        """Calibrated chance that each row shows the behavior."""
        found: Floats = special.expit(self.slope * self.score(rows) + self.offset)
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
    held_out = np.zeros(len(labels.present))
    for each in range(_FOLDS):
        left = fold == each
        seen = ~left
        weights, intercept = _fitted(
            rows[seen], labels.present[seen], labels.weight[seen], strength
        )
        held_out[left] = np.asarray(rows[left] @ weights) + intercept
    slope, offset = _platt(held_out, labels)
    weights, intercept = _fitted(rows, labels.present, labels.weight, strength)
    return Regression(weights, intercept, slope, offset)


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


def _fitted(
    rows: Rows, present: npt.NDArray[np.bool_], weight: Floats, strength: float
) -> tuple[Floats, float]:
    totals = np.where(present, weight[present].sum(), weight[~present].sum())
    if not present.any() or present.all():
        raise InsufficientData("the examples of one class all come from a few users")
    share = strength * len(present) / 2 * weight / totals
    sign = np.where(present, 1.0, -1.0)
    columns = rows.T.tocsr() if hasattr(rows, "tocsr") else rows.T

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = sign * (rows @ at[:-1] + at[-1])
        pull = -share * sign * special.expit(-margin)
        value = at[:-1] @ at[:-1] / 2 + share @ np.logaddexp(0.0, -margin)
        return float(value), np.append(columns @ pull + at[:-1], pull.sum())

    start = np.zeros(rows.shape[1] + 1)
    found = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
    ).x
    return found[:-1], float(found[-1])


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
        raise InsufficientData(
            "the examples teach nothing: users left out are told no better than by a coin"
        )
    return float(slope), float(offset)
