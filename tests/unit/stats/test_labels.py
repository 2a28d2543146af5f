from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foretaste.errors import InsufficientData
from foretaste.stats.judge import TwoPhase, two_phase
from foretaste.stats.labels import two_phase_items
from foretaste.stats.proportion import clopper_pearson
from foretaste.stats.totals import Codes, Floats


class Checked(NamedTuple):
    """Judged items of users, and labels drawn by chance: few far from the judge's threshold."""

    flagged: Floats
    cluster: Codes
    position: Codes
    truth: Floats
    chance: Floats


def drawn(
    rng: np.random.Generator,
    n: int,
    shares: tuple[float, float, float],
    rates: tuple[float, float, float],
    labels: tuple[int, int, int],
    talk: float = 1.0,
) -> Checked:
    """Flagged, nearly flagged and other items; users of `talk` turns, who differ where above 1."""
    band = rng.choice(3, n, p=shares)
    cluster = np.repeat(np.arange(n), rng.geometric(1 / talk, n))[:n]
    temper = rng.gamma(0.5, 2.0, n)[cluster] if talk > 1 else np.ones(n)
    chance = np.minimum(1, np.array(labels) / np.maximum(1, np.bincount(band, minlength=3)))[band]
    shows = rng.random(n) < np.array(rates)[band] * np.where(band > 0, temper, 1)
    position = np.flatnonzero(rng.random(n) < chance)
    return Checked(
        flagged=(band == 0).astype(float),
        cluster=cluster,
        position=position,
        truth=shows[position].astype(float),
        chance=chance[position],
    )


def upper(found: TwoPhase) -> float:
    assert found.upper is not None
    return found.upper


ITEMS = drawn(np.random.default_rng(1), 5_000, (0.05, 0.1, 0.85), (0.8, 0.2, 0.01), (100,) * 3, 3)


def test_labels_count_by_the_inverse_of_their_chance() -> None:
    n, flagged = 10_000, np.arange(10_000) < 100
    # Of the flagged every second is checked; of the others 10 near the threshold and 10 far from.
    position = np.concatenate((np.arange(0, 100, 2), np.arange(200, 210), np.arange(5_000, 5_010)))
    chance = np.repeat([0.5, 0.1, 0.001], [50, 10, 10])
    truth = np.repeat([1.0, 0.0, 1.0, 0.0], [40, 10, 2, 18])
    found = two_phase_items(flagged, np.arange(n), position, truth, chance)
    omission = 2 * 10 / (10 * 10 + 10 * 1_000)

    assert (found.flag_rate, found.precision) == (0.01, 0.8)
    assert found.omission == pytest.approx(omission)
    assert found.rate == pytest.approx(0.01 * 0.8 + 0.99 * omission)


def test_simple_random_checks_give_the_two_phase_rate_and_much_the_same_interval() -> None:
    flagged = np.arange(20_000) < 400
    position = np.concatenate((np.arange(200), 1_000 + np.arange(2_000)))
    truth = np.concatenate((np.arange(200) < 150, np.arange(2_000) < 30))
    chance = np.repeat([200 / 400, 2_000 / 19_600], [200, 2_000])
    found = two_phase_items(flagged, np.arange(20_000), position, truth, chance)
    counted = two_phase((400, 20_000), (150, 200), (30, 2_000))

    assert found.rate == pytest.approx(counted.rate)
    assert (found.lower, upper(found)) == pytest.approx((counted.lower, upper(counted)), rel=0.06)
    assert found.lower <= counted.lower


@pytest.mark.parametrize(("k", "n"), [(0, 300), (4, 300), (150, 300), (300, 300)])
def test_where_every_item_is_checked_the_limits_are_nearly_clopper_and_pearsons(
    k: int, n: int
) -> None:
    truth = np.arange(n) < k
    found = two_phase_items(truth, np.arange(n), np.arange(n), truth, np.ones(n))

    assert found.rate == pytest.approx(k / n)
    assert (found.lower, upper(found)) == pytest.approx(tuple(clopper_pearson(k, n)), abs=2e-3)


def test_rare_misses_of_several_weights_get_nearly_fay_and_feuers_limits() -> None:
    # Fay and Feuer 1997, equations 2 and 3, for a weighted sum of Poisson counts.
    n, weight = 1_000_000, np.repeat([20.0, 500.0], 1_960)
    truth = np.isin(np.arange(3_920), (1, 2, 3, 4, 5, 3_000))
    position = np.arange(3_920) * 250
    found = two_phase_items(np.zeros(n), np.arange(n), position, truth, 1 / weight)
    w = weight / weight.sum()
    y, v, most = w @ truth, w**2 @ truth, w.max()
    low = stats.gamma(y**2 / v, scale=v / y).ppf(0.025)
    high = stats.gamma((y + most) ** 2 / (v + most**2), scale=(v + most**2) / (y + most)).ppf(0.975)

    assert (found.lower, upper(found)) == pytest.approx((low, high), rel=0.02)


