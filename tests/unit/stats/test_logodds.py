from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.logodds import log_odds


def test_the_log_odds_are_those_of_the_paper_worked_by_hand() -> None:
    # y + a: 1 + 1 and 9 + 1 of 100 + 20.
    first, second = log(2 / 118), log(10 / 110)
    spread = 1 / 2 + 1 / 118 + 1 / 10 + 1 / 110

    found = log_odds([1], [9], (100, 100), [0.05], 20)
    assert found.tolist() == [pytest.approx((second - first) / sqrt(spread))]


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 0.99), st.floats(0.1, 100))
def test_the_other_way_round_is_the_mirror(a: int, b: int, usual: float, strength: float) -> None:
    there = log_odds([a], [b], (50, 50), [usual], strength)
    back = log_odds([b], [a], (50, 50), [usual], strength)

    assert there == pytest.approx(-back)
    assert np.sign(there[0]) == np.sign(b - a)


def test_a_stronger_prior_draws_towards_nothing() -> None:
    weak, strong = (log_odds([0], [5], (100, 100), [0.03], a)[0] for a in (10, 1000))

    assert 0 < strong < weak


@pytest.mark.parametrize(
    ("first", "usual", "strength"), [(-1, 0.5, 1), (11, 0.5, 1), (1, 0, 1), (1, 1, 1), (1, 0.5, 0)]
)
def test_what_is_no_count_or_share_is_refused(first: int, usual: float, strength: float) -> None:
    with pytest.raises(ValueError, match="between"):
        log_odds([first], [1], (10, 10), [usual], strength)
