"""One belief about each behavior's production rate, from every lane, every behavior and the past.

Three numbers foretell the rate after release, and each is wrong in its own way. The replayed
candidate (direct) carries the replay's own error. The recorded rate moved by what the replay moved
(anchored) is free of errors common to both replays, and noisier. The recorded rate itself (today)
is right wherever the candidate changes nothing. How much each deserves follows from how much
models and replays have differed: within this run over its behaviors, and in past forecasts.

The model, on log odds; the method's log-scale pipeline error (method.md 9.1, 11.5) is `b + e`:

    recorded    u             + s      u: production's rate today, Beta(1/2, 1/2) on the rate
    incumbent   u + b         + s      b: what the replay gets wrong in both lanes, t(2) * fidelity
    candidate   u + b + d     + s      d: what the candidate changes, t(2) * change
    production  u     + d + e          e: what no lane can show, normal * release

`s` is the luck of the prefixes that all lanes share. The three scales are common to all behaviors.
Each combination on a grid is weighed by how well it explains the lanes and the past forecasts, and
beliefs are averaged over them (Gelman et al. 2013, Bayesian Data Analysis, chapter 5). Given the
scales, each behavior's posterior is taken at its mode with its curvature there (Laplace; ibid.
section 4.1) and stated as the Beta that has the same mode and curvature on log odds: with the
candidate's lane alone that is the Jeffreys posterior, exactly.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.stats.belief import Belief

Floats = npt.NDArray[np.float64]

CHANGE = (0.05, 0.15, 0.4, 0.8, 1.4, 2.4)
FIDELITY = (0.02, 0.1, 0.25, 0.6, 1.2)
RELEASE = (0.02, 0.1, 0.2, 0.35, 0.6, 1.0)
"""Scales that are weighed, in log odds: 0.1 is a factor of about 1.1 for a rare behavior.

