import pytest

from foretaste.stats.search import crossing


def test_the_crossing_is_found_to_the_last_bits() -> None:
    assert crossing(lambda x: x * x >= 2, 0, 2) == pytest.approx(2**0.5, rel=1e-15)


def test_a_condition_that_never_holds_crosses_at_the_upper_end() -> None:
    assert crossing(lambda _: False, 0, 3) == 3


def test_a_condition_that_always_holds_crosses_at_the_lower_end() -> None:
    assert crossing(lambda _: True, 1, 3) == pytest.approx(1)
