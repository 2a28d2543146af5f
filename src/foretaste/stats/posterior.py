"""What one behavior's lanes say of its rate, if it were known how far errors and changes go.

The model is that of `hierarchy`; here the deviations of `b` and `d` are given, both normal, for
many pairs of deviations and many behaviors at once. The posterior is log-concave then, and taken
at its mode with its curvature there (Laplace; Gelman et al. 2013, Bayesian Data Analysis, section
4.1).

Latent values are rows u, b, d and s: today's level, the replay's error, the change, and the luck
of the shared prefixes. Each lane's log odds are those of the lane before it and one latent value
more, so the curvature is solved by eliminating one value after the other, without any matrix.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

_TARGET = np.array([1.0, 0.0, 1.0, 0.0])  # u + d, production after release
_LEAST_SHARED, _MOST_SHARED = 1e-3, 0.9
_FIXED = 1e300  # precision of what cannot move
_STEPS = 100
_CLOSE = 1e-4  # in log odds


class Lanes(NamedTuple):
    """Counts of one run: a row a behavior. Deflated for clusters and weights, so fractional."""

    recorded: Floats  # (behaviors, 2): sightings and turns; 0 and 0 where a lane is missing
    incumbent: Floats
    candidate: Floats
    shared: Floats  # (behaviors,): correlation of the lanes' outcomes on the same prefix


class Posterior(NamedTuple):
    """Of u + d, production's log odds after release; (changes, errors, behaviors)."""

    mode: Floats
    variance: Floats
    evidence: Floats  # log density of the lanes, up to what no deviation changes
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


def posterior(lanes: Lanes, changes: Floats, errors: Floats) -> Posterior:
    """Posterior of every behavior under every pair of deviations.

    Args:
        lanes: the run's counts, checked.
        changes: standard deviations, in log odds, of what the candidate changes.
        errors: those of what the replay gets wrong.
    """
    counts = np.stack(lanes[:3])  # lanes, behaviors, 2
    k, n = counts[..., 0], counts[..., 1]
    share = np.maximum(lanes.shared, _LEAST_SHARED)
    pooled = (k.sum(0) + 0.5) / (n.sum(0) + 1)
    usual = pooled * (1 - pooled)
    # The shared luck is a part of a lane's variance, 1 / (n p q), and leaves each lane the rest, as
    # if it had more turns of its own. It is one factor on all lanes' odds, so of the variance of a
    # lane that shows the behavior less it is the smaller part.
    luck = share / (n.max(0) * usual)
    rate = (k + 0.5) / (n + 1)
    own = 1 - np.minimum(share * rate * (1 - rate) / usual, _MOST_SHARED)
    times, behaviors = len(changes) * len(errors), len(share)
    rows = _Rows(
        k=np.tile(k / own, times),
        n=np.tile(n / own, times),
        luck=np.tile(luck, times),
        fidelity=np.tile(np.repeat(errors, behaviors), len(changes)),
        change=np.repeat(changes, len(errors) * behaviors),
    )
    at = _mode(rows, np.tile(_start(lanes), times))
    _, curve = _derivatives(rows, at)
    target, pivots = _solved(curve, np.broadcast_to(_TARGET[:, None], at.shape))
    known = curve._replace(fidelity=np.full_like(curve.fidelity, _FIXED))
    without, _ = _solved(known, np.broadcast_to(_TARGET[:, None], at.shape))
    evidence = _log_joint(rows, at) - np.log(pivots).sum(0) / 2
    shape = (len(changes), len(errors), behaviors)
    return Posterior(
        mode=(_TARGET @ at).reshape(shape),
        variance=(_TARGET @ target).reshape(shape),
        evidence=evidence.reshape(shape),
        known_fidelity=(_TARGET @ without).reshape(shape),
        pull=(_odds(target) * curve.information).T.reshape(*shape, 3),
    )


class _Rows(NamedTuple):
    """One entry for each pair of deviations and behavior."""

    k: Floats  # (lanes, rows)
    n: Floats  # (lanes, rows)
    luck: Floats  # (rows,): variance of what the lanes share
    fidelity: Floats  # (rows,)
    change: Floats  # (rows,)