Before anything is known they are weighed by half-Cauchy priors, whose tails let the lanes speak,
with scales 0.8 and 0.05; and the release scale, of which the lanes say nothing, by a half-normal
one with scale 0.25: that takes in the published figures, half of the same-model replays within
1.2x (disallowed content) and 1.5x (misalignment) of production, noise included.
"""

_NU = 2.0
_USUAL = np.array([0.8, 0.05])  # of the scales CHANGE and FIDELITY
_LANES = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
_OUTER = np.einsum("li,lj->lij", _LANES, _LANES).reshape(3, 16)
_TARGET = np.array([1.0, 0.0, 1.0, 0.0])  # u + d
_MOST_SHARED = 0.9
_LEAST_SHARED = 1e-3
_STEPS = 100
_CLOSE = 1e-4  # in log odds


class Lanes(NamedTuple):
    """Counts of one run: a row a behavior. Deflated for clusters and weights, so fractional."""

    recorded: Floats  # (behaviors, 2): sightings and turns; 0 and 0 where a lane is missing
    incumbent: Floats
    candidate: Floats
    shared: Floats  # (behaviors,): correlation of the lanes' outcomes on the same prefix


class Foreseen(NamedTuple):
    """What is believed of one behavior, and why."""

    belief: Belief
    simulation: float  # pull of the candidate's own replayed rate on the forecast
    anchor: float  # of today's rate times the replayed ratio
    today: float  # of today's rate; the rest to 1 is what all behaviors have in common
    sampling: float  # variance of the log odds from finite counts and finitely many prefixes
    fidelity: float  # from what the replay gets wrong
    model: float  # from what past forecasts missed, and from not knowing the scales


class _Fit(NamedTuple):
    """Per scale pair and behavior: mode and variance of u + d, evidence, and the parts."""

    mode: Floats
    variance: Floats
    evidence: Floats
    known_fidelity: Floats  # the variance if the replay's own error were known
    pull: Floats  # (..., 3): change of the mode with the log odds of each lane


def foresee(lanes: Lanes, learned: Floats | None = None) -> tuple[Foreseen, ...]:
    """Beliefs about every behavior's rate in production after release.

    Args:
        lanes: the run's counts.
        learned: sum of what `learn` gave for past forecasts; None where there are none.

    Raises:
        ValueError: the arrays do not fit together, or a count is not between 0 and its turns.
    """
    fit = _fit(_checked(lanes))
    weight = _weights(fit.evidence.sum(-1), learned)
    release = np.array(RELEASE)
    by_scales = weight.sum(-1)
    mode = np.tensordot(by_scales, fit.mode, 1)
    within = np.tensordot(by_scales, fit.variance, 1)
    known = np.tensordot(by_scales, fit.known_fidelity, 1)
    unsure = np.tensordot(by_scales, (fit.mode - mode) ** 2, 1)
    missed = float(weight.sum(0) @ release**2)
    pull = np.tensordot(by_scales, fit.pull, 1)
    return tuple(
        Foreseen(
            belief=_beta(mode[i], within[i] + unsure[i] + missed),
            simulation=float(pull[i, 2] + pull[i, 1]),
            anchor=float(-pull[i, 1]),
            today=float(pull[i, 0] + pull[i, 1]),
            sampling=float(known[i]),
            fidelity=float(within[i] - known[i]),
            model=float(unsure[i] + missed),
        )
        for i in range(len(mode))
    )


def learn(lanes: Lanes, realized: Floats) -> Floats:
    """What one scored forecast says of the scales: their log likelihood.

    Sum over past forecasts and hand to `foresee`. Behaviors that production did not show are
    learned from like others; leave out those that could not be graded there.

    Args:
        lanes: counts of the run behind the forecast.
        realized: (behaviors, 2), sightings and turns in production after release.

    Returns:
        (scale pairs, release scales), comparable within one `realized`.

    Raises:
        ValueError: as `foresee`.
    """
    fit = _fit(_checked(lanes))
    k, n = _lane(realized, len(lanes.shared)).T
    seen = n > 0
    likely = np.empty((len(fit.mode), len(RELEASE)))
    for column, release in enumerate(RELEASE):
        a, b = _beta_parameters(fit.mode, fit.variance + release**2)
        log_chance = special.betaln(k + a, n - k + b) - special.betaln(a, b)
        likely[:, column] = np.where(seen, log_chance + fit.evidence, 0.0).sum(-1)
    return likely


def correlation(both: Floats, only_before: Floats, only_after: Floats, pairs: Floats) -> Floats:
    """Correlation of two lanes' outcomes on the same prefixes, a number a behavior, 0 to 0.9.

    The phi coefficient of each 2x2 table is noise where sightings are few; so each is drawn
    towards that of all behaviors together, the more the less it rests on: as much as the average
    behavior's table would draw it. Several tables of one behavior may be stacked on a first axis.

    Args:
        both: prefixes that show the behavior in both lanes, (behaviors,) or (tables, behaviors).
        only_before: those that show it in the first lane alone.
        only_after: those that show it in the second alone.
        pairs: prefixes graded in both.
    """
    n = np.maximum(pairs, 1.0)
    first, second = (both + only_before) / n, (both + only_after) / n
    together = both / n - first * second
    spread = np.sqrt(first * (1 - first) * second * (1 - second))
    if together.ndim > 1:
        together, spread = together.sum(0), spread.sum(0)
    usual = spread.mean()
    if not usual > 0:
        return np.zeros_like(spread)
    common = together.sum() / spread.sum()
    return np.asarray(np.clip((together + usual * common) / (spread + usual), 0.0, _MOST_SHARED))


def _checked(lanes: Lanes) -> Lanes:
    size = len(lanes.shared)
    recorded, incumbent, candidate = (_lane(counts, size) for counts in lanes[:3])
    if not (candidate[:, 1] > 0).all():
        raise ValueError("a behavior without a graded turn of the candidate has no forecast")
    return Lanes(recorded, incumbent, candidate, np.clip(lanes.shared, 0.0, _MOST_SHARED))


def _lane(counts: Floats, size: int) -> Floats:
    counts = np.asarray(counts, dtype=np.float64)
    if counts.shape != (size, 2):
        raise ValueError(f"{size} behaviors need as many counts of sightings and turns")
    if not ((counts[:, 0] >= 0) & (counts[:, 0] <= counts[:, 1])).all():
        raise ValueError("sightings are not between 0 and the turns")
    return counts


def _weights(evidence: Floats, learned: Floats | None) -> Floats:
    """Posterior weight of each scale pair and release scale; they sum to 1."""
    pairs = np.array(list(product(CHANGE, FIDELITY)))
    scaled = pairs / _USUAL
    before = (np.log(scaled) - np.log1p(scaled**2)).sum(-1)
    release = np.array(RELEASE) / 0.25
    log_weight = (before + evidence)[:, None] + np.log(release) - release**2 / 2
    if learned is not None:
        log_weight = log_weight + learned
    return np.asarray(special.softmax(log_weight))


def _fit(lanes: Lanes) -> _Fit:
    """Posterior of every behavior under every pair of scales."""
    change, fidelity = np.array(list(product(CHANGE, FIDELITY))).T[:, :, None]
    counts = np.stack(lanes[:3], axis=-2)  # behaviors, lanes, 2
    k, n = counts[..., 0], counts[..., 1]
    share = np.maximum(lanes.shared, _LEAST_SHARED)
    pooled = (k.sum(-1) + 0.5) / (n.sum(-1) + 1)
    # The shared luck takes its part of a lane's variance, 1 / (n p q), and leaves each lane the
    # rest, as if it had more turns of its own.
    luck = share / (n.max(-1) * pooled * (1 - pooled))
    k, n = k / (1 - share)[:, None], n / (1 - share)[:, None]

    shape = (len(change), len(share))
    scale = np.concatenate(np.broadcast_arrays(fidelity, change), -1)[:, None, :]
    scale = np.broadcast_to(scale, (*shape, 2)).reshape(-1, 2)
    times = len(change)
    rows = _Rows(_each(k, times), _each(n, times), _each(luck, times), scale)
    at = _mode(rows, _each(_start(lanes), times))
    _, curve, information = _derivatives(rows, at)
    spread = np.linalg.inv(curve)
    target = spread @ _TARGET
    others = np.delete(np.delete(curve, 1, -1), 1, -2)
    without = np.delete(_TARGET, 1)
    evidence = _log_joint(rows, at) - np.linalg.slogdet(curve).logabsdet / 2
    return _Fit(
        mode=(at @ _TARGET).reshape(shape),
        variance=(target @ _TARGET).reshape(shape),
        evidence=evidence.reshape(shape),
        known_fidelity=(np.linalg.inv(others) @ without @ without).reshape(shape),
        pull=(target @ _LANES.T * information).reshape(*shape, 3),
    )


class _Rows(NamedTuple):
    """One row for each scale pair and behavior."""

    k: Floats  # (rows, 3)
    n: Floats  # (rows, 3)
    luck: Floats  # (rows,): variance of what the lanes share
    scale: Floats  # (rows, 2): of the replay's error and of the change


def _each(part: Floats, times: int) -> Floats:
    return np.tile(part, (times, *(1,) * (part.ndim - 1)))


def _start(lanes: Lanes) -> Floats:
    """The latent values that the lanes show if nothing ties them together."""
    today, after = _log_odds(lanes.recorded), _log_odds(lanes.candidate)
    known = lanes.recorded[:, 1] > 0
    at = np.zeros((len(today), 4))
    at[:, 0] = np.where(known, today, after)
    at[:, 2] = np.where(known, after - today, 0.0)
    return at


def _mode(rows: _Rows, at: Floats) -> Floats:
    """Newton's method for all rows at once; a row that has arrived drops out."""
    moving = np.arange(len(at))
    for _ in range(_STEPS):
        here = _Rows(*(part[moving] for part in rows))
        slope, curve, _ = _derivatives(here, at[moving])
        step = np.clip(np.linalg.solve(curve, slope[..., None])[..., 0], -3.0, 3.0)
        at[moving] += step
        moving = moving[np.abs(step).max(-1) > _CLOSE]
        if not len(moving):
            break
    return at