def test_no_miss_among_the_labels_leaves_room_for_some() -> None:
    position = np.arange(0, 100_000, 50)
    found = two_phase_items(
        np.zeros(100_000), np.arange(100_000), position, np.zeros(2_000), np.full(2_000, 0.02)
    )

    assert (found.rate, found.lower) == (0, 0)
    assert upper(found) == pytest.approx(clopper_pearson(0, 2_000).upper, rel=0.01)


def test_unchecked_unflagged_items_make_it_a_lower_estimate() -> None:
    flagged = np.arange(1_000) < 50
    position, truth = np.arange(40), np.arange(40) < 30
    found = two_phase_items(flagged, np.arange(1_000), position, truth, np.full(40, 0.8))

    assert found.lower_estimate
    assert found.omission is None
    assert found.rate == pytest.approx(0.05 * 0.75)
    assert 0 < found.lower < found.rate


def test_items_of_one_side_alone_need_no_label_of_the_other() -> None:
    truth = np.arange(100) < 60
    row = np.arange(100)
    none = two_phase_items(np.zeros(100), row, row, truth, np.ones(100))
    all_ = two_phase_items(np.ones(100), row, row, truth, np.ones(100))

    assert (none.rate, all_.rate) == (0.6, 0.6)
    assert none.precision is None
    assert all_.omission is None
    assert upper(all_) > 0.6


def test_users_who_always_say_the_same_count_once() -> None:
    one = np.arange(200) < 20
    place = np.arange(200)
    alone = two_phase_items(one, place, place, one, np.ones(200))
    tenfold = two_phase_items(
        np.repeat(one, 10),
        np.repeat(place, 10),
        np.arange(2_000),
        np.repeat(one, 10),
        np.ones(2000),
    )

    assert tenfold == pytest.approx(alone)


def test_one_user_who_always_says_the_same_says_nothing() -> None:
    found = two_phase_items(
        np.ones(9), np.zeros(9, dtype=int), np.arange(9), np.ones(9), np.ones(9)
    )

    assert (found.rate, found.lower, found.upper) == (1, 0, 1)


def test_one_user_says_next_to_nothing() -> None:
    truth = np.arange(50) < 10
    found = two_phase_items(truth, np.zeros(50, dtype=int), np.arange(50), truth, np.ones(50))

    assert found.lower < 0.01
    assert upper(found) > 0.95


@given(scale=st.floats(0.01, 100), seed=st.integers(0, 1_000))
def test_the_order_of_items_and_the_unit_of_weights_do_not_matter(scale: float, seed: int) -> None:
    n = len(ITEMS.flagged)
    weight = 1 + np.arange(n) % 3
    order = np.random.default_rng(seed).permutation(n)
    one = two_phase_items(*ITEMS, weight)
    other = two_phase_items(
        ITEMS.flagged[order],
        ITEMS.cluster[order],
        np.argsort(order)[ITEMS.position],
        ITEMS.truth,
        ITEMS.chance,
        weight[order] * scale,
    )

    assert other == pytest.approx(one, rel=1e-9)
    assert 0 <= one.lower <= one.rate <= upper(one) <= 1


def test_flags_that_nobody_checked_are_insufficient_data() -> None:
    nothing: npt.NDArray[np.intp] = np.array([], dtype=np.intp)
    with pytest.raises(InsufficientData, match="flagged"):
        two_phase_items([1, 0, 0], [0, 1, 2], [1], [0], [0.5])
    with pytest.raises(InsufficientData, match="judged"):
        two_phase_items(nothing, nothing, nothing, nothing, nothing)


@pytest.mark.parametrize(
    "wrong",
    [
        {"flagged": [1, 0.5, 0]},
        {"cluster": [0, 1]},
        {"position": [0, 3]},
        {"position": [1, 1]},
        {"truth": [1, np.nan]},
        {"chance": [0.5, 0]},
        {"chance": [0.5, 1.1]},
        {"chance": [0.5]},
        {"weight": [1, 1, 0]},
        {"level": 95},
    ],
)
def test_what_is_no_sample_is_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "flagged": [1, 0, 0],
        "cluster": [0, 1, 2],
        "position": [0, 1],
        "truth": [1, 0],
        "chance": [0.5, 0.5],
    }

    with pytest.raises(ValueError, match=r"0 or 1|cluster code|one item|chance|weights|level"):
        two_phase_items(**given | wrong)


@pytest.mark.parametrize(
    ("rates", "labels", "talk"),
    [
        ((0.8, 0.05, 3 / 300), (20, 100, 300), 1),  # three far misses to be expected
        ((0.8, 0.05, 6 / 300), (20, 100, 300), 1),
        ((0.8, 0.1, 0.0), (20, 100, 300), 1),
        ((0.7, 0.3, 0.02), (100, 200, 200), 4),
    ],
)
def test_the_interval_covers_with_labels_near_the_threshold(
    rates: tuple[float, float, float], labels: tuple[int, int, int], talk: float
) -> None:
    rng = np.random.default_rng(43)
    shares = (0.01, 0.05, 0.94)
    rate = float(np.dot(shares, rates))
    found = (two_phase_items(*drawn(rng, 4_000, shares, rates, labels, talk)) for _ in range(400))
    covered = sum(each.lower <= rate <= upper(each) for each in found)

    # Three standard errors of the simulation below 0.95; it is meant to be above.
    assert covered >= 367
