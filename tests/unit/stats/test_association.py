import numpy as np
import pytest

from foretaste.stats.association import coincidence
from foretaste.stats.unpaired import fisher_exact


def test_marks_that_always_come_together_have_an_infinite_lift_and_a_small_p() -> None:
    marks = [1] * 12 + [0] * 88
    found = coincidence(marks, marks, range(100))

    assert (found.both, found.clusters, found.lift) == (12, 12, np.inf)
    assert found.p_value == fisher_exact(0, 88, 12, 12) < 1e-12


def test_one_user_s_habit_is_one_coincidence() -> None:
    marks = [1] * 12 + [0] * 88
    cluster = [0] * 12 + list(range(1, 89))

    assert coincidence(marks, marks, cluster).p_value == fisher_exact(0, 88, 1, 1) > 0.01


def test_marks_that_shun_each_other_are_no_evidence() -> None:
    assert coincidence([1, 1, 0, 0], [0, 0, 1, 1], range(4)).p_value == 1.0


@pytest.mark.parametrize(
    ("first", "second"), [([0, 0], [0, 1]), ([1, 1], [0, 1]), ([0, 1], [0, 0])]
)
def test_without_both_kinds_of_items_there_is_no_lift(first: list[int], second: list[int]) -> None:
    found = coincidence(first, second, range(2))

    assert (found.lift, found.p_value) == (None, 1.0)


def test_a_lift_is_the_ratio_of_two_shares() -> None:
    found = coincidence([1] * 10 + [0] * 40, [1] * 5 + [0] * 5 + [1] * 4 + [0] * 36, range(50))

    assert found.lift == pytest.approx(5)
    assert found.p_value == fisher_exact(4, 40, 5, 10)


def test_marks_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        coincidence([0, 1], [0, 1, 1], range(3))


def test_independent_marks_of_clustered_items_are_seldom_called_together() -> None:
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(400):
        cluster = np.repeat(np.arange(150), np.ceil(rng.lognormal(0.5, 1.0, 150)).astype(int))
        leaning = rng.beta(0.5, 6, (2, 150))  # each user has own rates of both marks
        marks = rng.random((2, len(cluster))) < leaning[:, cluster]
        called += coincidence(marks[0].astype(int), marks[1].astype(int), cluster).p_value <= 0.05

    assert called <= 32  # of 400; 20 expected at most, 33 come once in 200
