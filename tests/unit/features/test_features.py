from dataclasses import replace

from foretaste.discoveries import Seen
from foretaste.features import TELLING, marks, seen_in
from foretaste.records import Lane
from unit.lanes import asked, call, pair
from unit.rows import said


def test_a_turn_shows_words_phrases_and_calls() -> None:
    seen = seen_in(asked(), (call("look", "{}"), said("All good. Bye now!")))

    assert {
        Seen("word", "bye"),
        Seen("phrase", "all good"),
        Seen("tool", "look"),
        Seen("closing", "bye now"),
    } <= seen
    assert Seen("phrase", "good bye") not in seen
    assert {each.kind for each in seen} <= set(TELLING)


def test_a_longer_turn_is_told_from_a_shorter_one() -> None:
    before, after = marks(pair("a b c d e", "a b c d e f g h i"))

    longer = Seen("length", "at least a quarter longer than the other turn")
    assert longer in after - before
    assert all(longer not in side for side in marks(pair("a b c d e", "a b c d e f")))


def test_two_equal_turns_show_the_same_even_where_one_is_the_record() -> None:
    text = "It was Anna Hargreaves in 1987."
    prefix = replace(asked(), recorded=(said(text),))
    recorded = marks(pair(text, text, prefix=prefix, first=Lane.RECORDED))
    replayed = marks(pair(text, text, prefix=prefix))

    assert recorded[0] == recorded[1]
    assert Seen("invented", "a number: 1987") in recorded[0]
    assert Seen("invented", "a number: 1987") not in replayed[0] | replayed[1]
