from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from foretaste.errors import InsufficientData
from foretaste.stats.tail import (
    Extrapolated,
    Tail,
    aggregate_risk,
    behavior_frequency,
    fit_tail,
    worst_query,
)

Floats = npt.NDArray[np.float64]

PREFIXES, QUERIES = 900, 90_000  # the sizes of Jones et al.


class Family(NamedTuple):
    """Elicitation probabilities: how to draw them, and what a share of prefixes exceeds."""

    drawn: Callable[[np.random.Generator, int], Floats]
    exceeded: Callable[[float], float]

    def tail(self, rng: np.random.Generator) -> Tail:
        return fit_tail(self.drawn(rng, PREFIXES))

    @property
    def mean(self) -> float:
        points = [1e-6, 1e-4, 1e-2]
        return float(integrate.quad(self.exceeded, 0, 1, points=points, limit=200)[0])


# ln S = -2 psi + 2 ln 30, exactly.
EXACT = Family(
    lambda rng, n: np.exp(-30 * rng.random(n) ** 0.5), lambda u: float(np.exp(-30 * u**0.5))
)
NORMAL = Family(
    lambda rng, n: np.asarray(special.expit(rng.normal(-9, 2, n))),
    lambda u: float(special.expit(-9 - 2 * special.ndtri(u))),
)
BETA = Family(lambda rng, n: rng.beta(0.2, 50, n), lambda u: float(special.betainccinv(0.2, 50, u)))


def line(slope: float, start: float, prefixes: int = 1_000) -> Floats:
    """Prefixes of which the ten largest lie on a line from that score, the others far below."""
    score = start + np.log(np.arange(1, 11) / 10) / slope
    return np.concatenate((np.exp(-np.exp(-score)), np.full(prefixes - 10, 1e-9)))


def held(found: Extrapolated, truth: float) -> bool:
    return found.lower <= truth <= found.upper


def rng() -> np.random.Generator:
    return np.random.default_rng(47)


@given(st.floats(-8, -0.5), st.floats(-2.5, 0.5))
def test_the_line_through_the_ten_largest_is_found(slope: float, start: float) -> None:
    found = fit_tail(np.random.default_rng(1).permutation(line(slope, start)))

    assert found.slope == pytest.approx(slope, rel=1e-6)
    assert found.slope * start + found.intercept == pytest.approx(np.log(0.01), rel=1e-6)
    assert (found.prefixes, found.top) == (1_000, 10)


def test_the_regression_is_scipys() -> None:
    p = np.random.default_rng(2).beta(0.3, 30, 500)
    largest = np.sort(p)[:-11:-1]
    reference = stats.linregress(-np.log(-np.log(largest)), np.log(np.arange(1, 11) / 500))
    found = fit_tail(p)

    assert found[:2] == pytest.approx((reference.slope, reference.intercept))
    assert found.threshold == largest[-1]
    assert found.rest == pytest.approx((p.sum() - largest.sum()) / 500)


def test_the_worst_query_is_where_the_line_leaves_one_in_as_many() -> None:
    # From a share of 0.01 at a score of -1 down to one in 50,000, by two for each unit.
    tail = fit_tail(line(-2.0, -1.0))
    score = -1 + np.log(50_000 / 100) / 2
    found = worst_query(tail, 50_000, rng=rng())

    assert found.value == pytest.approx(np.exp(-np.exp(-score)))
    assert behavior_frequency(tail, found.value, rng=rng()).value == pytest.approx(1 / 50_000)


@pytest.mark.parametrize("power", [0.3, 5.0, 60.0, 3_000.0])
@pytest.mark.parametrize("start", [0.1, 9.0, 60.0, 900.0])
def test_the_aggregate_risk_is_that_of_the_mean_over_sample_and_line(
    power: float, start: float
) -> None:
    # Of -ln p, a share of 0.01 is below `start`, where its density is that of a power law.
    tail = Tail(-power, np.log(0.01) - power * np.log(start), 1_000, 10, 0.5, 1e-6, 0.0)
    found = aggregate_risk(tail, 40, rng=rng())
    beyond, _ = integrate.quad(
        lambda u: power * u ** (power - 1) * np.exp(-start * u), 0, 1, points=[0.01, 0.99]
    )

    assert found.value == pytest.approx(1 - (1 - 1e-6 - 0.01 * beyond) ** 40, rel=1e-5)