def _derivatives(rows: _Rows, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope and curvature of the log joint density, and the lanes' information."""
    p = special.expit(at @ _LANES.T)
    information = rows.n * p * (1 - p)
    slope = (rows.k - rows.n * p) @ _LANES
    curve = (information @ _OUTER).reshape(-1, 4, 4)
    level = special.expit(at[:, 0])
    slope[:, 0] += 0.5 - level
    curve[:, 0, 0] += level * (1 - level)
    # The weight of the normal that touches the t distribution here from below: steps taken with
    # it never overshoot, and it stays positive in the tails.
    pull = (_NU + 1) / (_NU * rows.scale**2 + at[:, 1:3] ** 2)
    slope[:, 1:3] -= pull * at[:, 1:3]
    curve[:, [1, 2], [1, 2]] += pull
    slope[:, 3] -= at[:, 3] / rows.luck
    curve[:, 3, 3] += 1 / rows.luck
    return slope, curve, information


def _log_joint(rows: _Rows, at: Floats) -> Floats:
    """Log density of lanes and latent values, up to what no scale changes."""
    odds = at @ _LANES.T
    lanes = rows.k * special.log_expit(odds) + (rows.n - rows.k) * special.log_expit(-odds)
    level = (special.log_expit(at[:, 0]) + special.log_expit(-at[:, 0])) / 2
    moves = at[:, 1:3] / rows.scale
    tails = (_NU + 1) / 2 * np.log1p(moves**2 / _NU) + np.log(rows.scale)
    return np.asarray(lanes.sum(-1) + level - at[:, 3] ** 2 / (2 * rows.luck) - tails.sum(-1))


def _log_odds(counts: Floats) -> Floats:
    return np.asarray(np.log(counts[:, 0] + 0.5) - np.log(counts[:, 1] - counts[:, 0] + 0.5))


def _beta_parameters(mode: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Beta whose density on log odds has that mode and curvature: there p is a / (a + b)."""
    return 1 / (variance * special.expit(-mode)), 1 / (variance * special.expit(mode))


def _beta(mode: float, variance: float) -> Belief:
    a, b = _beta_parameters(np.asarray(mode), np.asarray(variance))
    return Belief(float(a), float(b))
