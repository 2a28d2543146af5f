from dataclasses import replace

from foretaste.discoveries import Seen
from foretaste.records import Lane
from foretaste.report.differences import (
    also,
    difference_view,
    finding,
    percent,
    points,
    sighting_view,
)
from unit.report.discovered import PASSED, SIGHTING, difference


def test_the_first_lane_stands_first_and_the_feature_is_marked_where_it_was_seen() -> None:
    lanes = Lane.INCUMBENT, Lane.CANDIDATE
    view = sighting_view(SIGHTING, "search results", *lanes)
    turned = sighting_view(replace(SIGHTING, lane=Lane.INCUMBENT), "search results", *lanes)

    assert [side.lane for side in view.sides] == ["incumbent", "candidate"]
    assert [piece.text for piece in view.sides[1].pieces if piece.kind == "mark"] == [
        "Search Results"
    ]
    assert all(piece.kind == "plain" for piece in view.sides[0].pieces)
    assert turned.sides[0].pieces == view.sides[1].pieces


def test_a_word_is_marked_where_it_stands_alone() -> None:
    seen = replace(SIGHTING, quote="The flag was raised; this is it.")
    view = sighting_view(seen, "is", seen.lane)

    assert [piece.text for piece in view.sides[0].pieces] == [
        "The flag was raised; this ",
        "is",
        " it.",
    ]


def test_a_turn_without_words_is_called_so() -> None:
    view = sighting_view(replace(SIGHTING, other=" "), "x", Lane.INCUMBENT, Lane.CANDIDATE)

    assert view.sides[0].note == "(no text)"


def test_a_lane_that_shows_less_is_named_with_a_minus() -> None:
    less = replace(difference(), difference=-0.02, lower=-0.03, upper=-0.01)
    view = difference_view(less, Lane.INCUMBENT, Lane.CANDIDATE)

    assert (view.sign, view.direction) == ("down", "less in candidate")
    assert view.interval == "\N{MINUS SIGN}3.0 to \N{MINUS SIGN}1.0"


def test_with_too_few_users_nothing_could_have_been_found() -> None:
    few = replace(PASSED, users=9, differences=())

    assert finding(few).startswith("Not enough evidence: 9 users are too few")
    assert finding(PASSED).startswith("3 differences at a false discovery rate of 5 %")


def test_features_that_are_folded_are_named_up_to_a_dozen() -> None:
    assert also(()) == ""
    assert also(tuple(Seen("word", f"w{n}") for n in range(14))).endswith("word w11; and 2 more")


def test_shares_are_percents_and_unknown_is_a_word() -> None:
    assert percent(None) == "unknown"
    assert percent(0.0213) == "2.1 %"
    assert points(0.0213) == "+2.1"
    assert points(-0.0213) == "\N{MINUS SIGN}2.1"
