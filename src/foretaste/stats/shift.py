"""Traffic that has moved: weights that make the sample look like other traffic, learned from both.

Weights mend what the features show. They are no help for a kind of traffic that the sample does
not hold; the share of it is reported, to be put into `survey.unseen_traffic`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.totals import Floats, positive_weights

_STEPS = 100  # many more than Newton's method needs
_PRECISE = 1e-9  # size of the gradient, a turn, at which the fit is done
_HIGHEST_SCORE = 30.0  # log odds beyond which nobody can tell one certainty from another


class ShiftWeights(NamedTuple):
    """Weights of the sample's turns for the target traffic, and how far they can be trusted."""

    weight: Floats  # for each source turn; 1 on average
    effective_n: float  # Kish's n: independent turns that say as much, without their clusters
    clipped: float  # share of the source turns whose weight was cut to the limit
    auc: float | None  # two-sample: 0.5 where features tell nothing; None without a classifier
    auc_by_luck: float | None  # its standard deviation around 0.5 without any shift, at most
    uncovered: float | None  # share of target turns beyond what the source holds


def importance_weights(
    ratio: npt.ArrayLike, *, quantile: float | None = None, multiple: float | None = None
) -> ShiftWeights:
    """Weights from a known density ratio, target over source, at each source turn.

    Self-normalised in `clusters.clustered_rate` (method.md 11.7), so the ratio's scale does not
    matter. Clipping trades a bias towards the source's own rate for less variance (Ionides 2008);
    the clipped share says how much of the sample it touched.

    Args:
        ratio: for each source turn.
        quantile: clip at this quantile of the ratios; None for none.
        multiple: clip at this multiple of their mean; None for none.

    Raises:
        InsufficientData: there are no turns.
        ValueError: a ratio is not positive and finite (leave out turns that the target cannot
            hold), there are two limits, or one is not what it must be.

    >>> importance_weights([1, 1, 1, 5], multiple=1.5).clipped
    0.25
    """
    raw = positive_weights(ratio, np.size(ratio))
    if not len(raw):
        raise InsufficientData("weights need at least one turn")
    if quantile is not None and multiple is not None:
        raise ValueError("clip at a quantile or at a multiple of the mean, not both")
    if not (0 < (0.5 if quantile is None else quantile) <= 1):
        raise ValueError(f"a quantile is above 0 and at most 1, not {quantile}")
    if multiple is not None and not multiple >= 1:
        raise ValueError(f"a multiple of the mean weight is at least 1, not {multiple}")
    limit = np.inf if multiple is None else multiple * raw.mean()
    if quantile is not None:
        # One of the ratios, so that no more than the stated share lies above.
        limit = np.quantile(raw, quantile, method="higher")
    kept = np.minimum(raw, limit)
    return ShiftWeights(
        weight=kept / kept.mean(),
        effective_n=float(kept.sum() ** 2 / (kept @ kept)),
        clipped=float(np.mean(raw > limit)),
        auc=None,
        auc_by_luck=None,
        uncovered=None,
    )


