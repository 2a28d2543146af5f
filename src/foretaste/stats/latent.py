"""The latent rates behind a run's lanes, given how far a replay errs and a candidate moves.

The model of `hierarchy` with both deviations known: every behavior's posterior is log-concave, so
it is taken at its mode with its curvature there (Laplace; Gelman et al. 2013, section 4.1).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

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


class Fit(NamedTuple):
    """Arrays of (changes, errors, behaviors)."""

    mode: Floats  # of u + d
    variance: Floats  # of u + d
    evidence: Floats  # log
    known_fidelity: Floats  # the variance if the replay's own error were known
    pull: Floats  # (..., 3): change of the mode with the log odds of each lane


def checked(lanes: Lanes) -> Lanes:
    """The lanes as arrays of numbers.

    Raises:
        ValueError: they do not fit together, a count is not between 0 and its turns, or a behavior
            has no graded turn of the candidate.
    """
    size = len(lanes.shared)
    recorded, incumbent, candidate = (lane_counts(counts, size) for counts in lanes[:3])
    if not (candidate[:, 1] > 0).all():
        raise ValueError("a behavior without a graded turn of the candidate has no forecast")
    return Lanes(recorded, incumbent, candidate, np.clip(lanes.shared, 0.0, _MOST_SHARED))


def lane_counts(counts: npt.ArrayLike, size: int) -> Floats:
    """Counts of one lane as an array, (behaviors, 2).

    Raises:
        ValueError: not `size` rows, or a count is not between 0 and its turns.
    """
    given = np.asarray(counts, dtype=np.float64)
    if given.shape != (size, 2):
        raise ValueError(f"{size} behaviors need as many counts of sightings and turns")
    if not ((given[:, 0] >= 0) & (given[:, 0] <= given[:, 1])).all():
        raise ValueError("sightings are not between 0 and the turns")
    return given


def fit(lanes: Lanes, changes: Floats, errors: Floats) -> Fit:
    """Posterior of every behavior under every pair of deviations.

    Args:
        lanes: checked counts.
        changes: standard deviations, in log odds, of what the candidate changes.
        errors: those of what the replay gets wrong.
    """
    counts = np.stack(lanes[:3], axis=-2)  # behaviors, lanes, 2
    k, n = counts[..., 0], counts[..., 1]
    share = np.maximum(lanes.shared, _LEAST_SHARED)
    pooled = (k.sum(-1) + 0.5) / (n.sum(-1) + 1)
    # The shared luck takes its part of a lane's variance, 1 / (n p q), and leaves each lane the
    # rest, as if it had more turns of its own.
    luck = share / (n.max(-1) * pooled * (1 - pooled))
    k, n = k / (1 - share)[:, None], n / (1 - share)[:, None]

    shape = (len(changes), len(errors), len(share))
    pairs = np.stack(np.meshgrid(errors, changes), -1).reshape(-1, 2)
    scale = np.repeat(pairs, len(share), axis=0)
    times = len(pairs)
    rows = _Rows(_each(k, times), _each(n, times), _each(luck, times), scale)
    at = _mode(rows, _each(_start(lanes), times))
    _, curve, information = _derivatives(rows, at)
    spread = np.linalg.inv(curve)
    target = spread @ _TARGET
    others = np.delete(np.delete(curve, 1, -1), 1, -2)
    without = np.delete(_TARGET, 1)
    evidence = _log_joint(rows, at) - np.linalg.slogdet(curve).logabsdet / 2
    return Fit(
        mode=(at @ _TARGET).reshape(shape),
        variance=(target @ _TARGET).reshape(shape),
        evidence=evidence.reshape(shape),
        known_fidelity=(np.linalg.inv(others) @ without @ without).reshape(shape),
        pull=(target @ _LANES.T * information).reshape(*shape, 3),
    )


class _Rows(NamedTuple):
    """One row for each pair of own deviations and behavior."""

    k: Floats  # (rows, 3)
    n: Floats  # (rows, 3)
    luck: Floats  # (rows,): variance of what the lanes share
    scale: Floats  # (rows, 2): deviations of the replay's error and of the change


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
    slope[:, 1:3] -= at[:, 1:3] / rows.scale**2
    curve[:, [1, 2], [1, 2]] += 1 / rows.scale**2
    slope[:, 3] -= at[:, 3] / rows.luck
    curve[:, 3, 3] += 1 / rows.luck
    return slope, curve, information


def _log_joint(rows: _Rows, at: Floats) -> Floats:
    """Log density of lanes and latent values, up to what no scale changes."""
    odds = at @ _LANES.T
    lanes = rows.k * special.log_expit(odds) + (rows.n - rows.k) * special.log_expit(-odds)
    level = (special.log_expit(at[:, 0]) + special.log_expit(-at[:, 0])) / 2
    moves = np.square(at[:, 1:3] / rows.scale) / 2 + np.log(rows.scale)
    return np.asarray(lanes.sum(-1) + level - at[:, 3] ** 2 / (2 * rows.luck) - moves.sum(-1))


def _log_odds(counts: Floats) -> Floats:
    return np.asarray(np.log(counts[:, 0] + 0.5) - np.log(counts[:, 1] - counts[:, 0] + 0.5))