class _Curve(NamedTuple):
    """Curvature of the log joint density: of the lanes' log odds, and of each latent value."""

    information: Floats  # (lanes, rows)
    level: Floats  # (rows,)
    fidelity: Floats
    change: Floats
    luck: Floats


def _start(lanes: Lanes) -> Floats:
    """The latent values that the lanes show if nothing ties them together."""
    today, after = _log_odds(lanes.recorded), _log_odds(lanes.candidate)
    known = lanes.recorded[:, 1] > 0
    none = np.zeros(len(today))
    return np.array([np.where(known, today, after), none, np.where(known, after - today, 0), none])


def _log_odds(counts: Floats) -> Floats:
    return np.asarray(np.log(counts[:, 0] + 0.5) - np.log(counts[:, 1] - counts[:, 0] + 0.5))


def _odds(at: Floats) -> Floats:
    """Log odds of each lane."""
    level, error, change, luck = at
    return np.array([level + luck, level + error + luck, level + error + change + luck])


def _mode(rows: _Rows, at: Floats) -> Floats:
    """Newton's method for all rows at once; a row that has arrived drops out."""
    found = at.copy()
    moving = np.arange(at.shape[1])
    for _ in range(_STEPS):
        slope, curve = _derivatives(rows, at)
        step = np.clip(_solved(curve, slope)[0], -3.0, 3.0)
        at = at + step
        found[:, moving] = at
        going = np.abs(step).max(0) > _CLOSE
        if not going.any():
            break
        moving, at = moving[going], at[:, going]
        rows = _Rows(*(part[..., going] for part in rows))
    return found


def _derivatives(rows: _Rows, at: Floats) -> tuple[Floats, _Curve]:
    """Slope and curvature of the log joint density."""
    p = special.expit(_odds(at))
    missed = rows.k - rows.n * p
    level = special.expit(at[0])
    fidelity, change = rows.fidelity**-2, rows.change**-2
    last, last_two = missed[2], missed[1] + missed[2]
    every = missed[0] + last_two
    slope = np.array(
        [
            every + 0.5 - level,
            last_two - fidelity * at[1],
            last - change * at[2],
            every - at[3] / rows.luck,
        ]
    )
    information = rows.n * p * (1 - p)
    return slope, _Curve(information, level * (1 - level), fidelity, change, 1 / rows.luck)


def _solved(curve: _Curve, slope: Floats) -> tuple[Floats, Floats]:
    """The curvature's inverse times the slope, and the pivots, whose product is its determinant."""
    level, error, change, luck = slope
    first, second, third = curve.information
    pivot_change = third + curve.change
    tied = third / pivot_change
    second = second + third * curve.change / pivot_change
    level, error, luck = level - tied * change, error - tied * change, luck - tied * change
    pivot_error = second + curve.fidelity
    bound = second / pivot_error
    first = first + second * curve.fidelity / pivot_error
    level, luck = level - bound * error, luck - bound * error
    pivot_luck = first + curve.luck
    shared = first / pivot_luck
    pivot_level = curve.level + first * curve.luck / pivot_luck
    u = (level - shared * luck) / pivot_level
    s = luck / pivot_luck - shared * u
    b = error / pivot_error - bound * (u + s)
    d = change / pivot_change - tied * (u + s + b)
    return np.array([u, b, d, s]), np.array([pivot_change, pivot_error, pivot_luck, pivot_level])


def _log_joint(rows: _Rows, at: Floats) -> Floats:
    """Log density of lanes and latent values, up to what no deviation changes."""
    odds = _odds(at)
    lanes = rows.k * special.log_expit(odds) + (rows.n - rows.k) * special.log_expit(-odds)
    level = (special.log_expit(at[0]) + special.log_expit(-at[0])) / 2
    scale = np.array([rows.fidelity, rows.change])
    moves = (at[1:3] / scale) ** 2 / 2 + np.log(scale)
    return np.asarray(lanes.sum(0) + level - at[3] ** 2 / (2 * rows.luck) - moves.sum(0))
