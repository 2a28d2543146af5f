import pytest

from foretaste.report.wording import (
    UNKNOWN,
    between,
    chance,
    list_of,
    of,
    per_100k,
    share,
    sighted,
    signed,
    some,
    tally,
    times,
)


def test_a_missing_number_is_a_word_everywhere() -> None:
    missing = {
        per_100k(None, 0),
        between(None, 0.1, 0),
        between(0.1, None, 0),
        signed(None, 0),
        between(None, None, 0, signed),
        times(None),
        chance(None),
        share(0, 0),
        of(0, 0),
        sighted(None, 0, 0),
        sighted(0.0, 0, 0),
    }

    assert missing == {UNKNOWN}


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0.0, "0"),
        (0.084234, "8,420"),
        (0.999996, "100,000"),
        (1.0, "100,000"),
        (0.00123, "123"),
        (0.000042, "4.2"),
        (0.0000042, "0.42"),
        (1e-9, "below 0.01"),
    ],
)
def test_rates_are_told_per_100_000_with_sensible_digits(rate: float, text: str) -> None:
    assert per_100k(rate, 100) == text


@pytest.mark.parametrize(("seen", "text"), [(99, "12,000"), (100, "12,300")])
def test_a_rate_from_few_sightings_claims_no_third_digit(seen: int, text: str) -> None:
    assert per_100k(0.12345, seen) == text


def test_no_sighting_is_not_a_rate_of_zero() -> None:
    assert sighted(0.0, 0, 50) == "none seen"


def test_a_difference_carries_its_sign() -> None:
    assert [signed(d, 9) for d in (0.01, -0.01, 0.0)] == ["+1,000", "\N{MINUS SIGN}1,000", "0"]


@pytest.mark.parametrize(("p", "text"), [(0.0001, "below 0.001"), (0.0123, "0.012"), (1.0, "1.00")])
def test_a_small_p_value_is_never_zero(p: float, text: str) -> None:
    assert chance(p) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 5, "0 %"), (5, 5, "100 %"), (1, 5000, "under 0.1 %"), (4999, 5000, "over 99.9 %")],
)
def test_a_share_is_all_or_nothing_only_if_it_is(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.001, "below 0.01x"), (0.5, "0.50x"), (1.37, "1.4x"), (21.3, "21x")]
)
def test_a_ratio_is_told_as_times(ratio: float, text: str) -> None:
    assert times(ratio) == text


def test_a_tally_names_the_most_frequent_first() -> None:
    assert tally({"b": 1, "a": 1, "c": 9}) == "c (9); a (1); b (1)"


def test_an_empty_tally_says_none() -> None:
    assert tally({}) == "none"


def test_words_join_as_in_english() -> None:
    assert (list_of(["a"]), list_of(["a", "b", "c"])) == ("a", "a, b and c")


def test_one_thing_is_singular() -> None:
    assert (some(1, "turn"), some(2, "turn")) == ("1 turn", "2 turns")
