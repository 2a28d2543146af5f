import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from foretaste.errors import InsufficientData
from foretaste.stats.belief import Belief, anchored, credible, direct
from foretaste.stats.counts import predictive
from foretaste.stats.proportion import jeffreys_rate

Lane = tuple[float, float]
lanes = st.tuples(st.floats(0, 1), st.floats(1, 1e6)).map(lambda t: (t[0] * t[1], t[1]))


def test_the_direct_belief_is_jeffreys_posterior() -> None:
    belief = direct(12, 200_000)

    assert belief == Belief(12.5, 199_988.5)
    assert belief.rate == pytest.approx(jeffreys_rate(12, 200_000))


def test_a_rare_behavior_is_anchored_by_the_product_of_rates() -> None:
    belief = anchored((50, 1e6), (20, 1e5), (60, 1e5))

    assert belief.rate == pytest.approx(50.5e-6 * 60.5 / 20.5, rel=1e-3)


def test_the_anchored_belief_has_the_variance_of_the_product() -> None:
    # For rare counts that are not small: 1/(k + 1/2) for each lane.
    belief = anchored((50, 1e7), (40, 1e7), (60, 1e7))

    assert 1 / belief.a == pytest.approx(1 / 50.5 + 1 / 40.5 + 1 / 60.5, rel=0.05)


@given(lanes, lanes, lanes)
def test_the_anchored_belief_is_the_beta_of_that_mean_and_variance(
    recorded: Lane, before: Lane, after: Lane
) -> None:
    belief = anchored(recorded, before, after)
    parts = [direct(*lane) for lane in (recorded, before, after)]
    odds = [part.a / part.b for part in parts]
    variance = sum(special.polygamma(1, part).sum() for part in parts)

    assert belief.a / belief.b == pytest.approx(odds[0] / odds[1] * odds[2], rel=1e-9)
    assert special.polygamma(1, belief).sum() == pytest.approx(variance, rel=1e-9)


@given(lanes, lanes, lanes)
def test_absence_is_anchored_as_presence_is(recorded: Lane, before: Lane, after: Lane) -> None:
    belief = anchored(recorded, before, after)
    mirror = anchored(*((n - k, n) for k, n in (recorded, before, after)))

    assert (mirror.b, mirror.a) == pytest.approx(belief, rel=1e-6)


def test_a_sure_anchor_that_did_not_move_leaves_the_direct_belief() -> None:
    belief = anchored((12, 200_000), (6e11, 1e16), (6e11, 1e16))

    assert belief == pytest.approx(direct(12, 200_000), rel=1e-6)


def test_a_common_behavior_that_grows_stays_below_one() -> None:
    # The product of the rates would be 1.07.
    belief = anchored((95, 100), (80, 100), (90, 100))
    lower, upper = credible(belief)

    assert belief.rate == pytest.approx(0.974, abs=1e-3)
    assert 0.9 < lower < upper < 1


@given(lanes, lanes, lanes)
def test_a_belief_holds_its_rate(recorded: Lane, before: Lane, after: Lane) -> None:
    belief = anchored(recorded, before, after)
    lower, upper = credible(belief, 0.999)

    assert 0 <= lower <= belief.rate <= upper <= 1


def test_an_empty_lane_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        direct(0, 0)
    with pytest.raises(InsufficientData):
        anchored((1, 10), (0, 0), (1, 10))
    with pytest.raises(InsufficientData):
        predictive(Belief(1, 1), 0)


def test_the_credible_interval_is_made_of_posterior_quantiles() -> None:
    assert credible(Belief(3.5, 20.5), 0.9) == pytest.approx(
        stats.beta(3.5, 20.5).ppf([0.05, 0.95])
    )


def test_the_published_predictive_interval_comes_out() -> None:
    # method.md 11.5.
    assert predictive(direct(12, 200_000), 700_000, 0.9) == (23, 69)


@given(
    st.floats(0.1, 1_000), st.floats(0.1, 1e5), st.integers(1, 5_000), st.sampled_from([0.5, 0.95])
)
def test_predictive_limits_are_beta_binomial_quantiles(
    a: float, b: float, turns: int, level: float
) -> None:
    counts = np.arange(turns + 1)
    reached = np.cumsum(stats.betabinom(turns, a, b).pmf(counts))
    lower, upper = predictive(Belief(a, b), turns, level)

    for limit, share in ((lower, (1 - level) / 2), (upper, (1 + level) / 2)):
        assert reached[limit] >= share - 1e-8
        assert limit == 0 or reached[limit - 1] <= share + 1e-8


def test_many_turns_leave_only_the_belief_uncertain() -> None:
    turns = 10_000_000
    lower, upper = predictive(Belief(50, 950), turns)

    assert (lower / turns, upper / turns) == pytest.approx(credible(Belief(50, 950)), rel=1e-3)


def test_a_sure_belief_leaves_only_the_count_uncertain() -> None:
    lower, upper = predictive(Belief(3e9, 1e14), 1_000_000)

    assert (lower, upper) == tuple(stats.poisson(30).ppf([0.025, 0.975]))


@pytest.mark.parametrize(("rate", "n"), [(2e-5, 50_000), (1e-3, 50_000), (0.4, 200)])
def test_the_predictive_interval_covers_future_counts(rate: float, n: int) -> None:
    rng = np.random.default_rng(21)
    seen, future = rng.binomial(n, rate, 500), rng.binomial(2 * n, rate, 500)
    limits = {k: predictive(direct(k, n), 2 * n) for k in set(seen.tolist())}
    inside = [limits[k][0] <= y <= limits[k][1] for k, y in zip(seen.tolist(), future, strict=True)]

    # Counts are whole, so coverage is at least nominal; three standard errors below 0.95.
    assert np.mean(inside) >= 0.92
