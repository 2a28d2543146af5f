import numpy as np
import pytest

from foretaste.records import Message, ToolCall
from foretaste.regions.topics import (
    NOWHERE,
    asked,
    parts_of,
    telling_words,
    topics_of,
    vectors_of,
    words_of,
)
from unit.asked import pairs, words_of_topic
from unit.rows import prefix, said, user


def test_what_is_asked_is_the_last_message_and_a_little_of_the_one_before() -> None:
    talk = (user("a" * 900), said("No."), user("And now?"), said("x"))

    assert asked(prefix(messages=talk)) == "And now?\n" + "a" * 300
    assert asked(prefix(messages=(said("Hello"),))) == ""


def test_words_that_hold_digits_or_that_hardly_anybody_says_are_none() -> None:
    found = words_of(["My order A1234", "my ORDER b77", "my order", "unlike"])

    assert found.columns == ("order",)


def test_topics_are_found_again_and_what_nobody_else_says_has_none() -> None:
    pytest.importorskip("sklearn")
    rows = [each.prefix for each in pairs(1)]
    words = words_of([*(asked(each) for each in rows), "zzz"])
    found = topics_of(vectors_of(words, seed=0), 600, least_users=20, most=40, seed=0)
    first = np.array([any(w in t.messages[0].content for w in words_of_topic(0)) for t in rows])
    inside = found[:-1][first]
    most = np.bincount(inside).argmax()

    assert found[-1] == NOWHERE
    assert np.mean(inside == most) > 0.9
    assert np.mean(first[found[:-1] == most]) > 0.9


def test_too_few_users_have_no_topics() -> None:
    words = words_of(["one two three"] * 5)
    vectors = np.ones((5, 2), dtype=np.float32)

    assert set(topics_of(vectors, 5, least_users=20, most=40, seed=0)) == {NOWHERE}
    assert words.columns


def test_a_word_that_few_users_say_is_in_no_name() -> None:
    texts = ["refund secretname"] * 10 + ["refund"] * 30 + ["weather"] * 60
    people = np.array([0] * 10 + list(range(1, 91)))
    named = telling_words(words_of(texts), np.arange(100) < 40, people, least_users=20)

    assert named == ("refund",)


def test_a_region_without_words_of_its_own_has_no_name() -> None:
    words = words_of(["hello there"] * 60)

    assert telling_words(words, np.arange(60) < 30, np.arange(60), least_users=5) == ()


def test_parts_go_by_language_by_tags_with_few_values_and_by_tools() -> None:
    call = Message(
        role="assistant", content="", tool_calls=(ToolCall(id="1", name="look", arguments="{}"),)
    )
    rows = [
        prefix(
            f"p{n}",
            messages=(user("What is the weather like today?"), *((call,) if n % 2 else ())),
            tags={"tier": "free" if n % 3 else "paid", "case": str(n), "same": "x"},
        )
        for n in range(30)
    ]
    found = {part.name: int(part.inside.sum()) for part in parts_of(rows)}

    assert found == {"tier free": 20, "tier paid": 10, "tools none": 15, "tools offered": 15}
