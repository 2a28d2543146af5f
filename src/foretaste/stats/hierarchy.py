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

`s` is the luck of the prefixes that all lanes share. The scales are common to all behaviors, those
of the errors to all runs as well. Each combination on a grid is weighed by how well it explains the
lanes and the past forecasts, and beliefs are averaged over them (Gelman et al. 2013, Bayesian Data
Analysis, chapter 5). A t(2) variable is a normal one whose own variance is inverse-gamma (ibid.,
section 17.2): most behaviors hardly move, some a lot. On a grid of those variances each behavior's
posterior is log-concave and found by `posterior`; their mixture is stated as the Beta that has its
mean, and on log odds the curvature of a normal of its variance: the Beta of one lane alone is then
that lane's own.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from foretaste.stats.belief import Belief
from foretaste.stats.posterior import Lanes, Posterior, checked, lane_counts, posterior

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

_USUAL_CHANGE, _USUAL_FIDELITY, _USUAL_RELEASE = 0.8, 0.05, 0.25
_NU = 2.0
_AT_ONCE = 16  # runs whose posteriors are found together
_OWN_CHANGE = np.array([0.04, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0])  # a behavior's own deviation
_OWN_FIDELITY = np.array([0.02, 0.08, 0.2, 0.5, 1.2, 3.0])


class Foreseen(NamedTuple):
    """What is believed of one behavior, and why."""

    belief: Belief
    simulation: float  # pull of the candidate's own replayed rate on the forecast
    anchor: float  # of today's rate times the replayed ratio
    today: float  # of today's rate; the rest to 1 is what all behaviors have in common
    sampling: float  # variance of the log odds from finite counts and finitely many prefixes
    fidelity: float  # from what the replay gets wrong
    model: float  # from what past forecasts missed


def foresee(lanes: Lanes, learned: Floats | None = None) -> tuple[Foreseen, ...]:
    """Beliefs about every behavior's rate in production after release.

    Args:
        lanes: the run's counts.
        learned: sum of what `learn` gave for past forecasts; None where there are none.

    Raises:
        ValueError: the arrays do not fit together, or a count is not between 0 and its turns.
    """
    (found,) = foresee_each([lanes], [learned])
    return found


