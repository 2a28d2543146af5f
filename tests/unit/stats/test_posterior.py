import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from foretaste.stats.posterior import Floats, Lanes, checked, lane_counts, posterior

NONE = (0.0, 0.0)
NO_ERROR, SMALL, LARGE = 1e-4, 1e-3, 30.0


def lanes(*three: tuple[float, float], shared: float = 0.0) -> Lanes:
    """One behavior: recorded, incumbent and candidate."""
    recorded, incumbent, candidate = (np.array([counts]) for counts in three)
    return Lanes(recorded, incumbent, candidate, np.array([shared]))


def fitted(of: Lanes, change: float, error: float) -> tuple[float, float]:
    """Mode and variance of production's log odds."""
    found = posterior(checked(of), np.array([change]), np.array([error]))
    return float(found.mode[0, 0, 0]), float(found.variance[0, 0, 0])


@pytest.mark.parametrize(("k", "n"), [(0, 60), (3, 60), (57, 61), (12, 200_000)])
def test_one_lane_alone_has_the_mode_and_curvature_of_its_jeffreys_posterior(
    k: int, n: int
) -> None:
    # On log odds Beta(a, b) has its mode where p is a / (a + b), and 1 / ((a + b) p q) there.
    mode, variance = fitted(lanes(NONE, NONE, (k, n)), SMALL, SMALL)
    p = (k + 0.5) / (n + 1)

    assert mode == pytest.approx(special.logit(p), rel=2e-3)
    assert variance == pytest.approx(1 / ((n + 1) * p * (1 - p)), rel=5e-3)


def test_a_replay_without_error_is_taken_at_its_word() -> None:
    mode, _ = fitted(lanes((300, 1_000), (300, 1_000), (700, 1_000)), LARGE, NO_ERROR)

    # Recorded and incumbent are one rate then, and say nothing of a change that may be any.
    assert special.expit(mode) == pytest.approx(0.7, abs=0.002)


def test_a_replay_whose_error_may_be_any_is_anchored_to_production() -> None:
    mode, variance = fitted(lanes((400, 4_000), (1_000, 4_000), (2_000, 4_000)), LARGE, LARGE)
    anchored = special.logit(0.1) + special.logit(0.5) - special.logit(0.25)
    apart = 1 / (4_000 * np.array([0.1 * 0.9, 0.25 * 0.75, 0.5 * 0.5]))

    assert mode == pytest.approx(anchored, abs=0.01)
    assert variance == pytest.approx(apart.sum(), rel=0.02)


def test_a_change_that_cannot_be_leaves_today_s_rate() -> None:
    mode, _ = fitted(lanes((100, 1_000), (90, 1_000), (500, 1_000)), 1e-4, LARGE)

    assert special.expit(mode) == pytest.approx(0.1, abs=0.01)


def log_density(
    x: Floats, of: Lanes, change: float, error: float, luck: float
) -> float:  # written out anew, from the model in `hierarchy`
    u, b, d, s = x
    odds = [u + s, u + b + s, u + b + d + s]
    counts = [of.recorded[0], of.incumbent[0], of.candidate[0]]
    seen = sum(
        stats.binom.logpmf(k, n, special.expit(at))
        for (k, n), at in zip(counts, odds, strict=True)
        if n
    )
    level = stats.beta(0.5, 0.5).logpdf(special.expit(u))
    level += special.log_expit(u) + special.log_expit(-u)  # of the log odds
    rest = stats.norm.logpdf(b, 0, error) + stats.norm.logpdf(d, 0, change)
    return float(seen + level + rest + stats.norm.logpdf(s, 0, luck**0.5))


@pytest.mark.parametrize(
    "three", [((6, 60), (9, 60), (20, 60)), ((0, 60), (0, 60), (2, 60)), (NONE, NONE, (59, 61))]
)
def test_mode_and_variance_are_those_of_a_general_optimizer(
    three: tuple[tuple[float, float], ...],
) -> None:
    of, change, error = lanes(*three), 0.8, 0.3
    k, n = np.array(three).T
    pooled = (k.sum() + 0.5) / (n.sum() + 1)
    luck = 1e-3 / (n.max() * pooled * (1 - pooled))

    def minus(x: Floats) -> float:
        return -log_density(x * scale, of, change, error, luck)

    scale = np.array([1, 1, 1, luck**0.5])
    best = optimize.minimize(minus, np.zeros(4), options={"gtol": 1e-6})
    step = 1e-3 * np.eye(4)
    curve = np.array(
        [
            [
                minus(best.x + i + j)
                - minus(best.x + i - j)
                - minus(best.x - i + j)
                + minus(best.x - i - j)
                for j in step
            ]
            for i in step
        ]
    ) / (4 * 1e-6)
    target = np.array([1, 0, 1, 0])
    mode, variance = fitted(of, change, error)

    # The lanes are given 1 / (1 - 0.001) times their turns for the luck that they share.
    assert mode == pytest.approx(target @ best.x, abs=0.01)
    assert variance == pytest.approx(target @ np.linalg.inv(curve) @ target, rel=0.01)


