import pytest

from foretaste.awareness import Look, Placement


def look(first: float | None, second: float | None, mass: float | None = None) -> Look:
    return Look(transcript="t", placement=Placement.FRESH, first=first, second=second, mass=mass)


def test_a_score_is_the_mean_over_both_orders_and_needs_both() -> None:
    assert look(0.8, 0.4).score == pytest.approx(0.6)
    assert look(0.8, None).score is None
    assert look(None, 0.8).score is None


def test_words_that_differ_by_order_are_split_and_probabilities_are_not() -> None:
    assert look(1.0, 0.0).split
    assert not look(1.0, 1.0).split
    assert not look(0.6, 0.4, mass=0.9).split
