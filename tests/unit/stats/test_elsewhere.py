import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.elsewhere import elsewhere


def test_independent_items_give_the_pooled_test_of_two_shares() -> None:
    value = np.repeat([1.0, 0.0, 1.0, 0.0], [60, 40, 450, 450])
    found = elsewhere(value, np.arange(1000) < 100, np.arange(1000))
    z = 0.1 / np.sqrt(0.51 * 0.49 * (1 / 100 + 1 / 900))

    assert found.inside - found.outside == pytest.approx(0.1)
    assert found.other == pytest.approx(0.0577, abs=0.003)  # 2 (1 - Phi(z)), and a little for t
    assert z == pytest.approx(1.898, abs=0.001)
    assert found.above == pytest.approx(found.other / 2)


def test_the_other_side_gives_the_other_sign() -> None:
    value, part = np.array([1, 1, 0, 1, 0, 0, 0, 1, 0, 0.5]), np.arange(10) < 4
    one, two = elsewhere(value, part, np.arange(10)), elsewhere(value, ~part, np.arange(10))

    assert one.other == pytest.approx(two.other)
    assert one.above == pytest.approx(1 - two.above)


def test_items_that_say_the_same_within_a_cluster_count_once() -> None:
    value = np.array([1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1.0])
    part = np.arange(12) < 5
    once = elsewhere(value, part, np.arange(12))
    again = elsewhere(*(np.repeat(each, 7) for each in (value, part, np.arange(12))))

    assert again.other == pytest.approx(once.other)


def test_a_small_part_without_a_rare_value_shows_no_difference() -> None:
    value = np.zeros(1000)
    value[:30] = 1
    found = elsewhere(value, np.arange(1000) < 960, np.arange(1000))

    assert found.other > 0.1


def test_weights_are_those_of_the_means() -> None:
    found = elsewhere([1, 0, 1, 0], [1, 1, 0, 0], range(4), [3, 1, 1, 1])

    assert (found.inside, found.outside) == (0.75, 0.5)


def test_where_nothing_varies_there_is_no_evidence() -> None:
    assert elsewhere([1, 1, 1], [1, 0, 0], range(3)) == (1.0, 1.0, 1.0, 1.0)


def test_a_part_needs_a_rest() -> None:
    with pytest.raises(InsufficientData, match="an item each"):
        elsewhere([1, 0], [1, 1], range(2))
    with pytest.raises(ValueError, match="marks of a part"):
        elsewhere([1, 0], [1], range(2))


@pytest.mark.parametrize("by_user", [True, False])
def test_what_is_true_is_rejected_no_more_often_than_said(by_user: bool) -> None:
    rng = np.random.default_rng(7)
    rejected = 0
    for _ in range(400):
        sizes = np.maximum(1, rng.lognormal(0.5, 1.0, 300)).astype(int)
        user = np.repeat(np.arange(300), sizes)
        value = rng.random(len(user)) < rng.beta(2, 2, 300)[user]
        part = user < 40 if by_user else rng.random(len(user)) < 0.1
        rejected += elsewhere(value, part, user).above < 0.05

    assert rejected <= 0.07 * 400