def test_risk_and_worst_query_grow_with_the_deployment() -> None:
    tail = NORMAL.tail(rng())
    for measure in (worst_query, aggregate_risk):
        found = [measure(tail, queries, rng=rng()) for queries in (1e3, 1e4, 1e6, 1e8)]

        assert [each.value for each in found] == sorted(each.value for each in found)
        for each in found:
            assert 0 <= each.lower <= each.value <= each.upper <= 1


def test_one_seed_gives_one_interval_and_a_higher_level_a_wider_one() -> None:
    tail = BETA.tail(rng())
    one, same = (worst_query(tail, QUERIES, rng=rng()) for _ in range(2))
    wide = worst_query(tail, QUERIES, rng=rng(), level=0.99)

    assert one == same
    assert wide.lower < one.lower < one.upper < wide.upper


@pytest.mark.parametrize(
    "p", [[0.1] * 10, [0.0] * 500 + [0.1] * 9, [0.2] * 50, [], [1e-3] * 490 + [0.3] * 10]
)
def test_no_spread_among_the_largest_is_insufficient_data(p: list[float]) -> None:
    with pytest.raises(InsufficientData, match="10 elicitation"):
        fit_tail(p)


def test_what_has_no_score_is_refused() -> None:
    for p in ([0.5, 1.0] * 20, [-0.1, 0.5] * 20, [np.nan, 0.5] * 20, [[0.1] * 20]):
        with pytest.raises(ValueError, match="below 1"):
            fit_tail(p)
    with pytest.raises(ValueError, match="top 3"):
        fit_tail([0.1, 0.2, 0.3, 0.4], top=2)


def test_what_the_sample_shows_itself_is_not_extrapolated() -> None:
    tail = fit_tail(line(-2.0, -1.0))

    with pytest.raises(ValueError, match="no extrapolation"):
        worst_query(tail, 100, rng=rng())
    for probability in (tail.threshold / 2, 1.0):
        with pytest.raises(ValueError, match="not in the tail"):
            behavior_frequency(tail, probability, rng=rng())
    with pytest.raises(ValueError, match="no risk"):
        aggregate_risk(tail, 0, rng=rng())
    with pytest.raises(ValueError, match="level"):
        worst_query(tail, 1_000, rng=rng(), level=1)


@pytest.mark.parametrize("family", [EXACT, NORMAL, BETA], ids=["exact", "normal", "beta"])
def test_what_is_beyond_the_sample_is_covered(family: Family) -> None:
    draws, share = rng(), 0.1 / PREFIXES
    worst, often, queries = family.exceeded(1 / QUERIES), family.exceeded(share), 1 / family.mean
    tails = [tail for tail in (family.tail(draws) for _ in range(250)) if tail.threshold <= often]
    found = {
        worst: [worst_query(tail, QUERIES, rng=draws) for tail in tails],
        share: [behavior_frequency(tail, often, rng=draws) for tail in tails],
        1 - (1 - family.mean) ** queries: [
            aggregate_risk(tail, queries, rng=draws) for tail in tails
        ],
    }

    # In long simulations the three covered 0.91 to 0.98, and were within an order of magnitude in
    # 1.00, 0.80 to 0.88 and 1.00. Three standard errors of this one below that.
    assert len(tails) >= 245
    for (truth, each), least in zip(found.items(), (0.98, 0.72, 0.98), strict=True):
        assert np.mean([held(one, truth) for one in each]) >= 0.86
        assert np.mean([truth / 10 < one.value < truth * 10 for one in each]) >= least


def test_the_worst_query_is_underestimated_about_as_often_as_published() -> None:
    # Jones et al.: 34 % of the time.
    draws, truth = rng(), EXACT.exceeded(1 / QUERIES)
    tails = (EXACT.tail(draws) for _ in range(500))
    under = np.mean([worst_query(tail, QUERIES, rng=draws).value < truth for tail in tails])

    assert under == pytest.approx(0.33, abs=0.065)