def test_evidence_weighs_deviations_as_integration_over_all_values_does() -> None:
    of = lanes((6, 60), (9, 60), (20, 60))
    changes, errors = np.array([0.1, 1.0]), np.array([0.1, 0.6])
    u, b, d = np.meshgrid(*(np.linspace(-5, 4, 91), *[np.linspace(-4, 4, 81)] * 2), indexing="ij")
    level = (special.log_expit(u) + special.log_expit(-u)) / 2
    seen = sum(
        k * special.log_expit(at) + (n - k) * special.log_expit(-at)
        for (k, n), at in zip(((6, 60), (9, 60), (20, 60)), (u, u + b, u + b + d), strict=True)
    )
    whole = np.exp(level + seen - (level + seen).max())
    expected = [
        [np.log((whole * stats.norm.pdf(b, 0, e) * stats.norm.pdf(d, 0, c)).sum()) for e in errors]
        for c in changes
    ]
    found = posterior(checked(of), changes, errors).evidence[..., 0]

    np.testing.assert_allclose(found - found[0, 0], np.array(expected) - expected[0][0], atol=0.1)


counts = st.tuples(st.floats(0, 1), st.integers(1, 5_000)).map(lambda x: (x[0] * x[1], x[1]))


@settings(max_examples=60)
@given(counts, counts, counts, st.floats(0, 0.9), st.floats(0.02, 8), st.floats(0.02, 3))
def test_presence_and_absence_are_treated_alike(
    recorded: tuple[float, float],
    incumbent: tuple[float, float],
    candidate: tuple[float, float],
    shared: float,
    change: float,
    error: float,
) -> None:
    of = lanes(recorded, incumbent, candidate, shared=shared)
    mirrored = lanes(*((n - k, n) for k, n in (recorded, incumbent, candidate)), shared=shared)
    (mode, variance), (other, same) = fitted(of, change, error), fitted(mirrored, change, error)

    assert other == pytest.approx(-mode, abs=2e-3)
    assert same == pytest.approx(variance, rel=1e-2)


@settings(max_examples=40)
@given(counts, counts, counts, st.floats(0.02, 3))
def test_knowing_the_replay_s_error_never_widens(
    recorded: tuple[float, float],
    incumbent: tuple[float, float],
    candidate: tuple[float, float],
    error: float,
) -> None:
    found = posterior(
        checked(lanes(recorded, incumbent, candidate)), np.array([0.5]), np.array([error])
    )

    assert (found.known_fidelity <= found.variance * (1 + 1e-9)).all()


def test_pull_is_how_the_mode_moves_with_each_lane() -> None:
    base = ((500.0, 5_000.0), (600.0, 5_000.0), (900.0, 5_000.0))
    found = posterior(checked(lanes(*base)), np.array([0.5]), np.array([0.3]))
    moved = []
    for lane, (k, n) in enumerate(base):
        p = k / n
        bent = list(base)
        bent[lane] = (k + 0.01 * n * p * (1 - p), n)  # log odds up by 0.01
        moved.append((fitted(lanes(*bent), 0.5, 0.3)[0] - found.mode[0, 0, 0]) / 0.01)

    assert found.pull[0, 0, 0].tolist() == pytest.approx(moved, abs=0.02)


def test_lanes_that_share_their_luck_tell_less_of_the_level_and_as_much_of_the_change() -> None:
    apart, together = (
        fitted(lanes((60, 600), (60, 600), (60, 600), shared=shared), SMALL, SMALL)[1]
        for shared in (0.0, 0.8)
    )

    assert together > 1.5 * apart


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="as many counts"):
        lane_counts([(1.0, 2.0)], 2)
    with pytest.raises(ValueError, match="not between 0 and"):
        lane_counts([(3.0, 2.0)], 1)
    with pytest.raises(ValueError, match="no forecast"):
        checked(lanes((1, 10), (1, 10), NONE))