def classifier_weights(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    folds: int = 5,
    penalty: float = 1.0,
    beyond: float = 0.999,
    quantile: float | None = None,
    multiple: float | None = None,
) -> ShiftWeights:
    """Weights from the odds of a classifier that tells target turns from source turns.

    A logistic regression with an L2 penalty, fitted in folds so that no turn is scored by a fit
    that saw it; the weight is odds * n_source / n_target, which is the density ratio where the
    model holds (Bickel, Brückner and Scheffer 2009). It is log-linear in the features: what
    matters jointly must be among them as a product. What is made of the weights takes them as
    known, though they were estimated.

    The AUC is the drift monitor of method.md 11.7, the mean over the folds. Its luck is that of
    the rank test in a single fold (Mann and Whitney 1947), since the folds' fits resemble one
    another and their errors need not average out. It takes turns as independent: where users have
    many, luck is larger.

    Uncovered are the target turns whose score is beyond that of all but a few source turns: the
    classifier finds nothing there to weight up. Without any shift they are a share 1 - `beyond`.

    Args:
        source: turns x features of the sample.
        target: turns x features of the traffic that is asked about.
        rng: deals the turns to folds.
        folds: at least 2.
        penalty: of the squared coefficients of standardised features, halved, against the
            summed log-likelihood; the intercept is free.
        beyond: quantile of the source's scores; 1 for the largest.
        quantile: as for `importance_weights`.
        multiple: as for `importance_weights`.

    Raises:
        InsufficientData: fewer turns than folds, in either.
        ValueError: the features do not fit together or are not finite, or an option is not what
            it must be.
    """
    old, new = _features(source), _features(target)
    if old.shape[1] != new.shape[1]:
        raise ValueError(f"{old.shape[1]} features in the source, {new.shape[1]} in the target")
    if folds < 2 or not penalty > 0 or not 0 < beyond <= 1:
        raise ValueError(f"no classifier with {folds} folds, penalty {penalty}, beyond {beyond}")
    if min(len(old), len(new)) < folds:
        raise InsufficientData(f"{len(old)} and {len(new)} turns make no {folds} folds")
    fold_old, fold_new = (rng.permutation(len(each)) % folds for each in (old, new))
    score_old, score_new, areas = np.empty(len(old)), np.empty(len(new)), np.empty((folds, 2))
    for fold in range(folds):
        in_old, in_new = fold_old == fold, fold_new == fold
        model = _fit(old[~in_old], new[~in_new], penalty)
        score_old[in_old], score_new[in_new] = model(old[in_old]), model(new[in_new])
        areas[fold] = _auc(score_old[in_old], score_new[in_new])
    auc, luck = areas.mean(axis=0).tolist()
    found = importance_weights(np.exp(score_old), quantile=quantile, multiple=multiple)
    return found._replace(
        auc=auc,
        auc_by_luck=luck,
        uncovered=float(np.mean(score_new > np.quantile(score_old, beyond))),
    )


class _Model(NamedTuple):
    """Log density ratio of target over source, linear in standardised features."""

    center: Floats
    scale: Floats
    coefficient: Floats  # the intercept first

    def __call__(self, features: Floats) -> Floats:
        score = self.coefficient[0] + (features - self.center) / self.scale @ self.coefficient[1:]
        return np.asarray(np.clip(score, -_HIGHEST_SCORE, _HIGHEST_SCORE))


def _features(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or not np.all(np.isfinite(x)):
        raise ValueError("features must be finite numbers, turns x features")
    return x


def _fit(old: Floats, new: Floats, penalty: float) -> _Model:
    """Penalised logistic regression by Newton's method (Hastie, Tibshirani and Friedman 2009, 4.4).

    The step is halved until the loss falls, which with a convex loss cannot diverge.
    """
    both = np.concatenate([old, new])
    center, scale = both.mean(axis=0), both.std(axis=0)
    scale[scale == 0] = 1.0
    x = np.column_stack([np.ones(len(both)), (both - center) / scale])
    is_new = np.arange(len(both)) >= len(old)
    ridge = np.full(x.shape[1], penalty)
    ridge[0] = 0.0

    def loss(beta: Floats) -> float:
        odds = x @ beta
        return float(np.logaddexp(0.0, np.where(is_new, -odds, odds)).sum() + ridge @ beta**2 / 2)

    log_odds = np.log(len(new) / len(old))
    beta = np.zeros(x.shape[1])
    beta[0] = log_odds
    for _ in range(_STEPS):
        chance = special.expit(x @ beta)
        gradient = x.T @ (chance - is_new) + ridge * beta
        if np.abs(gradient).max() <= _PRECISE * len(x):
            break
        curvature = (x.T * (chance * (1 - chance))) @ x + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        before = loss(beta)
        while loss(beta - step) > before:
            step = step / 2
        beta = beta - step
    beta[0] -= log_odds
    return _Model(center, scale, beta)


def _auc(low: Floats, high: Floats) -> tuple[float, float]:
    """Chance that one of `high` is above one of `low`, ties counting half, and its luck."""
    ordered = np.sort(low)
    below, at_most = (np.searchsorted(ordered, high, side) for side in ("left", "right"))
    luck = np.sqrt((len(low) + len(high) + 1) / (12 * len(low) * len(high)))
    return float((below + at_most).mean() / (2 * len(low))), float(luck)
