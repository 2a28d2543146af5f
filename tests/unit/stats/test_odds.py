import pytest

from foretaste.stats.odds import log_odds


def test_equal_counts_are_even_odds_and_exchanged_lanes_the_other_sign() -> None:
    assert log_odds(12, 12, 100, 0.1) == 0
    assert log_odds(5, 20, 100, 0.1) == pytest.approx(-log_odds(20, 5, 100, 0.1))


def test_of_two_equal_ratios_the_one_with_more_turns_behind_it_is_clearer() -> None:
    assert 0 < log_odds(1, 3, 1000, 0.002) < log_odds(10, 30, 1000, 0.02)


@pytest.mark.parametrize(("before", "usual"), [(-1, 0.1), (101, 0.1), (5, 0.0), (5, 1.0)])
def test_what_is_no_count_or_no_share_is_refused(before: float, usual: float) -> None:
    with pytest.raises(ValueError, match="no odds"):
        log_odds(before, 5, 100, usual)