def foresee_each(
    runs: Sequence[Lanes], learned: Sequence[Floats | None]
) -> Iterator[tuple[Foreseen, ...]]:
    """`foresee` for many runs, each by itself: the same numbers in a fraction of the time.

    Raises:
        ValueError: as `foresee`.
    """
    for start in range(0, len(runs), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        whole = _fitted(*runs[part])
        ends = np.cumsum([len(lanes.shared) for lanes in runs[part]])[:-1]
        pieces = zip(*(np.split(each, ends, axis=2) for each in whole), strict=True)
        for piece, past in zip(pieces, learned[part], strict=True):
            yield _averaged(Posterior(*piece), past)


def _fitted(*runs: Lanes) -> Posterior:
    each = [checked(lanes) for lanes in runs]
    together = Lanes(*map(np.concatenate, zip(*each, strict=True)))
    return posterior(together, _OWN_CHANGE, _OWN_FIDELITY)


def _averaged(found: Posterior, learned: Floats | None) -> tuple[Foreseen, ...]:
    """Beliefs of one run, averaged over the scales."""
    relative = np.exp(found.evidence - found.evidence.max((0, 1)))
    explained = _explained(relative)
    log_weight = _prior() + np.log(explained).sum(-1)[..., None]
    weight = special.softmax(log_weight if learned is None else log_weight + learned)
    own = _own_weights(relative, weight.sum(-1), explained)
    mode = special.logit((own * special.expit(found.mode)).sum((0, 1)))
    known = (own * (found.known_fidelity + (found.mode - mode) ** 2)).sum((0, 1))
    fidelity = (own * (found.variance - found.known_fidelity)).sum((0, 1))
    missed = float(weight.sum((0, 1)) @ np.square(RELEASE))
    pull = (own[..., None] * found.pull).sum((0, 1))
    return tuple(
        Foreseen(
            belief=_beta(mode[i], known[i] + fidelity[i] + missed),
            simulation=float(pull[i, 2] + pull[i, 1]),
            anchor=float(-pull[i, 1]),
            today=float(pull[i, 0] + pull[i, 1]),
            sampling=float(known[i]),
            fidelity=float(fidelity[i]),
            model=missed,
        )
        for i in range(len(mode))
    )


def learn(lanes: Lanes, realized: Floats) -> Floats:
    """What one scored forecast says of the errors' scales: their log likelihood.

    Sum over past forecasts and hand to `foresee`. How much its candidate changed says nothing of
    the next one: a patch may follow a new generation. A behavior that could not be graded in
    production, with no turns, teaches nothing.

    Args:
        lanes: counts of the run behind the forecast.
        realized: (behaviors, 2), sightings and turns in production after release.

    Returns:
        (fidelity scales, release scales).

    Raises:
        ValueError: as `foresee`.
    """
    found = _fitted(lanes)
    k, n = lane_counts(realized, len(lanes.shared)).T
    told = []
    for release in RELEASE:
        a, b = _beta_parameters(found.mode, found.variance + release**2)
        log_chance = special.betaln(k + a, n - k + b) - special.betaln(a, b)
        evidence = found.evidence + log_chance
        best = evidence.max((0, 1))
        explained = np.log(_explained(np.exp(evidence - best))) + best
        told.append(explained[..., n > 0].sum(-1))
    change = special.log_softmax(_half_cauchy(np.array(CHANGE) / _USUAL_CHANGE))
    return np.asarray(special.logsumexp(np.stack(told, -1) + change[:, None, None], axis=0))


def _prior() -> Floats:
    """Log weight of each combination of the three scales before anything is known."""
    change, fidelity, release = np.array(CHANGE), np.array(FIDELITY), np.array(RELEASE)
    release = release / _USUAL_RELEASE
    return np.asarray(
        _half_cauchy(change / _USUAL_CHANGE)[:, None, None]
        + _half_cauchy(fidelity / _USUAL_FIDELITY)[:, None]
        + np.log(release)
        - release**2 / 2
    )


def _half_cauchy(scaled: Floats) -> Floats:
    return np.asarray(np.log(scaled) - np.log1p(scaled**2))


def _own(scales: tuple[float, ...], deviations: Floats) -> Floats:
    """Weight of each own deviation under each scale, (scales, deviations): inverse gamma."""
    precision = np.square(np.array(scales)[:, None] / deviations)
    weight = precision ** (_NU / 2) * np.exp(-_NU / 2 * precision) * np.gradient(np.log(deviations))
    return np.asarray(weight / weight.sum(-1, keepdims=True))


_CHANGE_WEIGHT, _FIDELITY_WEIGHT = _own(CHANGE, _OWN_CHANGE), _own(FIDELITY, _OWN_FIDELITY)


def _explained(relative: Floats) -> Floats:
    """How well each pair of scales explains a behavior, relative to its best own deviations."""
    weights = _CHANGE_WEIGHT, _FIDELITY_WEIGHT
    return np.asarray(np.einsum("sc,tf,cfb->stb", *weights, relative, optimize=True))


def _own_weights(relative: Floats, weight: Floats, explained: Floats) -> Floats:
    """Posterior weight of a behavior's own deviations, (change, fidelity, behaviors)."""
    share = weight[..., None] / explained
    weights = _CHANGE_WEIGHT, _FIDELITY_WEIGHT
    mixed = np.einsum("sc,tf,stb->cfb", *weights, share, optimize=True)
    return np.asarray(mixed * relative)


def _beta_parameters(mode: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Beta whose density on log odds has that mode and curvature: there p is a / (a + b)."""
    return 1 / (variance * special.expit(-mode)), 1 / (variance * special.expit(mode))


def _beta(mode: float, variance: float) -> Belief:
    a, b = _beta_parameters(np.asarray(mode), np.asarray(variance))
    return Belief(float(a), float(b))
