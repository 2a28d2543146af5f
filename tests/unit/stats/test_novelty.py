import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.novelty import novelty_bound, unseen_share


def test_the_published_threshold_comes_out() -> None:
    # method.md 6.3: 0.00286 %, 1 in 35,000, of 700,000 samples.
    bound = novelty_bound(700_000)

    assert bound == pytest.approx(2.857e-5, abs=5e-9)
    assert 1 / bound == pytest.approx(35_000, rel=1e-3)


@pytest.mark.parametrize(
    ("sightings", "kinds", "events"), [(10, 10, 20.0), (1, 10, 5.30), (1, 1, 3.00)]
)
def test_the_bound_is_the_published_number_of_events(
    sightings: int, kinds: int, events: float
) -> None:
    n = 10_000_000

    assert novelty_bound(n, sightings, kinds) * n == pytest.approx(events, abs=0.006)


@given(
    n=st.integers(100, 10**6),
    sightings=st.integers(1, 20),
    kinds=st.integers(1, 50),
    level=st.floats(0.5, 0.999),
)
def test_at_the_bound_a_kind_goes_unnoticed_with_just_its_part_of_the_error(
    n: int, sightings: int, kinds: int, level: float
) -> None:
    bound = novelty_bound(n, sightings, kinds, level=level)

    assert stats.binom.cdf(sightings - 1, n, bound) == pytest.approx((1 - level) / kinds, rel=1e-6)


def test_a_judge_that_misses_half_doubles_the_bound() -> None:
    assert novelty_bound(1_000, sensitivity=0.5) == pytest.approx(2 * novelty_bound(1_000))


def test_an_audit_of_few_turns_bounds_nothing() -> None:
    with pytest.raises(InsufficientData):
        novelty_bound(9, sightings=10)
    with pytest.raises(InsufficientData, match="bound no rate"):
        novelty_bound(12, sightings=10, sensitivity=0.3)


@pytest.mark.parametrize(
    "wrong", [{"sightings": 0}, {"kinds": 0}, {"sensitivity": 0}, {"sensitivity": 1.1}]
)
def test_an_impossible_audit_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no "):
        novelty_bound(1_000, **wrong)
    with pytest.raises(ValueError, match="confidence level"):
        novelty_bound(1_000, level=1.0)


def test_behaviors_at_the_bound_are_all_noticed_as_often_as_stated() -> None:
    rng = np.random.default_rng(45)
    bound = novelty_bound(20_000, sightings=4, kinds=6)
    seen = rng.binomial(20_000, bound, (20_000, 6))

    # Bonferroni's bound is nearly met by independent kinds; three standard errors.
    assert (seen >= 4).all(axis=1).mean() == pytest.approx(0.95, abs=0.0065)


def test_the_unseen_share_is_that_of_kinds_seen_once() -> None:
    # Good 1953: the singletons over the sightings; Esty 1983 for the limit's variance.
    found = unseen_share([50, 30, 2, 2, 2, 1, 1, 1, 1, 0])
    n, once, twice = 90, 4, 3
    error = (found.upper - once / n) / stats.norm.ppf(0.95)

    assert (found.share, found.kinds, found.sightings) == (once / n, 9, n)
    assert error**2 == pytest.approx((found.upper * (1 - found.upper) + 2 * twice / n) / n)


def test_where_everything_came_back_some_may_still_be_unseen() -> None:
    z = stats.norm.ppf(0.95)
    found = unseen_share([40, 60])

    assert found.share == 0
    assert found.upper == pytest.approx(z**2 / (100 + z**2))


def test_where_nothing_came_back_everything_may_be_unseen() -> None:
    assert unseen_share([1] * 7)[:2] == (1.0, 1.0)


@given(st.lists(st.integers(0, 30), min_size=1).filter(any), st.integers(2, 9))
def test_the_limit_is_above_the_share_and_falls_with_more_of_the_same(
    counts: list[int], more: int
) -> None:
    few, many = unseen_share(counts), unseen_share(counts * more)

    assert 0 <= few.share <= few.upper <= 1
    assert many.share == pytest.approx(few.share)
    assert many.upper <= few.upper + 1e-12


def test_no_sightings_say_nothing_of_the_unseen() -> None:
    for counts in ([], [0, 0]):
        with pytest.raises(InsufficientData):
            unseen_share(counts)
    with pytest.raises(ValueError, match="negative"):
        unseen_share([3, -1])
    with pytest.raises(ValueError, match="confidence level"):
        unseen_share([3, 1], level=0.4)


@pytest.mark.parametrize("n", [10, 30, 100, 400])
@pytest.mark.parametrize("kinds", ["even", "zipf", "one and many"])
def test_the_limit_covers_what_was_not_seen(kinds: str, n: int) -> None:
    rng = np.random.default_rng(46)
    weights = {
        "even": np.ones(30),
        "zipf": 1 / np.arange(1, 1_001),
        "one and many": np.append(1.0, np.full(50, 1e-3)),
    }[kinds]
    p = weights / weights.sum()
    drawn = rng.multinomial(n, p, 600)
    covered = sum(
        unseen_share(counts.tolist()).upper >= unseen
        for counts, unseen in zip(drawn, ((drawn == 0) * p).sum(axis=1), strict=True)
    )

    # Three standard errors of the simulation below 0.95.
    assert covered >= 554
